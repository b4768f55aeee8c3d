# SPDX-License-Identifier: Apache-2.0
"""Holds a file against its study: whose it is, whether it is there, which sessions are taken."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from services.common.client import Channels
from services.intake.outcomes import IntakeWarning, Interview
from services.registry import identities
from services.storage_client.catalog import CatalogClient
from sotto.storage.v1 import catalog_pb2, recording_pb2, recording_service_pb2_grpc
from sotto.study.v1 import study_pb2
from sotto.transcript.v1 import reading_pb2

_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_FULL_CODE = re.compile(r"[0-9]{2}|-[0-9]")
"""What a code has and a mere number of a speaker, such as P1, has not."""

Places = Mapping[bytes, Sequence[recording_pb2.FoundContent]]
"""Where contents are or were, by their SHA-256."""

_MISPLACED = (
    recording_pb2.REMOVAL_REASON_WRONG_PARTICIPANT,
    recording_pb2.REMOVAL_REASON_WRONG_SESSION,
)
_CORRECTED = (
    *_MISPLACED,
    recording_pb2.REMOVAL_REASON_WRONG_READING,
    recording_pb2.REMOVAL_REASON_REPLACED,
)


class StudyContents:
    """What a study has, as it stood when a command began, and what the command adds to it.

    One listing for all files: a batch must not ask for each.
    """

    def __init__(self, peers: Channels, study: study_pb2.Study) -> None:
        self.study = study
        self._channel = peers.channel(identities.CLINICAL)
        self._sessions: dict[tuple[str, int], dict[str, catalog_pb2.RecordingState]] = defaultdict(
            dict
        )
        for state in CatalogClient(self._channel).recordings(study.id):
            if not state.erased:
                self._sessions[state.ref.participant, state.session][state.ref.recording_id] = state
        self._taken: dict[tuple[str, int], int] = {}
        self._seen: dict[bytes, tuple[str, int]] = {}

    def find(self, hashes: Iterable[bytes]) -> Places:
        """Return where contents are in the study, or were."""
        wanted = list(dict.fromkeys(hashes))
        found: dict[bytes, list[recording_pb2.FoundContent]] = defaultdict(list)
        if wanted:
            stub = recording_service_pb2_grpc.RecordingWriterServiceStub(self._channel)
            request = recording_pb2.FindContentRequest(
                study_id=self.study.id, content_sha256=wanted
            )
            for one in stub.FindContent(request).found:
                found[one.content_sha256].append(one)
        return found

    def is_failed(self, ref: recording_pb2.RecordingRef) -> bool:
        """Return whether a recording that is there has failed."""
        return any(
            states[ref.recording_id].HasField("failure")
            for states in self._sessions.values()
            if ref.recording_id in states
        )

    def replaceable(self, interview: Interview, kind: str) -> recording_pb2.RecordingRef | None:
        """Return the failed transcript that a file stands for, which was read, or None.

        A recording that failed is never replaced without being asked for: what was spoken may be in
        no other file.
        """
        if kind != "transcript":
            return None
        failed = [
            state
            for state in self._there(interview)
            if state.HasField("failure")
            and not state.transcripts
            and state.kind == recording_pb2.RECORDING_KIND_TRANSCRIPT
        ]
        return failed[0].ref if len(failed) == 1 else None

    def warnings(
        self, number: int, interview: Interview, sha256: bytes, kind: str, places: Places
    ) -> Iterator[IntakeWarning]:
        """Yield what is odd about a file as this session of this participant, and take the place.

        `number` is that of the file among those of the command.
        """
        place = (interview.participant, interview.session)
        found = places.get(sha256, ())
        yield from _elsewhere(place, found)
        if not interview.participant:
            return
        before = self._seen.setdefault(sha256, place)
        if before != place:
            yield IntakeWarning("same_content_twice", detail=_session(*before))
        itself = existing(interview, found)
        expected = (itself, self.replaceable(interview, kind))
        others = [one.ref.recording_id for one in self._there(interview) if one.ref not in expected]
        if earlier := self._taken.get(place):
            others.append(f"file {earlier} of these")
        if others:
            detail = f"{_session(*place)}: {', '.join(others)}"
            yield IntakeWarning("session_taken", detail=detail)
        self._taken.setdefault(place, number)

    def _there(self, interview: Interview) -> Iterable[catalog_pb2.RecordingState]:
        return self._sessions.get((interview.participant, interview.session), {}).values()


def existing(
    interview: Interview, found: Sequence[recording_pb2.FoundContent]
) -> recording_pb2.RecordingRef | None:
    """Return the recording that a content is already, as this very interview, or None."""
    for one in found:
        is_here = (one.ref.participant, one.session) == (interview.participant, interview.session)
        if is_here and one.state == recording_pb2.CONTENT_STATE_SEALED:
            return one.ref
    return None


def label_warnings(
    interview: Interview, reading: reading_pb2.Reading, study: study_pb2.Study | None
) -> Iterator[IntakeWarning]:
    """Yield what is odd about the labels of a transcript, for the participant it is said to be."""
    known = set(study.participants) if study else set()
    given = _plain(interview.participant)
    is_named = given in map(_plain, reading.codes)
    others = sorted(
        code
        for code in set(reading.codes)
        if _plain(code) != given and (code in known or (not is_named and _FULL_CODE.search(code)))
    )
    if others and interview.participant:
        yield IntakeWarning("other_participant", len(others), detail=", ".join(others))
    missing = [label for label in interview.reading.roles if int(label[1:]) > reading.speaker_count]
    if missing:
        yield IntakeWarning("no_such_speaker", len(missing), detail=", ".join(sorted(missing)))


def _plain(code: str) -> str:
    """Return a code without zeros in front of its number: P7 and P07 are one."""
    return _ZEROS.sub("", code)


def _elsewhere(
    place: tuple[str, int], found: Sequence[recording_pb2.FoundContent]
) -> Iterator[IntakeWarning]:
    states = {
        recording_pb2.CONTENT_STATE_SEALED: "same_content",
        recording_pb2.CONTENT_STATE_REMOVED: "content_removed",
        recording_pb2.CONTENT_STATE_WITHDRAWN: "content_withdrawn",
    }
    for state, kind in states.items():
        there = [one for one in found if one.state == state and _is_odd(one, place)]
        if there:
            detail = ", ".join(_session(one.ref.participant, one.session) for one in there)
            yield IntakeWarning(kind, len(there), detail=detail)


def _is_odd(found: recording_pb2.FoundContent, place: tuple[str, int]) -> bool:
    """Return whether it is odd that a content comes now, which was found in the study."""
    is_here = (found.ref.participant, found.session) == place
    if found.state == recording_pb2.CONTENT_STATE_SEALED:
        return not is_here
    if found.state != recording_pb2.CONTENT_STATE_REMOVED:
        return True
    # Whoever corrects a mistake brings the same file in again.
    return found.removal not in _CORRECTED or (is_here and found.removal in _MISPLACED)


def _session(participant: str, session: int) -> str:
    return f"{participant} session {session}" if session else participant
