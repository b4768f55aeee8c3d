# SPDX-License-Identifier: Apache-2.0
"""Nothing outside of the clinical zone answers a guess of what was said there.

Two installations differ in one secret alone, that of run keys. The same interviews go through both,
and every value that leaves the clinical zone is held against its twin: what is made from
identified content differs, and what does not is on a list, with the reason.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from services.deidentification.domain import job
from services.deidentification.domain.policy import load
from services.registry import identities
from services.registry.events import Event, is_own
from services.storage_client.catalog import CatalogClient
from services.storage_client.transcripts import content_hash, decode, encode
from services.transcription.adapters.convert import to_message
from services.transcription.domain import runs
from services.transcription.domain.turns import Turn, to_segments
from services.transcription.wiring import PARSER
from sotto.audit.v1 import entry_pb2
from tests.support import storage_service
from tests.support.crossing import INTERVIEWS, Crossing, Walk
from tests.support.deployment import Deployment
from tests.support.one_process import OneProcess, make_home

#: Ends of paths whose values are made from identified content, so that they change with the secret.
KEYED = r"\.(run_key|source_run_key|release_id)$"

#: Ends of paths whose values do not change with the secret, and why they may leave the zone.
SAME = {
    "people gave it": r"\.(study_id|participant|session|purpose|role|person|caller|reason|kind"
    r"|languages\[\]|approver|decided_by|account|members|changed)$",
    "a recording's id: made under another secret, which both share here": r"\.recording_id$",
    "a version, a name of ours or a state": r"\.(provenance|versions|software)\.[a-z._]+$"
    r"|\.(policy|policy_version|policy_digest|format|state|decision|service|service_version|name"
    r"|phase|outcome|zone|algorithm|instance|version|existed|event\.[a-z_]+|invented|stage"
    r"|provider|filter|request_id|certificate|address)$",
    "what a policy says: a threshold, whose labels are the study's": r"\.(review_)?threshold$"
    r"|\.study_wide\[\]$",
    "a count of turns or marks, which stand in the released text": r"\.(segment_count|segments|done"
    r"|total|count|redactions(\.[A-Z_]+)?|replacements\.[A-Z_]+|quasi_identifier_kinds|transcripts"
    r"|participants|files|corrections|windows|window|carried|lost|objects|entries|from_index)$",
    "what a reader of a file says: form, kinds, places, counts of turns and of what is left out": (
        r"\.reading\.(form|encoding|encoding_guessed|turns|timed_turns|speaker_count|codes\[\]"
        r"|left_out\.[a-z_]+|warnings\[\]\.[a-z]+|speakers\[\]\.(label|role|turns))$"
    ),
    "a share of all words in thousandths, without their number": (
        r"\.reading\.(speakers\[\]\.share|languages\.[a-z]{2,3})$"
    ),
    "a sum over places of a few fixed weights, and a count of replacements of a low score": (
        r"\.(residual_risk|doubtful_replacement_count)$"
    ),
    "a count of made-up identifiers": r"\.canaries\.[A-Z_]+\.(planted|found)$",
    "a number of generations": r"\.(generation|corrections_generation|review_generation|index)$",
    "a size of a released file, or of a recording in powers of two": r"\.size$",
    "a hash or name of a released file": r"^researcher\.certificate\.(inputs\[\]\.approved_sha256"
    r"|outputs\[\]\.(sha256|name))$|^release\.bundles\..*\.(content_sha256|path)$",
    "the released README": r"^researcher\.readme\[\]$",
    "how few people fit what the released text says": r"\.(standing_out|smallest_k)$"
    r"|\.singling_out\.(least|unknown|basis)$",
    "what a researcher said: what a copy is for, and the terms, which a study states": (
        r"\.event\.attributes\.(taken_for|terms)$"
    ),
    "told to release, which reads these words": r"^release\.",
    "the object of an entry": r"^log\.N\.event\.object$",
}
#: Ends of paths whose values differ in any two installations, and why.
OTHER = {
    "a moment": r"(_at|\.time|\.mark)$",
    "of another log": r"^log\.N\.(leaf|event\.object|event\.attributes\.(key_id|version|field))"
    r"|\.audit\.(checkpoint|verifier_keys\[\])$",
    "of a copy: made from the release, the person and the moment": r"\.copy_id$",
    "of another signing key, or over what it signed": r"\.signer\.(fingerprint|public_key)$"
    r"|^release\.bundles\..*\.(content_sha256|path|size)$",
    "the README names the release": r"^researcher\.(readme\[\]|certificate\.outputs\[\]\.sha256)$",
}
_HASH = re.compile(r"[0-9a-f]{16,}|[a-z2-7]{26,}|[A-Za-z0-9+/]{27,}=")
#: Ends of paths of values that look like hashes and do not change with the secret.
SAME_HASHES = (
    r"(recording_id|policy_digest|policy|certificate|policy_version|object|sha256|path"
    r"|attributes\.terms)$"
)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> tuple[Crossing, Crossing]:
    """The same interviews through two installations that differ in the secret of run keys."""
    folder = tmp_path_factory.mktemp("twins")
    make_home(folder / "one")
    store = storage_service.start(folder / "one", "clinical")
    store.zone.store.keyring.secret("intake")
    store.stop()
    shutil.copytree(folder / "one", folder / "other")
    seen = []
    for name in ("one", "other"):
        with OneProcess(folder / name) as installation:
            seen.append(Walk(installation).run())
    return seen[0], seen[1]


def _place(path: str) -> str:
    """Return a path without numbers and participants, as the lists above name it."""
    path = re.sub(r"\[\d+\]", "[]", path)
    path = re.sub(r"\.(log|segment|transcribe|deidentify)\.\d+", r".\1.N", f".{path}")[1:]
    return re.sub(r"\bP0\d\b", "P", path)


def _listed(place: str, reasons: Mapping[str, str]) -> bool:
    return any(re.search(pattern, place) for pattern in reasons.values())


class TestTwins:
    def test_every_value_of_identified_content_changes_with_the_secret(
        self, twins: tuple[Crossing, Crossing]
    ) -> None:
        """Run keys, and release ids that are made from them, are others in the other installation;
        a value that is the same in both is on the list.
        """
        one, other = (crossing.leaves() for crossing in twins)
        assert one.keys() == other.keys()
        keyed = {path for path in one if re.search(KEYED, _place(path))}
        assert len(keyed) > 100
        assert {path for path in keyed if one[path] == other[path]} == set()
        same = {_place(path) for path in one.keys() - keyed if one[path] == other[path]}
        assert {place for place in same if not _listed(place, SAME)} == set()
        differ = {_place(path) for path in one.keys() - keyed if one[path] != other[path]}
        assert {place for place in differ if not _listed(place, OTHER)} == set()

    def test_what_looks_like_a_hash_is_known(self, twins: tuple[Crossing, Crossing]) -> None:
        """Of what is the same in both, only values that are named here look like hashes."""
        one, other = (crossing.leaves() for crossing in twins)
        found = {
            _place(path)
            for path, value in one.items()
            if value == other[path] and isinstance(value, str) and _HASH.search(value)
        }
        assert {place for place in found if not re.search(SAME_HASHES, place)} == set()

    def test_no_reason_is_left_over(self, twins: tuple[Crossing, Crossing]) -> None:
        """Each entry of the lists stands for a value that there is."""
        places = {_place(path) for path in twins[0].leaves()}
        for reasons in (SAME, OTHER):
            for reason, pattern in reasons.items():
                assert any(re.search(pattern, place) for place in places), reason


class TestTruth:
    def test_nothing_fails_and_everything_ends(self, twins: tuple[Crossing, Crossing]) -> None:
        """From intake over review, approval, release and export to withdrawal, the log tells of no
        failure or refusal, no action without an end, and nothing that its writer does not own.
        """
        *log, reading = twins[0].log
        assert reading.event.name == Event.LOG_READ  # by which we got it, and which is not over
        events = {entry.index: entry.event for entry in log}
        assert {
            Event.RECORDING_SEALED, Event.RECORDING_TRANSCRIBED, Event.TRANSCRIPT_DEIDENTIFIED,
            Event.TRANSCRIPT_REVIEWED, Event.TRANSCRIPT_APPROVED, Event.RELEASE_BUILT,
            Event.RELEASE_EXPORTED, Event.KEY_DESTROYED,
        } <= {event.name for event in events.values()}  # fmt: skip
        bad = (entry_pb2.OUTCOME_FAILURE, entry_pb2.OUTCOME_DENIED)
        assert [one for one in events.values() if one.outcome in bad or one.reason] == []
        begun = [at for at, one in events.items() if one.phase == entry_pb2.PHASE_INTENT]
        ends = [one for one in events.values() if one.phase == entry_pb2.PHASE_OUTCOME]
        assert sorted(one.intent_index for one in ends) == begun
        assert [one.index for one in log if not _is_own(one)] == []


def _is_own(entry: entry_pb2.Entry) -> bool:
    return is_own(entry.service, entry.event.name, entry.event.zone)


def _digests(data: bytes) -> Iterator[str]:
    """Yield the beginnings of hashes of content in the spellings that values have."""
    for name in ("md5", "sha1", "sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256"):
        digest = hashlib.new(name, data).digest()
        yield digest.hex()[:12]
        yield base64.b32encode(digest).decode().lower()[:12]
        yield base64.b64encode(digest).decode()[:12]
        yield base64.urlsafe_b64encode(digest).decode()[:12]


def _contents(crossing: Crossing) -> dict[str, list[bytes]]:
    """Return, by participant, what an attacker might hash once it is guessed."""
    found = {}
    for one in INTERVIEWS:
        texts = [segment.text for segment in decode(crossing.identified[one.participant])]
        found[one.participant] = [
            one.content,
            one.text.strip().encode(),
            b"".join(crossing.identified[one.participant]),
            "\n".join(texts).encode(),
            "".join(f"{text}\n" for text in texts).encode(),
            *(text.encode() for text in texts),
            *(word.encode() for word in (one.day, one.missed) if word),
        ]
    return found


class TestPlainHashes:
    def test_no_hash_of_what_was_said_is_anywhere(self, twins: tuple[Crossing, Crossing]) -> None:
        """Not of the file, the segments, a turn, the day, a word, nor a run key as it was once."""
        crossing = twins[0]
        text = json.dumps(crossing.answers)
        released = set(_released(crossing))
        for one in INTERVIEWS:
            before = b"".join(crossing.corrected[one.participant])
            for data in _contents(crossing)[one.participant]:
                if data in released or data == before:
                    continue
                assert [digest for digest in _digests(data) if digest in text] == []
            state = crossing.answers[f"operator.ingest.{one.participant}"]["ref"]["recording_id"]
            plain = runs.run_digest(state, hashlib.sha256(one.content).digest(), PARSER, {})
            assert plain.hex()[:32] not in text

    def test_the_run_before_corrections_is_known_to_release_alone(
        self, twins: tuple[Crossing, Crossing]
    ) -> None:
        """Who does not read a run has no hash of it, to test what a reviewer redacted."""
        crossing = twins[0]
        [one] = [one for one in INTERVIEWS if one.missed]
        digest = content_hash(crossing.corrected[one.participant])
        spellings = (digest.hex()[:12], base64.b64encode(digest).decode()[:12])
        knows = {
            where.partition(".")[0]
            for where, answer in crossing.answers.items()
            if any(spelling in json.dumps(answer) for spelling in spellings)
        }
        assert knows == {identities.RELEASE}
        assert one.missed.encode() not in b"".join(crossing.files.values())

    def test_no_exact_length_of_a_recording_is_told(self, twins: tuple[Crossing, Crossing]) -> None:
        """The log has the next power of two, the catalogue nothing."""
        crossing = twins[0]
        sizes = [str(one["event"]["attributes"]["size"]) for one in _sealed(crossing)]
        assert sizes == [str(1 << 20)] * len(INTERVIEWS)
        exact = {str(len(one.content)) for one in INTERVIEWS}
        # Numbers of entries and sizes of released files may be the same by chance.
        others = re.compile(r"outputs\[|\.bundles\.|^log\..*(\.index|\.intent_index)$")
        told = {
            path: value
            for path, value in crossing.leaves().items()
            if str(value) in exact and not others.search(path)
        }
        assert told == {}


def _released(crossing: Crossing) -> Iterator[bytes]:
    """Yield the turns of each released text, and all of a text together as hashes are over it."""
    for name, data in crossing.files.items():
        if name.endswith(".jsonl"):
            turns = [json.loads(line)["text"] for line in data.decode().splitlines()]
            yield from (turn.encode() for turn in turns)
            yield "\n".join(turns).encode()
            yield "".join(f"{turn}\n" for turn in turns).encode()


def _sealed(crossing: Crossing) -> list[Any]:
    entries = [one for where, one in crossing.answers.items() if where.startswith("log.")]
    return [
        one
        for one in entries
        if one["event"]["name"] == "recording:content:sealed"
        and one["event"]["phase"] == "PHASE_INTENT"
    ]


class _Guesser:
    """Whoever has an export and the source of Sotto, and computes run keys as versions before did.

    A guess is a text of the interview and its day.
    """

    def __init__(self, crossing: Crossing, participant: str) -> None:
        certificate = crossing.certificate
        [self.input] = [one for one in certificate["inputs"] if one["participant"] == participant]
        lines = crossing.files[f"{participant}_S1.txt"].decode().strip().split("\n\n")
        self.turns = [line.split(": ", 1) for line in lines]
        self.told = json.dumps(certificate)

    def file(self, mark: str = "", words: str = "") -> str:
        """Return the file that came in, with a guess in the place of a mark."""
        return "".join(
            f"{label[0]}: {text.replace(mark, words) if mark else text}\n"
            for label, text in self.turns
        )

    def fits(self, file: str, day: str) -> bool:
        """Return whether any value of the certificate is a run key of this guess."""
        return any(key in self.told for key in self._keys(file, day))

    def _keys(self, file: str, day: str) -> Iterator[str]:
        recording = self.input["recording_id"]
        turns = [Turn(*line.split(": ", 1)) for line in file.splitlines()]
        segments = encode(to_message(one) for one in to_segments(turns))
        versions = {
            name.removeprefix("deidentification."): value
            for name, value in self.input["versions"].items()
            if name.startswith("deidentification.") and not name.endswith(".run")
        }
        sent = hashlib.sha256(file.encode())
        source = {
            "version": runs.RUN_VERSION,
            "recording": recording,
            "content": sent.hexdigest(),
            "maker": self.input["versions"]["parser"],
            "choices": {},
        }
        encoded = json.dumps(source, sort_keys=True, separators=(",", ":"))
        key = hashlib.sha256(encoded.encode()).hexdigest()[:32]
        yield key
        document = {
            "version": job.RUN_VERSION,
            "recording": recording,
            "source": key,
            "content": content_hash(segments).hex(),
            "day": day,
            "versions": versions,
            "policy": load("research-default").digest,
            "roster": hashlib.sha256(b"").hexdigest(),
        }
        yield hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:32]


class TestGuesses:
    """The attack: an export alone, names and days to try, and the source of Sotto."""

    def test_a_redacted_name_is_not_found(self, twins: tuple[Crossing, Crossing]) -> None:
        """The very name is among the guesses and rebuilds the file, and nothing says so."""
        guesser = _Guesser(twins[0], "P02")
        names = [f"{a} {b}" for a in ("Aisyah", "Zubaidah", "Faizal") for b in ("Karim", "Rahman")]
        [wanted] = [one for one in INTERVIEWS if one.participant == "P02"]
        files = [guesser.file("[P02]", name) for name in names]
        assert wanted.text in files
        assert not any(guesser.fits(file, "") for file in files)

    def test_the_day_of_the_interview_is_not_found(self, twins: tuple[Crossing, Crossing]) -> None:
        """Every day of the year is tried, with the words as they were said."""
        [wanted] = [one for one in INTERVIEWS if one.day]
        guesser = _Guesser(twins[0], wanted.participant)
        days = [dt.date(2026, 1, 1) + dt.timedelta(days) for days in range(365)]
        assert wanted.day in {day.isoformat() for day in days}
        assert guesser.file("[2026]", "3 March 2026") == wanted.text
        assert not any(guesser.fits(wanted.text, day.isoformat()) for day in days)

    def test_the_attack_finds_keys_of_versions_before(
        self, twins: tuple[Crossing, Crossing]
    ) -> None:
        """The guesser is right about how keys were made: where one is told, it finds the name."""
        guesser = _Guesser(twins[0], "P02")
        [wanted] = [one for one in INTERVIEWS if one.participant == "P02"]
        *_, old = guesser._keys(wanted.text, "")
        guesser.told += old
        assert guesser.fits(guesser.file("[P02]", "Zubaidah Rahman"), "")
        assert not guesser.fits(guesser.file("[P02]", "Zubaidah Karim"), "")


class TestPrefect:
    def test_its_database_holds_nothing_computed_from_content(self, attacked: Deployment) -> None:
        """Whatever looks like a hash in any row is an id, a key of a run, or made from ids."""
        with attacked.peers(identities.FLOWS, person="", addresses=_addresses(attacked)) as peers:
            states = [
                state
                for zone in (identities.CLINICAL, identities.RESEARCH)
                for state in CatalogClient(peers.channel(zone)).recordings()
            ]
        known = {state.ref.recording_id.removeprefix("rec-") for state in states}
        known |= {one.manifest.run_key for state in states for one in state.transcripts}
        rows = list(_rows(attacked))
        for table, column, value in rows:
            if (table, column) == ("flow_run", "parameters"):
                due = json.loads(value).get("recordings", ())
                text = ",".join(f"{one['recording_id']}@{one['mark']}" for one in due)
                known.add(hashlib.sha256(text.encode()).hexdigest()[:32])
                known |= {str(one["mark"]) for one in due}
        assert len(rows) > 100
        strange = {
            (table, column, found)
            for table, column, value in rows
            for found in _HASH.findall(_UUID.sub("", value))
            if found not in known and (table, column) not in _OF_PREFECT
        }
        assert strange == set()


_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}(?![0-9a-f])")
#: Columns whose hashes are of Prefect's own making, from names of flows and block types.
_OF_PREFECT = {("block_schema", "checksum"), ("alembic_version", "version_num")}


def _addresses(deployment: Deployment) -> dict[str, str]:
    state = json.loads((deployment.root / "run" / "state.json").read_text("utf-8"))
    return dict(state["addresses"])


def _rows(deployment: Deployment) -> Iterator[tuple[str, str, str]]:
    """Yield table, column and text of every value in Prefect's database."""
    [path] = deployment.root.rglob("prefect.db")
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            cursor = database.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - its own names
            names = [one[0] for one in cursor.description]
            for row in cursor:
                for name, value in zip(names, row, strict=True):
                    if value is not None:
                        yield table, name, str(value)
