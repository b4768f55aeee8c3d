# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import importlib
import pkgutil
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from google.protobuf import descriptor_pool

from buf.validate import validate_pb2
from services.audit.domain import known
from services.common import membership, validation
from services.console.domain.review_keys import COMMANDS
from services.console.errors import Worded
from services.console.web import faults, language, refusals
from services.registry import ids
from services.registry.access import ALLOWED
from services.registry.identities import PEOPLE
from services.registry.left_out import LEFT_OUT, told
from services.registry.reveals import RevealState
from services.registry.session_limits import STEP_UP
from services.release.domain.quality.judging import RoundState
from services.release_client import clips
from services.transcription.adapters.importing import forms
from tests.support.refusals import Refusal, shape_of, texts_given
from tests.support.refusals import refusals as refusals_of_code

CONSOLE = language.FOLDER.parent
HOLE = re.compile(r"(?<!\{)\{[A-Za-z_0-9]*\}")
FOLDER = language.FOLDER / "ms" / "refusals"
FIELD_RULES: Any = validate_pb2.field
#: Kinds of errors that no page shows, and why.
KINDS = {
    "WrongUse": "a setting or a command, told before there is a page",
    "ContractViolation": "a store, tested before its service starts",
    "NoZoneKey": "a store, tested before its service starts",
    "KeyUnusable": "a key file of the machine, read before a service starts",
}
#: Files and folders whose refusals no page can bring about, and why.
PLACES = {
    "singling_out/": "a command alone",
    "audit/cli/": "a command alone",
    "console/cli": "a command alone",
    "console/domain/accounts": "a command alone: no page makes accounts",
    "deidentification/cli": "a command alone",
    "deidentification/gold": "a command alone",
    "storage/cli": "a command alone",
    "transcription/cli": "a command alone",
    "transcription/evaluation/": "a command alone",
    "transcription/adapters/bundles": "a command alone: models are carried by hand",
    "transcription/adapters/models": "a command alone: models are added by hand",
    "transcription/adapters/known_models": "a command alone: models are fetched by name",
    "transcription/adapters/pulling": "a command alone: models are fetched by name",
    "intake/batch": "a command alone: a page brings in one file",
    "intake/entry_list": "a command alone: lists of files",
    "intake/name_pattern": "a command alone: names of files",
    "intake/planning": "a command alone: many files",
    "intake/source_files": "a command alone: files of the machine",
    "intake/sources": "a command alone: files of the machine",
    "release/adapters/release_folder": "a command alone: a folder that was exported",
    "release/domain/verification": "a command alone: a folder that was exported",
    "audit/adapters/renewal": "a command alone: a new log",
    "audit/adapters/sources": "a command alone: files of a log",
    "audit/adapters/tiles_source": "a command alone: files of a log",
    "audit/domain/tiles": "read by the command that verifies files",
    "audit/adapters/key_files": "read before the service starts",
    "audit/adapters/checkpoint_file": "read before the service starts",
    "audit/adapters/s3_anchor": "read before the service starts",
    "audit/log_opening": "read before the service starts",
    "audit/adapters/witness": "between the log and a witness, by schedule",
    "audit/domain/witness": "between the log and a witness, by schedule",
    "audit/handlers/schedule": "called by schedule alone",
    "audit/handlers/upkeep": "called by the command that notes a backup",
    "audit/domain/intents": "told to a service that appends, which says that the log is away",
    "audit/domain/ownership": "told to a service that appends, which says that the log is away",
    "audit_evidence/attributes": "told to a service that appends",
    "audit_evidence/entry": "findings of verification, which have words of their own",
    "audit_evidence/merkle": "findings of verification, which have words of their own",
    "audit_evidence/proof_file": "read by the command that verifies a proof",
    "common/certificate_authority": "a command alone: certificates",
    "common/client_session": "a command alone: its certificate",
    "common/health": "asked by probes",
    "common/identity": "read before a process starts",
    "common/installation": "told before a process starts",
    "common/instances": "told before a process starts",
    "common/settings": "told before a process starts",
    "common/supervisor": "a command alone: it starts the processes",
    "common/sandbox/": "tested before the service starts",
    "console/serving": "told before the console starts",
    "deidentification/adapters/engines": "read before the service starts",
    "storage/adapters/pkcs11": "a token, which its administrator sees to",
    "storage/backends": "tested before the service starts",
    "storage/domain/key_move": "a command alone: keys are moved",
    "storage/domain/provider_check": "tested before the service starts",
}
#: Functions of other files whose refusals no page can bring about, and why.
FUNCTIONS = {
    ("common/server.py", "start"): "told before a service starts",
    ("studies/study_file.py", "_read_text"): "a command alone: a page is given the text",
    ("studies/study_file.py", "read_names"): "a command alone: a page has a form for names",
    ("transcription/wiring.py", "diarizer_class"): "read before the service starts",
}
#: Errors that carry their text and what stands in it, which pages put together themselves.
WORDED_KINDS = {one.__name__ for one in Worded.__subclasses__()}
#: Refusals that are put together where the code does not show it.
COMPOSED = (
    "the policy: line <line>: field default is missing",
    "the study file: line <line>: field id is missing; line <line>: field title is missing",
    *(f"<recording>: {why}" for why in (*clips._WHY.values(), "there is no sound")),
    "manifest of <recording> is damaged: it is not in its canonical form. Restore it from a backup",
)
#: Files with the rules of what people write.
FILES = ("deidentification/domain/policy", "studies/")
#: Pages that show what is wrong field by field, by `t_rule`.
SHOWN_BY_FIELD = {"study_form.py", "study_changes.py"}
#: What the pages call a thing that they have looked at.
CALLED = {"studies/study_file.py": {"{what}": "the study file"}}


