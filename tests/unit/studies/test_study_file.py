# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.studies import study_file
from sotto.study.v1 import study_pb2

SECRET = "Puan Halimah"
GOOD = {
    "id": "peer-2026",
    "title": "What recovery means",
    "languages": ["en", "ms"],
    "policy": "research-default",
    "participants": ["P07", "P08"],
}
in_a_folder = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _write(folder: Path, content: bytes | str | object) -> Path:
    path = folder / "study.yaml"
    if not isinstance(content, bytes | str):
        content = yaml.safe_dump(content, allow_unicode=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _fault(folder: Path, content: bytes | str | object) -> str:
    with pytest.raises(InvalidInput) as caught:
        study_file.read(_write(folder, content))
    message = caught.value.message
    assert "\n" not in message
    return message.replace(str(folder), "")


class TestGoodFile:
    def test_is_read(self, tmp_path: Path) -> None:
        """A file that follows the example gives the study; review is required by default."""
        study, policy = study_file.read(_write(tmp_path, GOOD))

        assert study.id == "peer-2026"
        assert study.participants == ("P07", "P08")
        assert study.review == "required"
        assert policy == ""

    def test_hotwords_only_where_asked_for(self, tmp_path: Path) -> None:
        """Names prime the speech recogniser only where the study says so."""
        for more, wanted in (({}, False), ({"roster_hotwords": True}, True)):
            study, _ = study_file.read(_write(tmp_path, {**GOOD, **more}))
            assert study_file.to_message(study, "").roster_hotwords is wanted

    def test_sound_only_where_asked_for(self, tmp_path: Path) -> None:
        """Releases hold sound, and deeper voices, only where the study says so."""
        none, bleeped, muted = (
            study_pb2.AUDIO_MODE_UNSPECIFIED,
            study_pb2.AUDIO_MODE_BLEEPED,
            study_pb2.AUDIO_MODE_MUTED,
        )
        for more, wanted in (
            ({}, (none, False)),
            ({"audio": "none"}, (none, False)),
            ({"audio": "bleeped"}, (bleeped, False)),
            ({"audio": "muted", "disguise_voices": True}, (muted, True)),
        ):
            study, _ = study_file.read(_write(tmp_path, {**GOOD, **more}))
            message = study_file.to_message(study, "")
            assert (message.audio, message.disguise_voices) == wanted

    def test_words_are_read_as_written(self, tmp_path: Path) -> None:
        """No code becomes an octal number, no language a truth value, no title a day."""
        text = (
            "id: 2026-01\ntitle: 2026-01-02\nlanguages: [no, en]\npolicy: research-default\n"
            "participants: [007, 012, 1E3, ON]\nkeep_recordings_days: 030\nroster_hotwords: yes\n"
            "roster:\n  people: [{name: 12:30, also: [~x, nan]}]\n"
        )
        study, _ = study_file.read(_write(tmp_path, text))

        assert (study.id, study.title, study.languages) == ("2026-01", "2026-01-02", ("no", "en"))
        assert study.participants == ("007", "012", "1E3", "ON")
        assert (study.keep_recordings_days, study.roster_hotwords) == (30, True)
        assert study.roster is not None
        assert study.roster.people[0].name == "12:30"

    def test_members_travel_with_the_study(self, tmp_path: Path) -> None:
        """Services know each member by account name and roles."""
        members = [
            {"person": "siti", "roles": ["reviewer", "researcher"]},
            {"person": "tan@hospital", "roles": ["researcher"]},
        ]
        study, _ = study_file.read(_write(tmp_path, {**GOOD, "members": members}))

        assert list(study_file.to_message(study, "").members) == [
            study_pb2.Member(
                person="siti",
                roles=[study_pb2.MEMBER_ROLE_REVIEWER, study_pb2.MEMBER_ROLE_RESEARCHER],
            ),
            study_pb2.Member(person="tan@hospital", roles=[study_pb2.MEMBER_ROLE_RESEARCHER]),
        ]

    def test_every_role_of_the_contract_can_be_written(self) -> None:
        """The file and the contract know the same roles."""
        named = {f"MEMBER_ROLE_{role.name}" for role in study_file.MemberRole}

        assert named == set(study_pb2.MemberRole.keys()) - {"MEMBER_ROLE_UNSPECIFIED"}

    def test_shipped_example_is_good(self) -> None:
        """The example that ships is read as it stands."""
        path = Path(__file__).resolve().parents[3] / "infra" / "study.example.yaml"

        study, _policy = study_file.read(path)
        assert study.participants

    def test_byte_order_mark_is_no_fault(self, tmp_path: Path) -> None:
        """An editor that begins files with a mark does no harm."""
        study, _ = study_file.read(
            _write(tmp_path, b"\xef\xbb\xbf" + yaml.safe_dump(GOOD).encode())
        )

        assert study.id == "peer-2026"

    def test_own_policy_is_read_beside_it(self, tmp_path: Path) -> None:
        """A policy file is found beside the study's file, and named after its own name."""
        (tmp_path / "Strict.yaml").write_text("entities: {}\n", "utf-8")
        study, policy = study_file.read(_write(tmp_path, {**GOOD, "policy": "Strict.yaml"}))

        assert policy == "entities: {}\n"
        assert study_file.to_message(study, policy).policy == "strict"
        assert study_file.to_message(study, policy).policy_document == policy

    def test_roster_travels_apart(self, tmp_path: Path) -> None:
        """Names that the study knows are in the roster's document and nowhere else."""
        roster = {"people": [{"name": SECRET, "role": "nurse"}], "places": [{"name": "Klinik X"}]}
        study, _ = study_file.read(_write(tmp_path, {**GOOD, "roster": roster}))

        assert SECRET not in str(study_file.to_message(study, ""))
        document = json.loads(study_file.roster_document(study))
        assert document["people"][0]["name"] == SECRET
        assert document["places"][0]["kind"] == "place"

    def test_no_roster_is_no_document(self, tmp_path: Path) -> None:
        """A study without a roster leaves the one that is sealed alone."""
        study, _ = study_file.read(_write(tmp_path, GOOD))

        assert study_file.roster_document(study) == b""


def test_a_list_that_stands_twice_is_refused_with_both_lines() -> None:
    """A second list of participants does not replace the first in silence."""
    path = Path(__file__).parents[2] / "data/field/c01-duplicate-keys.yaml"
    with pytest.raises(InvalidInput, match=r"line 7: field participants .* after line 6"):
        study_file.read(path)


class TestBrokenFile:
    @pytest.mark.parametrize("name", sorted(GOOD))
    def test_missing_field_is_named(self, tmp_path: Path, name: str) -> None:
        """A field that is missing is named."""
        rest = {key: value for key, value in GOOD.items() if key != name}

        assert f"field {name} is missing" in _fault(tmp_path, rest)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"id": SECRET}, "field id: "),
            ({"id": 7}, "field id: "),
            ({"id": "a"}, "field id: "),
            ({"title": ""}, "field title: "),
            ({"title": SECRET * 40}, "field title: "),
            ({"languages": []}, "field languages: "),
            ({"languages": SECRET}, "field languages: "),
            ({"policy": None}, "field policy: "),
            ({"review": SECRET}, "field review: "),
            ({"audio": SECRET}, "field audio: "),
            ({"disguise_voices": True}, "field disguise_voices: it needs sound"),
            ({"participants": [SECRET]}, "field participants: "),
            ({"participants": ["P07", "P07"]}, "field participants: "),
            ({"participants": ["p07"]}, "field participants: "),
            ({"participants": {}}, "field participants: "),
            ({"participants": [["P07"]]}, "field participants.0: "),
            ({"members": {}}, "field members: "),
            ({"members": [{"person": SECRET, "roles": ["reviewer"]}]}, "field members.0.person: "),
            ({"members": [{"person": "siti", "roles": [SECRET]}]}, "field members.0.roles.0: "),
            ({"members": [{"person": "siti", "roles": []}]}, "field members.0.roles: "),
            ({"members": [{"person": "siti"}]}, "field members.0.roles is missing"),
            (
                {"members": [{"person": "siti", "roles": ["reviewer", "reviewer"]}]},
                "field members.0.roles: a role is listed twice",
            ),
            (
                {
                    "members": [
                        {"person": "siti", "roles": [one]} for one in ("reviewer", "researcher")
                    ]
                },
                "field members: a person is listed twice",
            ),
            ({"roster": [SECRET]}, "field roster: "),
            ({"roster": {"people": [{"name": ""}]}}, "field roster.people.0.name: "),
            ({"roster": {"people": [SECRET]}}, "field roster.people.0: "),
            (
                {"roster": {"places": [{"name": "x", "kind": SECRET}]}},
                "field roster.places.0.kind: ",
            ),
            ({"languages": ["english"]}, "such as en or ms"),
            ({"partcipants": ["P07"]}, "is it meant to be participants?"),
            ({"roster": {"people": [{"nam": SECRET}]}}, "field roster.people.0.name is missing"),
        ],
    )
    def test_wrong_field_is_named_without_its_value(
        self, tmp_path: Path, changes: dict[str, Any], field: str
    ) -> None:
        """A field that cannot be used is named; its value is not shown."""
        message = _fault(tmp_path, {**GOOD, **changes})

        assert field in message
        assert SECRET not in message

    @pytest.mark.parametrize(
        "content", [{**GOOD, SECRET: 1}, {**GOOD, "roster": {"people": [{"name": "x", SECRET: 1}]}}]
    )
    def test_name_in_the_place_of_a_field_is_not_shown(
        self, tmp_path: Path, content: object
    ) -> None:
        """Somebody's name where a field's belongs is content too."""
        message = _fault(tmp_path, content)

        assert SECRET not in message
        assert "? is not a field of this format" in message

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "- a\n- b\n",
            "just text",
            "id: [",
            "id: 'x",
            "\tid: x",
            "id: &a [*a]\n",
            "id: !!python/object/apply:os.system [ls]\n",
            "id: !wrong x\n",
            "? [a]\n: b\n",
            "? {a: b}\n: c\n",
            "id: 2020-99-99\n",
            "id: 2020-01-01T99:99:99Z\n",
            "id: 0x\n",
            "id: 0b2\n",
            "id: 0x_\n",
            "id: 1" + "0" * 5000 + "\n",
            "[" * 3000,
            "{a: " * 3000,
            "a:\n" + "".join(" " * depth + "- \n" for depth in range(1, 900)),
            "1: 2\n",
            "null: 2\n",
            "1.5: 2\n2020-01-01: 3\n",
            'id: "\\ud800"\n',
            '"\\ud800": 1\n',
            "<<: 1\n",
            "<<: [1]\n",
            "id: x\n---\nid: y\n",
            "\x00",
            "%YAML 9.9\n---\na: b\n",
        ],
    )
    def test_broken_yaml(self, tmp_path: Path, text: str) -> None:
        """Whatever YAML can be wrong about is bad input, told in one line."""
        _fault(tmp_path, text)

    def test_place_of_a_slip_is_told(self, tmp_path: Path) -> None:
        """A slip in YAML is told by its line."""
        assert "line 4: this is not YAML" in _fault(
            tmp_path, "id: x\ntitle: y\nlanguages: [en\npolicy: x\n"
        )

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            (
                "id: s1\nreview: required\nreview: automatic\n",
                "line 3: field review is there again",
            ),
            ("roster:\n  people:\n  - {name: x, name: y}\n", "line 3: field name is there again"),
            ("id: s1\nretention_days: 30\n", "line 2: field retention_days is not a field"),
            (
                "title: t\nid: s1\nkeep_recordings_days: 12:30\n",
                "line 3: field keep_recordings_days",
            ),
            ("id: s1\n\nroster_hotwords: maybe\n", "line 3: field roster_hotwords: "),
            ("id: s1\nkeep_recordings_days: !!int 012\n", "line 2: a tag"),
            ("id: s1\nparticipants: [P01,\n  p02]\n", "line 2: field participants: "),
            (f"id: s1\n{SECRET}: 1\n{SECRET}: 2\n", "line 3: a field is there again, after line 2"),
        ],
    )
    def test_slips_are_told_by_line(self, tmp_path: Path, text: str, told: str) -> None:
        """What YAML would take in silence, or turn into something else, is told with its line."""
        message = _fault(tmp_path, text)

        assert told in message
        assert SECRET not in message

    def test_not_text(self, tmp_path: Path) -> None:
        """A file that is no UTF-8, such as a Word document, is told as that."""
        assert "not UTF-8" in _fault(tmp_path, b"PK\x03\x04\xff\xfe")

    def test_missing(self, tmp_path: Path) -> None:
        """A file that is not there is told as that."""
        with pytest.raises(InvalidInput, match="cannot be read"):
            study_file.read(tmp_path / "none.yaml")
        with pytest.raises(InvalidInput, match="cannot be read"):
            study_file.read(tmp_path)

    def test_too_large(self) -> None:
        """A file far too large to be a description is not read to its end."""
        with pytest.raises(InvalidInput, match="4 MiB"):
            study_file.read(Path("/dev/zero"))

    @pytest.mark.parametrize(
        ("policy", "named"),
        [
            ("research_default", "research-default, safe-harbor"),
            ("Safe-Harbour", "safe-harbor, research-default"),
            (SECRET, "research-default, safe-harbor"),
        ],
    )
    def test_unknown_policy(self, tmp_path: Path, policy: str, named: str) -> None:
        """A name that no policy has is told with those that ship, the nearest first."""
        message = _fault(tmp_path, {**GOOD, "policy": policy})

        assert f"policy: there is no such policy; those that ship are {named}, " in message
        assert SECRET not in message

    @pytest.mark.parametrize("policy", ["gone.yaml", "a\x00b.yaml", "x" * 250 + ".yaml", "..yaml"])
    def test_policy_file_that_cannot_be_read(self, tmp_path: Path, policy: str) -> None:
        """A policy file that is not there, or has an impossible name, is bad input."""
        text = yaml.safe_dump({**GOOD, "policy": policy})

        assert "policy" in _fault(tmp_path, text)

    def test_references_do_not_multiply(self, tmp_path: Path) -> None:
        """A small file cannot be made to stand for a huge one."""
        names = ", ".join(["x"] * 200)
        people = ", ".join(["*p"] * 200)
        text = yaml.safe_dump(GOOD) + (
            f"roster:\n  people: [&p {{name: x, also: [{names}]}}, {people}]\n"
        )

        assert "line 11: a reference" in _fault(tmp_path, text)


