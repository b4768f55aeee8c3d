# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from services.intake.checks import StudyContents, existing, label_warnings
from services.intake.outcomes import Interview
from sotto.storage.v1 import catalog_pb2, recording_pb2
from sotto.study.v1 import study_pb2
from sotto.transcript.v1 import reading_pb2
from tests.unit.flows.fake_services import FakeServices, finished_run, recording_ref

STUDY = study_pb2.Study(id="s1", participants=["P07", "P08"])
SEALED = recording_pb2.CONTENT_STATE_SEALED
REMOVED = recording_pb2.CONTENT_STATE_REMOVED


def _interview(participant: str = "P07", session: int = 1) -> Interview:
    return Interview(Path("a.txt"), participant, session)


def _found(
    state: recording_pb2.ContentState,
    removal: recording_pb2.RemovalReason = recording_pb2.REMOVAL_REASON_UNSPECIFIED,
    participant: str = "P07",
    session: int = 1,
) -> recording_pb2.FoundContent:
    ref = recording_ref(3, participant)
    return recording_pb2.FoundContent(ref=ref, session=session, state=state, removal=removal)


class TestLabels:
    def test_code_of_another_participant(self) -> None:
        """A label P08 in what is said to be of P07 is told; codes of no participant are not."""
        reading = reading_pb2.Reading(codes=["P07", "P08", "P99"])
        [warning] = label_warnings(_interview(), reading, STUDY)
        assert (warning.kind, warning.detail) == ("other_participant", "P08")
        assert not list(label_warnings(_interview(""), reading, STUDY))
        assert not list(label_warnings(_interview(), reading, None))

    def test_role_of_nobody(self) -> None:
        """A role for S3 of two speakers is told: the option would have no effect."""
        options = reading_pb2.ReadingOptions(roles={"S1": "interviewer", "S3": "participant"})
        interview = Interview(Path("a.txt"), "P07", reading=options)
        [warning] = label_warnings(interview, reading_pb2.Reading(speaker_count=2), None)
        assert (warning.kind, warning.detail) == ("no_such_speaker", "S3")


class TestContents:
    @pytest.mark.parametrize(
        ("found", "kinds"),
        [
            (_found(SEALED), []),
            (_found(SEALED, session=2), ["same_content"]),
            (_found(SEALED, participant="P08"), ["same_content"]),
            (_found(recording_pb2.CONTENT_STATE_WITHDRAWN, session=0), ["content_withdrawn"]),
            (_found(REMOVED, recording_pb2.REMOVAL_REASON_NOT_CONSENTED), ["content_removed"]),
            (_found(REMOVED, recording_pb2.REMOVAL_REASON_DUPLICATE), ["content_removed"]),
            (_found(REMOVED, recording_pb2.REMOVAL_REASON_WRONG_PARTICIPANT), ["content_removed"]),
            (_found(REMOVED, recording_pb2.REMOVAL_REASON_WRONG_PARTICIPANT, "P08"), []),
            (_found(REMOVED, recording_pb2.REMOVAL_REASON_WRONG_READING), []),
        ],
    )
    def test_where_a_content_was(
        self, services: FakeServices, found: recording_pb2.FoundContent, kinds: list[str]
    ) -> None:
        """A mistake that comes again is told; one that is corrected is not."""
        contents = StudyContents(services.peers, STUDY)
        warnings = contents.warnings(1, _interview(), b"x", "transcript", {b"x": [found]})
        assert [one.kind for one in warnings] == kinds
        assert (existing(_interview(), [found]) is not None) is (
            not kinds and found.state == SEALED
        )

    @pytest.mark.parametrize(
        ("kind", "has_run", "new", "is_replaced"),
        [
            (recording_pb2.RECORDING_KIND_TRANSCRIPT, False, "transcript", True),
            (recording_pb2.RECORDING_KIND_TRANSCRIPT, True, "transcript", False),
            (recording_pb2.RECORDING_KIND_TRANSCRIPT, False, "media", False),
            (recording_pb2.RECORDING_KIND_MEDIA, False, "transcript", False),
        ],
    )
    def test_what_may_be_replaced(
        self,
        services: FakeServices,
        kind: recording_pb2.RecordingKind,
        has_run: bool,
        new: str,
        is_replaced: bool,
    ) -> None:
        """Only a transcript that was never read goes for one that was."""
        state = catalog_pb2.RecordingState(
            ref=recording_ref(0), session=1, kind=kind,
            transcripts=[finished_run()] if has_run else [],
            failure=recording_pb2.StageFailure(stage="transcription", reason="INVALID_ARGUMENT"),
        )  # fmt: skip
        services.clinical.recordings.append(state)
        contents = StudyContents(services.peers, STUDY)

        replaced = contents.replaceable(_interview(), new)
        warnings = list(contents.warnings(1, _interview(), b"x", new, {}))

        assert (replaced is not None) is is_replaced
        assert [one.kind for one in warnings] == ([] if is_replaced else ["session_taken"])
        assert contents.is_failed(recording_ref(0))
