# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest

from services.audit_client import verifying
from services.audit_evidence import checkpoint, entry, note, scan, verify
from services.console.web import change_words, code_words, language
from services.console.web.language import speaking, texts
from services.console.web.report_words import fact, listed, words
from services.deidentification.domain.entities import ENTITY_TYPES, EVERY_OPERATOR
from services.deidentification.domain.policy import Policy
from services.recordings_client import redo
from services.registry import attributes, identities
from services.registry.events import EVENTS
from services.registry.export_formats import ExportFormat, Style
from services.registry.left_out import LEFT_OUT, told
from services.registry.notations import Notation
from services.registry.reading_warnings import READING_WARNINGS, sentence
from services.studies.study_changes import changes
from services.studies.study_file import AudioMode, MemberRole, ReviewMode
from sotto.study.v1 import study_pb2

ROOT = Path(__file__).resolve().parents[3]
#: Codes of each kind, from the registries, enums and tables that they are of.
KNOWN: Mapping[str, set[str]] = {
    "entity type": set(ENTITY_TYPES),
    "operator": set(EVERY_OPERATOR),
    "role": {*identities.PEOPLE, identities.FLOW, *MemberRole},
    "speaker": {"interviewer", "participant"},
    "review": set(ReviewMode),
    "notation": set(Notation),
    "sound": set(AudioMode),
    "finding": set(attributes.FINDINGS),
    "format": set(ExportFormat),
    "style": set(Style),
}
_STAGES = attributes.KEYS["stage"][0]
#: Every word that is not there yet, in any place of an English text.
_SAMPLE = "7"


def sentences(*of: ModuleType | Callable[..., object]) -> Iterator[str]:
    """Yield each text of several words in code, with 7 for what is put into it."""
    for one in of:
        tree = ast.parse(inspect.getsource(one).lstrip())
        nested = {id(inner) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
                  for inner in node.values}  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr):  # a docstring
                nested.add(id(node.value))
            if id(node) in nested:
                continue
            text = _text(node)
            if re.search(r"[a-z]{2,} [a-z]{2,}", text):
                yield text


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(one) or _SAMPLE for one in node.values)
    return ""


def is_malay(text: str) -> bool:
    """Return whether words of ours are said otherwise in Malay."""
    with speaking("ms"):
        return words(text) != text


class TestCodes:
    @pytest.mark.parametrize("kind", sorted(KNOWN))
    def test_every_code_has_a_word(self, kind: str) -> None:
        """No page shows a bare code where people read."""
        assert set(map(str, code_words.TABLES[kind])) == set(map(str, KNOWN[kind]))

    def test_every_purpose_has_a_word(self) -> None:
        """Whatever calls are made for, wherever that is said."""
        found = set()
        for path in (*ROOT.glob("services/**/*.py"), *ROOT.glob("flows/**/*.py")):
            source = path.read_text("utf-8")
            found |= set(re.findall(r'purpose="([a-z-]+)"', source))
            found |= set(re.findall(r'calling\([A-Z_]+, "([a-z-]+)"\)', source))
        assert found == set(code_words.PURPOSES)

    def test_every_stage_has_a_word(self) -> None:
        """Those that the log tells of, and the rule of review as lists call it."""
        assert set(_STAGES.removesuffix(")?").strip("(?:)").split("|")) <= set(code_words.STAGES)

    def test_every_word_is_said_in_malay(self) -> None:
        """A word of a table has its Malay, as any text of a page."""
        said = {one for table in code_words.TABLES.values() for one in table.values()}
        assert said - set(texts("ms")) == set()

    def test_an_unknown_code_stands_for_itself(self) -> None:
        """An object of a later version is shown all the same."""
        assert code_words.word("TATTOO", "entity type") == "TATTOO"
        assert code_words.form("odt") == "odt"
        assert code_words.form("txt-readable") == "Plain text: without fillers and repetitions"


class TestLog:
    def test_every_attribute_and_event_is_said_in_malay(self) -> None:
        """What an entry says besides, and what its event means."""
        meanings = {meaning for _, meaning in (*attributes.KEYS.values(),
                                               *attributes.FAMILIES.values())}  # fmt: skip
        events = {event.meaning.removesuffix(".") for event in EVENTS.values()}
        assert sorted((meanings | events) - set(texts("ms"))) == []

    def test_every_finding_of_verification(self) -> None:
        """What was checked, what was not, and whatever may be wrong with an entry or the whole."""
        alone = [*sentences(verifying._checked, verifying._left_out)]
        alone += sentences(checkpoint.Checkpoint, note.parse_note, note.open_note)
        alone += sentences(note._parse_line, note.cosignature_time)
        alone += [*sentences(entry.ReportedEvent, entry.decode, entry.parse_time)]
        of_whole = [*sentences(verify.verify, verify._open_all, verify._check_origin)]
        of_whole += sentences(verify._compare_clock, verify._compare_checkpoints)
        of_entries = [f"entry 7 {one}" for one in sentences(scan.Scanner)]
        of_entries += [f"entry 7 {one}" for one in sentences(verify._walk)]
        either = [*sentences(verify._compare_tile)]
        missing = [one for one in (*alone, *of_whole, *of_entries) if not is_malay(one)]
        missing += [one for one in either if not (is_malay(one) or is_malay(f"entry 7 {one}"))]
        assert missing == []


