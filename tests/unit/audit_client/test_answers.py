# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.audit_client.answers import custody_of, who_saw_participant
from services.audit_evidence.custody import Step, steps, trace
from services.audit_evidence.entry import Entry, decode
from services.audit_evidence.who import who_saw
from services.registry.events import Event
from services.registry.identities import AUDIT
from tests.support.compliance_desk import P01, RECORDING, RELEASE, Hospital

MOVED = "rec-" + "d" * 26
OTHER = "rec-" + "e" * 26
P02 = {"study_id": "st1", "participant": "P02"}
P09 = {"study_id": "st2", "participant": "P01"}
ACCOUNT = {"person": "root", "role": "operator", "request_id": "q3", "caller": "release"}


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    """A log in which participants share a release and a code, and a recording was moved."""
    made = Hospital(tmp_path / "audit")
    log = made.log
    log.tell(Event.RECORDING_SEALED, object=OTHER, attributes={"session": "1"}, **P02)
    log.tell(Event.RECORDING_SEALED, object=OTHER[:-1] + "f", attributes={"session": "1"}, **P09)
    log.tell_story()
    other_file = {"object": f"{RELEASE}/txt/P02_S1.txt", **ACCOUNT, **P02}
    log.tell(Event.TRANSCRIPT_READ, object=f"{OTHER}/{'0' * 32}", **ACCOUNT, **P02)
    log.tell(Event.BUNDLE_FILE_SEALED, **other_file)
    log.tell(
        Event.RECORDING_SEALED, object=MOVED,
        attributes={"session": "2", "moved_from": RECORDING}, **P02,
    )  # fmt: skip
    log.tell(Event.RECORDING_REMOVED, object=RECORDING, attributes={"moved_to": MOVED}, **P01)
    log.tell(
        Event.QUALITY_READ, object="st1", study_id="st1", person="ana", role="reviewer",
        purpose="review", request_id="q8", caller="console",
    )  # fmt: skip
    log.tell(
        Event.TRANSCRIPT_READ, object=f"{RECORDING}/{'0' * 32}", person="ana", role="reviewer",
        purpose="review", request_id="q8", caller="release", **P01,
    )  # fmt: skip
    yield made
    made.log.close()


def whole(hospital: Hospital) -> list[Entry]:
    """Return the log as an export holds it."""
    log = hospital.log.log
    return [decode(leaf) for leaf in log.leaves(0, log.snapshot.size)]


def numbers(acts: list[Step]) -> list[int]:
    """Return the entries at which acts began."""
    return [one.began.index for one in acts]


@pytest.mark.parametrize("recording", [RECORDING, MOVED, OTHER])
def test_custody_asks_for_all_that_belongs_to_it(hospital: Hospital, recording: str) -> None:
    """What is asked for one by one says the same as the whole log: releases and moves too."""
    entries = whole(hospital)
    found = custody_of(hospital.channel(AUDIT), recording)
    assert numbers(found) == numbers(trace(entries, recording))
    assert len(found) >= 2


@pytest.mark.parametrize("participant", ["P01", "P02"])
def test_who_saw_asks_for_all_that_belongs_to_it(hospital: Hospital, participant: str) -> None:
    """So does the answer about a participant: acts of people, and what became of releases."""
    entries = whole(hospital)
    found = who_saw_participant(hospital.channel(AUDIT), "st1", participant)
    told = who_saw(steps(entries), participant, "st1")
    assert found.sights == told.sights
    assert [(one.release_id, numbers(one.exports)) for one in found.releases] == [
        (one.release_id, numbers(one.exports)) for one in told.releases
    ]
    assert found.releases