# What YAML can hold, with the names of our fields among the keys.
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.dates(),
    st.datetimes(), st.binary(max_size=6),
    st.sampled_from(["P07", "en", "peer-2026", "x.yaml", "required", "place"]),
)  # fmt: skip
keys = st.one_of(
    st.sampled_from([
        *GOOD, "review", "roster", "people", "places", "name", "also", "kind",
        "members", "person", "roles",
    ]),
    st.text(max_size=6), st.integers(), st.none(),
)  # fmt: skip
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=20,
)
nearly_good = st.fixed_dictionaries(
    {key: st.just(value) | documents for key, value in GOOD.items()},
    optional={"review": documents, "roster": documents, "members": documents},
)


class TestAnything:
    @given(content=st.binary(max_size=200))
    @example(content=b"\xff")
    @in_a_folder
    def test_any_bytes(self, tmp_path: Path, content: bytes) -> None:
        """Any bytes are a study or bad input; nothing else happens."""
        _read(tmp_path, content)

    @given(
        text=st.lists(
            st.sampled_from(
                ["id", ":", " ", "\n", "- ", "[", "]", "{", "}", "&a", "*a", "!!int ", "|", ">",
                 '"', "'", "#", "<<", "?", "%", "0x", "1e9", "2020-01-01", "~", ",", "\t", "\\u"]
            ),
            max_size=40,
        ).map("".join)
    )  # fmt: skip
    @in_a_folder
    def test_any_pieces_of_yaml(self, tmp_path: Path, text: str) -> None:
        """Whatever the signs of YAML are put together to is a study or bad input."""
        _read(tmp_path, text.encode())

    @given(content=documents | nearly_good)
    @in_a_folder
    def test_any_document(self, tmp_path: Path, content: object) -> None:
        """Any document that YAML can hold is a study or bad input, and good ones can be sent."""
        _read(tmp_path, yaml.safe_dump(content).encode())


