# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common import yaml_file
from services.deidentification.domain.entities import DIRECT, ENTITY_TYPES
from services.deidentification.domain.policy import Policy, PolicyFile, load, own, shipped
from services.deidentification.errors import PolicyError
from services.registry.policies import SHIPPED

START = "name: own\nversion: 1\nentities:\n"


class TestPolicy:
    """Policies are data that is checked before use."""

    def test_two_ship(self) -> None:
        """Both policies that ship can be read and name every entity type that they act on."""
        assert shipped() == ("research-default", "safe-harbor")
        assert load("research-default").covered == frozenset(ENTITY_TYPES)
        assert load("safe-harbor").covered == frozenset(ENTITY_TYPES) - {"NRP", "OCCUPATION"}

    def test_unknown_type_is_refused_with_the_known_ones(self) -> None:
        """An unknown entity type is refused, and the message lists what there is."""
        with pytest.raises(PolicyError) as caught:
            Policy.parse(START + "  PERSONN: mask\n")
        assert "PERSONN" in caught.value.message
        assert all(name in caught.value.message for name in ENTITY_TYPES)

    @pytest.mark.parametrize(
        ("body", "word"),
        [
            ("  PERSON: delete\n", "PERSON"),
            ("  PERSON: generalise\n", "cannot be generalised"),
            ("  AGE: {operator: generalise, to: year}\n", "band"),
            ("  AGE: {operator: tag, threshold: 2}\n", "threshold"),
            ("  - PERSON\n", "entities"),
        ],
    )
    def test_faults_are_named(self, body: str, word: str) -> None:
        """What is wrong is said by field."""
        with pytest.raises(PolicyError, match=word):
            Policy.parse(START + body)

    @given(st.one_of(st.text(), st.binary()))
    def test_garbage_is_refused(self, text: str | bytes) -> None:
        """Anything but a policy raises PolicyError and nothing else."""
        with pytest.raises(PolicyError):
            Policy.parse(text)

    @pytest.mark.parametrize("value", ["2020-99-99", "no", "012", "12:30", "2020-01-01"])
    def test_texts_are_read_as_written(self, value: str) -> None:
        """What YAML makes a day, a truth value or a number of is a text where a text belongs."""
        text = f"name: own\nversion: 1\ndescription: {value}\nentities: {{}}\n"
        assert PolicyFile.model_validate(yaml_file.read(text).content).description == value

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ("threshold: yes\nentities: {}\n", "line 3: field threshold: "),
            ("threshold: 0.4\nthreshold: 0.9\n", "line 4: field threshold is there again"),
            (
                "entities:\n  PERSON: pseudonym\n  PERSON: keep\n",
                "line 5: field PERSON is there again",
            ),
            ("entities: {}\ntreshold: 0.9\n", "line 4: field treshold is not a field"),
            (f"entities: {{}}\nthreshold: {'9' * 5000}\n", "line 4: field threshold: "),
        ],
    )
    def test_slips_are_told_by_line(self, body: str, told: str) -> None:
        """A rule that is there twice does not lose to its twin in silence."""
        with pytest.raises(PolicyError) as caught:
            Policy.parse(f"name: own\nversion: 1\n{body}")
        assert told in caught.value.message

    def test_digest_follows_content(self) -> None:
        """White space does not change the digest, a rule does."""
        one = Policy.parse(START + "  PERSON: mask\n")
        assert one.digest == Policy.parse(START + "  PERSON:   {operator: mask}\n").digest
        assert one.digest != Policy.parse(START + "  PERSON: tag\n").digest

    def test_unnamed_types_get_the_default(self) -> None:
        """What a policy forgets is tagged, not kept."""
        assert Policy.parse(START + "  PERSON: keep\n").rule("PHONE_NUMBER").operator == "tag"


class TestFloor:
    """What a policy may do by itself, and what needs a compliance officer's word."""

    @pytest.mark.parametrize("name", shipped())
    def test_shipped_policies_are_above_it(self, name: str) -> None:
        """Nobody needs to countersign what ships."""
        assert load(name).below_floor == ()

    def test_a_policy_that_says_little_is_above_it(self) -> None:
        """What is not named is tagged, so that a study's own policy begins on the safe side."""
        assert Policy.parse("name: own\nversion: 1\nentities: {}\n").below_floor == ()

    @pytest.mark.parametrize("name", sorted(DIRECT))
    def test_no_direct_identifier_is_kept_or_found_late(self, name: str) -> None:
        """Keeping one, by itself or by the default, or asking for a high score, is below it."""
        kept = Policy.parse(f"{START}  {name}: keep\n")
        late = Policy.parse(f"{START}  {name}: {{operator: tag, threshold: 0.9}}\n")

        assert kept.below_floor == (f"{name}: keep",)
        assert late.below_floor == (f"{name}: from a score of 0.9 on, and not of 0.5",)

    def test_defaults_count_for_all_types(self) -> None:
        """A default of keep, or a threshold that nothing reaches, is below it for each type."""
        kept = Policy.parse("name: own\nversion: 1\ndefault: keep\nentities: {PERSON: tag}\n")
        late = Policy.parse("name: own\nversion: 1\nthreshold: 1\nentities: {}\n")

        assert {line.partition(":")[0] for line in kept.below_floor} == {
            *DIRECT - {"PERSON"},
            "every type that it does not name",
        }
        assert {line.partition(":")[0] for line in late.below_floor} == DIRECT

    def test_coarsening_is_for_levels_that_name_nobody(self) -> None:
        """An address may become its state, as in Safe Harbor; quasi-identifiers may be kept."""
        policy = Policy.parse(
            START + "  ADDRESS: generalise\n  LOCATION: keep\n  NRP: keep\n  AGE: generalise\n"
        )

        assert policy.below_floor == ()

    def test_a_rule_that_approves_more_than_shipped_ones(self) -> None:
        """A policy whose rule approves whatever it left is no person's approval."""
        policy = Policy.parse(
            "name: own\nversion: 1\nentities: {}\nreview: {automatic_below: 1.0}\n"
        )

        assert policy.below_floor == (
            "approved by rule: below a residual risk of 1, and not of 0.05",
        )

    @pytest.mark.parametrize(
        ("knob", "lines"), [("doubtful_below", 0), ("word_probability_below", 1)]
    )
    def test_a_policy_that_doubts_less_than_shipped_ones(self, knob: str, lines: int) -> None:
        """A word that is not doubted adds no risk, so that a rule would approve what a person must
        see; which replacements may be restored adds none in any case.
        """
        less, more = (
            Policy.parse(f"name: own\nversion: 1\nentities: {{}}\nreview: {{{knob}: {below}}}\n")
            for below in (0.1, 0.9)
        )

        assert len(less.below_floor) == lines
        assert more.below_floor == ()


class TestOwn:
    @pytest.mark.parametrize("taken", shipped())
    def test_names_of_shipped_policies_are_taken(self, taken: str) -> None:
        """Neither the study's word nor the text's own may be the name of another policy."""
        text = f"name: {taken}\nversion: 9\nentities: {{}}\n"

        with pytest.raises(PolicyError, match=f"{taken} is the name of a policy that ships"):
            own("mine", text)
        with pytest.raises(PolicyError, match=f"{taken} is the name of a policy that ships"):
            own(taken, "name: mine\nversion: 1\nentities: {}\n")

    def test_list_is_what_ships(self) -> None:
        """Every policy file of ours is on the list of taken names."""
        folder = resources.files("services.deidentification") / "policies"

        assert sorted(f"{name}.yaml" for name in SHIPPED) == sorted(
            path.name for path in folder.iterdir() if path.name.endswith(".yaml")
        )