def _is_excused(one: Refusal) -> bool:
    return one.kind in KINDS or (one.path, one.function) in FUNCTIONS


@cache
def needed() -> tuple[str, ...]:
    """Return each refusal that a page can bring about, with what is no word in its holes."""
    found: dict[str, str] = {}
    for one in refusals_of_code(without=tuple(PLACES)):
        is_said = one.kind in WORDED_KINDS and one.text in language.texts("ms")
        is_text = re.search("[a-z]{2}", one.shape) and not one.shape.endswith(": ")
        if is_said or _is_excused(one) or not is_text:
            continue
        for text in _spoken(one):
            found.setdefault(shape_of(text), HOLE.sub(lambda hole: f"<{hole[0][1:-1]}>", text))
    return (*found.values(), *COMPOSED)


def _spoken(one: Refusal) -> Iterable[str]:
    """Yield a text as pages can get it; one that begins with {there} names a kind of thing."""
    text = one.text
    for hole, name in CALLED.get(one.path, {}).items():
        text = text.replace(hole, name)
    if not text.startswith("{there} no {kind} "):
        return [text]
    kinds = texts_given("unknown") | {kind for _, _, kind, _ in known._FIELDS}
    return [text.replace("{kind}", kind) for kind in kinds]


def of_contracts() -> Iterable[str]:
    """Yield the words of each rule of the requests that people may make."""
    seen: set[str] = set()
    waiting = [method.input_type for method in _methods_of_people()]
    while waiting:
        kind = waiting.pop()
        if kind.full_name in seen:
            continue
        seen.add(kind.full_name)
        waiting += [field.message_type for field in kind.fields if field.message_type]
        for field in kind.fields:
            rules = field.GetOptions().Extensions[FIELD_RULES]
            parts = (rules, rules.repeated.items, rules.map.keys, rules.map.values)
            for one in parts if field.is_repeated else (rules,):
                yield from (rule.words for rule in validation.rules_of(one, field))
    yield from ("is required", "one of a, b is required")


def _methods_of_people() -> Iterable[Any]:
    pool: Any = descriptor_pool.Default()
    for services in ALLOWED.values():
        for name in (one for one, callers in services.items() if callers & set(PEOPLE)):
            package = importlib.import_module(name.rpartition(".")[0])
            for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
                if module.name.endswith("_service_pb2"):
                    importlib.import_module(module.name)
            yield from pool.FindServiceByName(name).methods


def of_files() -> Iterable[str]:
    """Yield what is said of a field of a file or form that people write."""
    yield from faults._WORDS.values()
    yield from ids.ADVICE.values()
    yield from texts_given("Fault", "console/pages", "console/web", at=1)
    yield from texts_given("ValueError", *FILES)
    for text in texts_given("YamlFault"):
        yield from (text, f"line 7: {text}", f"line 7: {text}; is it meant to be review?")
    for rule in ("is missing", "is not a field of this format", "has not the expected form"):
        yield f"field review.automatic_below {rule}"
    yield "field threshold: Input should be less than or equal to 1"
    yield "field default: Input should be 'mask', 'tag' or 'keep'"


def of_wrong_forms() -> Iterable[str]:
    """Yield what a file that is no transcript is called, and what to do with it."""
    tables = (forms._BINARIES, forms._TEXTS, forms._OLD_OFFICE, forms._ARCHIVES)
    said = {name for table in tables for _, name in table}
    for one in said | texts_given("refuse", "transcription/adapters/importing/"):
        kind, _, remedy = one.partition("; ")
        yield from (kind, *([remedy[0].upper() + remedy[1:]] if remedy else []))