def _read(folder: Path, content: bytes) -> None:
    try:
        study, policy = study_file.read(_write(folder, content))
    except InvalidInput as error:
        assert "\n" not in error.message  # noqa: PT017 - most examples end here
        return
    study_file.to_message(study, policy)
    study_file.roster_document(study)


class TestQuality:
    """The gate of a study, as its file says it."""

    def test_is_absent_where_the_file_says_nothing(self, tmp_path: Path) -> None:
        """What is approved is released, as before."""
        assert not _quality(tmp_path, "").HasField("quality")

    def test_takes_a_bound_or_a_size(self, tmp_path: Path) -> None:
        """With the rest by default; exactly one of both."""
        gate = _quality(tmp_path, "quality: {bound: 0.01}").quality
        assert (gate.bound, gate.sample, gate.alpha) == (0.01, 0, 0.05)
        assert (gate.planted, gate.other_signer) == (10, True)
        assert _quality(tmp_path, "quality: {sample: 300}").quality.sample == 300
        for wrong in ("quality: {}", "quality: {bound: 0.01, sample: 300}", "quality: {bound: 2}"):
            with pytest.raises(InvalidInput, match="quality"):
                _quality(tmp_path, wrong)


def _quality(folder: Path, line: str) -> study_pb2.Study:
    path = folder / "study.yaml"
    path.write_text(
        "id: s1\ntitle: t\nlanguages: [en]\npolicy: research-default\nparticipants: [P01]\n" + line
    )
    return study_file.to_message(*study_file.read(path))
