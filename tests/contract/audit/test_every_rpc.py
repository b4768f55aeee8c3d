# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ast
import re
from pathlib import Path

from services.registry.events import Event
from tests.support.audit import REPOSITORY

#: RPCs that leave no entry, and why that is right.
EXCEPTIONS = {
    "GetCheckpoint": "holds no entry, only a signed size and hash",
    "GetCertificate": "ids, counts and digests; the store, which gives it, records it",
    "GetConsistencyProof": "holds no entry, only hashes",
    "ValidatePolicy": "reads a policy that the caller sent, no identified data",
    "MakeRunKey": "a name that tells nothing; what is read and written under it is recorded",
    "ExamineTranscript": "reads what the caller sends and stores nothing; sealing it is recorded",
    "GetUpload": "ids, numbers of parts and who began it",
    "ListUploads": "ids, numbers of parts and who began it",
    "ExamineUpload": "stores nothing; what it reads is recorded by the store",
    "DescribeEngine": "names and versions of the engine",
    "Plan": "a run key, names and versions; what it reads is recorded by the store",
    "DescribeStore": "counts and the kind of the store",
    "GetSigningKey": "a public key",
    "GetStudy": "description of a study: no identified data",
    "ListStudies": "descriptions of studies: no identified data",
    "ListRecordings": "ids and states",
    "GetRecordingState": "ids and states",
    "ListRemovals": "ids, times, states and who asked",
    "DescribeVoices": "names of accounts and hashes, for the service that made them",
    "ListVoices": "names of accounts, lengths and times",
    "EnrolVoice": "reads what the caller sends; sealing it is recorded by the store",
    "ListRetention": "ids, times and states",
    "ListRetentionCalendar": "ids, times and states",
    "GetWitnesses": "names of witnesses and sizes; no entry",
    "ListPending": "ids and numbers of marks",
    "SettleRecording": "takes a mark away; the work that was done left entries of its own",
    "GetUpkeep": "times and counts of what was done to the installation; no entry",
    "NoteWork": "ids, counts and times; the work itself leaves entries of its own",
    "ListWork": "ids, counts and times",
    "ListWindows": "numbers of windows that exist",
    "ListBundles": "ids and counts",
    "ListReleases": "ids and counts",
    "ListReveals": "labels, ids, times and who asked, decided and saw; no name behind a label",
    "GetTerms": "a text that a study states, no identified data",
    "ListCopies": "ids, times, and what the person said of their own copies",
    "ListCopyRecords": "who took which release and what for; no word of a participant",
    "ListHeldCopies": "who took which release and what for; no word of a participant",
    "ListRounds": "ids, counts and who read; the store, which keeps rounds, records it",
    "ListReviews": "ids, counts and who decided; the store, which gives reasons, records it",
}


def _rpcs() -> dict[str, Path]:
    found = {}
    for path in sorted((REPOSITORY / "protos" / "sotto").rglob("*.proto")):
        for name in re.findall(r"^\s*rpc (\w+)\(", path.read_text("utf-8"), re.MULTILINE):
            found[name] = path
    return found


def _functions() -> dict[Path, dict[str, ast.FunctionDef]]:
    """Every function of every handler module, by module and name."""
    modules = {}
    for path in (REPOSITORY / "services").glob("*/handlers*"):
        for file in [path] if path.is_file() else path.glob("*.py"):
            tree = ast.parse(file.read_text("utf-8"))
            modules[file] = {
                node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
            }
    return modules


def _records(name: str, module: dict[str, ast.FunctionDef], seen: frozenset[str]) -> bool:
    """Whether a function writes to the trail, itself or by a function of its module."""
    for node in ast.walk(module[name]):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        word = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if word in {"record", "fact"}:
            return True
        if word in module and word not in seen and _records(word, module, seen | {word}):
            return True
    return False


class TestEveryRpc:
    """Every RPC of every service records what it does, or is on the short list of exceptions."""

    def test_records_or_is_an_exception(self) -> None:
        """No RPC is on both sides, none on neither, and no exception is left over."""
        modules = _functions()
        silent = set()
        for name in _rpcs():
            homes = [module for module in modules.values() if name in module]
            assert homes, f"{name} has no handler"
            if not all(_records(name, module, frozenset({name})) for module in homes):
                silent.add(name)
        assert silent == set(EXCEPTIONS)


class TestEventNames:
    """One enumerated place of event names."""

    def test_each_has_a_meaning(self) -> None:
        """Each name is source:subject:action, once, with a line that says what it means."""
        for event in Event:
            assert re.fullmatch(r"[a-z_]+:[a-z_]+:[a-z_]+", event.value)
            assert re.fullmatch(r"[A-Z].+\.", event.meaning)
        assert len({event.value for event in Event}) == len(Event)