#: What may stand in each hole that holds words of ours.
WORDS: Mapping[str, Callable[[], Iterable[str]]] = {
    "advice": ids.ADVICE.values,
    "choices": lambda: ("'mask', 'tag' or 'keep'", "less than or equal to 1", "a valid number"),
    "doing": lambda: texts_given("_errors", "storage/adapters/directory"),
    "fault": of_files,
    "faults": of_files,
    "first": lambda: (one.meaning for one in COMMANDS),
    "second": lambda: (one.meaning for one in COMMANDS),
    "hint": lambda: (one.partition("; ")[2] for one in texts_given("NotFound", "common/wording")),
    "kind": lambda: {
        *of_wrong_forms(),
        *texts_given("VersionedDocuments", at=1),
        "quality",
        "copy",
    },
    "left_out": lambda: (told(dict.fromkeys(LEFT_OUT, 3)),),
    "remedy": of_wrong_forms,
    "rule": lambda: {*of_contracts(), *texts_given("ValueError", *FILES)},
    "state": lambda: (*RoundState, *(one for one in RevealState if one is not RevealState.PENDING)),
    "there": lambda: ("there is", "the log knows", "study <study> has", "you are a member of"),
    "wanted": membership._ROLES.values,
    "what": lambda: {
        *(one for one in texts_given("read", "storage/domain", at=1) if "/" not in one),
        *texts_given("read_events", at=1),
        *texts_given("Package", at=2),
    },
    "where": lambda: ("the disk is full", ""),
    "why": lambda: (one.why for one in STEP_UP.values()),
}


class TestRefusals:
    def test_every_refusal_has_one(self) -> None:
        """Whatever a page can bring about is refused in Malay, with what stands in its holes."""
        with language.speaking("ms"):
            missing = [one for one in needed() if refusals.say_refusal(one) == one]
            lost = [
                (hole, one)
                for one in set(needed()) - set(missing)
                for hole in re.findall(r"<\w+>", one)
                if hole not in refusals.say_refusal(one)
            ]
        assert missing == []
        assert lost == []

    def test_words_in_holes_have_one(self) -> None:
        """What stands in a hole and is words of ours is in Malay too, and is known to be words."""
        assert set(WORDS) == refusals.WORDED
        with language.speaking("ms"):
            missing = {
                hole: left
                for hole, words in WORDS.items()
                if (left := sorted(filter(_is_unsaid, map(_filled, words()))))
            }
            unsaid = {one: left for one in needed() if (left := _unsaid(one))}
        assert missing == {}
        assert unsaid == {}

    def test_nothing_is_left_that_nobody_says(self) -> None:
        """A refusal that went from the code, or was worded anew, does not stay in Malay."""
        known = [
            (text, refusals.Pattern.of(text, said))
            for text, said in refusals.refusals("ms").items()
        ]
        unused = [
            text
            for text, pattern in known
            if not any(pattern.read(one) is not None for one in needed())
        ]
        assert unused == []


class TestFiles:
    def test_no_text_stands_twice(self) -> None:
        """Two files say the same refusal once, and none without holes that a page says."""
        files = [path for path in sorted(FOLDER.glob("*.toml")) if path.stem != refusals.PIECES]
        found = Counter(key for path in files for key in tomllib.loads(path.read_text("utf-8")))
        shapes = Counter(map(shape_of, found))
        assert [key for key, count in found.items() if count > 1] == []
        assert [key for key, count in shapes.items() if count > 1] == []
        said = {key for key in language.texts("ms") if not HOLE.search(key)}
        assert sorted(set(found) & said) == []

    def test_holes_are_the_same(self) -> None:
        """What is put into a text is put into both, and two holes never touch."""
        for english, malay in {**refusals.refusals("ms"), **refusals.pieces("ms")}.items():
            assert set(HOLE.findall(english)) == set(HOLE.findall(malay)), english
            assert not re.search(r"\}\{[a-z]", english.replace("{{", "")), english


class TestPages:
    def test_none_shows_a_refusal_as_it_came(self) -> None:
        """What a service says passes the language on every page."""
        raw = re.compile(r"[\w.]*\b(?:error|unread|unknown|summary|one)\.message\b")
        for path in sorted((CONSOLE / "templates").rglob("*.html")):
            for found in raw.finditer(source := path.read_text("utf-8")):
                assert source[: found.start()].endswith(("t_refusal(", "if ")), path
        for path in sorted((CONSOLE / "pages").glob("*.py")):
            if path.name not in SHOWN_BY_FIELD:
                assert "error.message" not in path.read_text("utf-8"), path


def _filled(text: str) -> str:
    return HOLE.sub(lambda hole: f"<{hole[0][1:-1]}>", text)


def _unsaid(message: str) -> list[str]:
    """Return what of a message is not said in Malay, but for holes that WORDS tells of."""
    return [one for one in refusals.unsaid(message) if not re.fullmatch(r"(?:<\w+>)*", one)]


def _is_unsaid(piece: str) -> bool:
    return refusals.say_rule(piece) == piece and bool(re.search("[a-z]{2}", piece))