class TestUploads:
    @pytest.mark.parametrize("kind", sorted(READING_WARNINGS))
    @pytest.mark.parametrize("count", [1, 3])
    def test_every_warning_is_said_in_malay(self, kind: str, count: int) -> None:
        """Of one, and of several."""
        assert is_malay(sentence(kind, count, 12))

    def test_what_a_warning_is_about(self) -> None:
        """Other interviews, and other files of the same command."""
        with speaking("ms"):
            assert listed("P07 session 2, P08") == "P07 temu bual 2, P08"
            assert listed("P07 session 1: rec-a, file 3 of these") == (
                "P07 temu bual 1: rec-a, fail 3 antara ini"
            )

    def test_what_is_in_a_file(self) -> None:
        """Form, turns, speakers, and each kind of what was left out."""
        left = f"left out 7 words: {told(dict.fromkeys(LEFT_OUT, 2))}"
        with speaking("ms"):
            assert not [one for one in LEFT_OUT.values() if f"{one} (2)" in fact(left)]
            assert fact("2 speakers: S1 interviewer 31 % in 40 turns; S2 69 % in 41 turns") == (
                "2 penutur: S1 penemu bual 31 % dalam 40 giliran; S2 69 % dalam 41 giliran"
            )
            assert fact("1 turn, 100 % with times") == "1 giliran, 100 % bermasa"
            assert fact("a recording (of a form that is not known)") == (
                "sebuah rakaman (bentuknya tidak diketahui)"
            )
            assert fact("2 min 05 s, one channel") == "2 min 05 s, satu saluran"


class TestStudies:
    def test_every_change_is_said_in_malay(self) -> None:
        """Each field of a study by its name on the page, and its values too."""
        before = study_pb2.Study(
            id="s", title="a", review=1, participants=["P01"], languages=["en"]
        )
        before.members.add(person="siti", roles=[study_pb2.MEMBER_ROLE_REVIEWER])
        after = study_pb2.Study(
            id="s", title="b", review=2, policy="strict", policy_document="x", audio=1, notation=1,
            keep_recordings_days=30, disguise_voices=True, roster_hotwords=True, speakers=2,
            mark_doubtful_words=True, copies_until="2028-12-31", release_terms="t",
            participants=["P02"], languages=["ms"],
        )  # fmt: skip
        after.quality.sample = 5
        found = changes(before, after)
        with speaking("ms"):
            said = [change_words.change(one.text) for one in found]
        assert [one.text for one, told in zip(found, said, strict=True) if one.text == told] == []
        english = re.compile(
            r"\b(none|yes|no|for ever|not said|required|automatic|reviewer|drawn)\b"
        )
        assert [one for one in said if english.search(one)] == []
        assert "Members: siti: reviewer → none" in map(
            change_words.change, (one.text for one in found)
        )

    def test_what_a_policy_keeps(self) -> None:
        """Every line of a policy that keeps all, the kinds in words and as its file has them."""
        loose = Policy.parse(
            "name: loose\nversion: 1\ndefault: keep\nentities:\n"
            + "".join(f"  {one}: {{operator: keep}}\n" for one in ENTITY_TYPES)
        )
        with speaking("ms"):
            said = [change_words.kept(one) for one in loose.below_floor]
            assert "nama orang (PERSON): dibiarkan seperti asal" in said
            assert [one for one in said if "keep" in one] == []

    def test_why_a_recording_is_due(self) -> None:
        """What differs by its name; a sentence where nothing that is named does."""
        reasons = [*sentences(redo._reasons)]
        assert [one for one in reasons if not is_malay(one)] == []
        assert change_words.due("model: base -> small") == ("speech model", "base", "small")


def test_words_of_tables_fit_english_too() -> None:
    """In English every word of a table differs from its code, but for those that are plain."""
    plain = {"reviewer", "researcher", "interviewer", "participant", "research", "transcription"}
    plain |= {"languages", "settings"}
    for table in code_words.TABLES.values():
        assert {code for code, said in table.items() if code == said} <= plain
    assert language.current() == language.ENGLISH
