# SPDX-License-Identifier: Apache-2.0
"""What a reviewer does, as calls: find a transcript, read it, correct it, decide on it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import grpc

from services.common.errors import Conflict, InvalidInput, WrongUse
from services.common.paging import pages
from services.common.wording import unknown
from services.corrections import convert, journal
from services.corrections.model import MarkedPlace
from services.registry import identities, ids
from services.release_client.clips import clip_of_words
from services.release_client.review_places import ReviewedSegment, reviewed, reviewed_after
from services.storage_client.transcripts import decode, read_transcript
from sotto.release.v1 import release_service_pb2_grpc, review_pb2
from sotto.storage.v1 import recording_pb2
from sotto.storage.v1 import review_pb2 as stored_pb2
from sotto.transcript.v1 import transcript_pb2
from sotto.transcription.v1 import clip_pb2

STATES = {
    stored_pb2.REVIEW_STATE_PENDING: "pending",
    stored_pb2.REVIEW_STATE_APPROVED: "approved",
    stored_pb2.REVIEW_STATE_REJECTED: "rejected",
}
_SEEN = re.compile(rf"({ids.RUN_KEY}):([0-9]{{1,9}}):([0-9]{{1,9}})(:sound)?")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reviewer saw: the run, its corrections and the state of its review, by generation;
    and whether its sound is released with it.
    """

    run_key: str
    corrections: int
    review: int
    with_sound: bool = False

    def __str__(self) -> str:
        sound = ":sound" if self.with_sound else ""
        return f"{self.run_key}:{self.corrections}:{self.review}{sound}"

    @classmethod
    def parse(cls, text: str, recording: str) -> Seen:
        """Read what `show` printed; raises WrongUse, with the command that prints it."""
        match = _SEEN.fullmatch(text)
        if match is None:
            raise WrongUse(
                "a decision names what was read; take --run from the end of what this prints:"
                f" sotto review show {recording}"
            )
        return cls(match[1], int(match[2]), int(match[3]), match[4] is not None)


@dataclass(frozen=True, slots=True)
class Reading:
    """A transcript that was read, with its corrections applied; `position` is the segment of the
    person's newest step.
    """

    item: review_pb2.ReviewItem
    corrections: stored_pb2.Corrections
    segments: list[ReviewedSegment]
    position: int = 0

    @property
    def seen(self) -> Seen:
        """What a decision on this reading names."""
        return Seen(
            self.item.run_key,
            self.corrections.generation,
            self.item.review.generation,
            self.item.with_sound,
        )

    @property
    def undecided(self) -> int:
        """How many doubtful places nobody decided."""
        return sum(len(one.open_places) for one in self.segments)

    def after(self, step: stored_pb2.ReviewStep, generation: int) -> Reading | None:
        """Return the reading after a step, without another reading; None where others took steps
        in between, so that it must be read again.
        """
        if generation != self.corrections.generation + 1:
            return None
        made = journal.take(convert.run_corrections(self.corrections), convert.step(step))
        item = review_pb2.ReviewItem()
        item.CopyFrom(self.item)
        item.corrections = made.count
        item.review.state = stored_pb2.REVIEW_STATE_PENDING
        content = self.corrections.content_sha256
        corrections = convert.corrections_message(
            self.item.run_key, content, replace(made, generation=generation)
        )
        segments = reviewed_after(self.segments, made.corrections, made.roles, made.journal)
        return replace(self, item=item, corrections=corrections, segments=segments)


class Channels(Protocol):
    """What gives a channel to a service by its name: the peers of a command, or those of a page."""

    def channel(self, name: str, /) -> grpc.Channel:
        """Return the channel to a service."""


class Reviewing:
    """The calls of one reviewer."""

    def __init__(self, peers: Channels) -> None:
        self._peers = peers
        self._stub = release_service_pb2_grpc.ReviewServiceStub(peers.channel(identities.RELEASE))

    def items(
        self,
        study: str = "",
        state: stored_pb2.ReviewState = stored_pb2.REVIEW_STATE_UNSPECIFIED,
    ) -> Iterator[review_pb2.ReviewItem]:
        """Yield the transcripts of a study, or of all that the person reviews."""

        def fetch(token: str) -> review_pb2.ListReviewsResponse:
            return self._stub.ListReviews(
                review_pb2.ListReviewsRequest(
                    study_id=study, state=state, page_size=1000, page_token=token
                )
            )

        for page in pages(fetch):
            yield from page.items

    def find(self, recording: str, study: str = "") -> review_pb2.ReviewItem:
        """Return the transcript of a recording.

        Raises InvalidInput for what is no id, and NotFound, naming those that there are.
        """
        if not re.fullmatch(ids.RECORDING_ID, recording):
            raise InvalidInput(
                f"{recording!r} is no recording id; {ids.ADVICE[ids.RECORDING_ID]}, or:"
                " sotto review list"
            )
        known = []
        for item in self.items(study):
            if item.ref.recording_id == recording:
                return item
            known.append(item.ref.recording_id)
        there = f"study {study} has" if study else "there is"
        raise unknown(
            "transcript to review of", recording, known, there=there, is_listed=len(known) <= 10
        )

    def read(self, ref: recording_pb2.RecordingRef, run_key: str = "") -> Reading:
        """Read a transcript, the newest run by default: one entry of the audit log."""
        summary = review_pb2.ReviewSummary()
        encoded: list[bytes] = []
        for part in self._stub.GetReview(review_pb2.GetReviewRequest(ref=ref, run_key=run_key)):
            if part.WhichOneof("part") == "summary":
                summary = part.summary
            else:
                encoded += part.window.encoded_segments
        made = convert.run_corrections(summary.corrections)
        segments = reviewed(decode(encoded), made.corrections, made.roles, made.journal)
        return Reading(summary.item, summary.corrections, segments, summary.position)

    def identified(self, ref: recording_pb2.RecordingRef) -> tuple[transcript_pb2.Segment, ...]:
        """Read the identified transcript, which is another entry of the audit log."""
        return read_transcript(self._peers.channel(identities.CLINICAL), ref).segments

    def listen(
        self, reading: Reading, segment: int, start: int = 0, end: int = 0
    ) -> clip_pb2.GetClipResponse:
        """Hear code points of a segment, or all of it: another entry of the audit log."""
        channel = self._peers.channel(identities.TRANSCRIPTION)
        return clip_of_words(channel, reading.item, reading.segments[segment].message, start, end)

    def decide(
        self,
        ref: recording_pb2.RecordingRef,
        seen: Seen,
        decision: review_pb2.Decision,
        reason: str,
    ) -> review_pb2.DecideReviewResponse:
        """Approve or reject what was seen."""
        return self._stub.DecideReview(
            review_pb2.DecideReviewRequest(
                ref=ref,
                run_key=seen.run_key,
                corrections_generation=seen.corrections,
                review_generation=seen.review,
                with_sound=seen.with_sound,
                decision=decision,
                reason=reason,
            )
        )

    def add(self, request: review_pb2.AddCorrectionRequest) -> review_pb2.AddCorrectionResponse:
        """Correct a place."""
        # A redaction is looked for in the whole transcript, by the engine that knows names.
        return self._stub.AddCorrection(request, timeout=600.0)

    def remove(
        self, reading: Reading, segment: int, start: int
    ) -> review_pb2.RemoveCorrectionResponse:
        """Take a correction back."""
        return self._stub.RemoveCorrection(
            review_pb2.RemoveCorrectionRequest(
                ref=reading.item.ref,
                run_key=reading.item.run_key,
                segment=segment,
                start=start,
            )
        )

    def assign(self, reading: Reading, roles: Mapping[str, str]) -> review_pb2.AssignRolesResponse:
        """Give speakers their roles, or the engine's back."""
        return self._stub.AssignRoles(
            review_pb2.AssignRolesRequest(
                ref=reading.item.ref, run_key=reading.item.run_key, roles=roles
            )
        )

    def mark(
        self, reading: Reading, mark: review_pb2.Mark, places: Iterable[MarkedPlace]
    ) -> review_pb2.MarkPlacesResponse:
        """Say of places that they may stay, of turns that nothing is left, or put places off."""
        return self._stub.MarkPlaces(
            review_pb2.MarkPlacesRequest(
                ref=reading.item.ref,
                run_key=reading.item.run_key,
                mark=mark,
                places=convert.place_messages(places),
            )
        )

    def merge(self, reading: Reading, label: str, into: str) -> review_pb2.MergeLabelsResponse:
        """Say that two labels mean the same."""
        return self._stub.MergeLabels(
            review_pb2.MergeLabelsRequest(
                ref=reading.item.ref, run_key=reading.item.run_key, label=label, into=into
            )
        )

    def undo(self, reading: Reading, step: int = 0) -> review_pb2.UndoStepResponse:
        """Undo a step, the person's newest that counts by default."""
        return self._stub.UndoStep(
            review_pb2.UndoStepRequest(
                ref=reading.item.ref, run_key=reading.item.run_key, step=step
            )
        )

    def redo(self, reading: Reading) -> review_pb2.RedoStepResponse:
        """Do again what the person undid last."""
        return self._stub.RedoStep(
            review_pb2.RedoStepRequest(ref=reading.item.ref, run_key=reading.item.run_key)
        )

    def mentions(
        self, reading: Reading, place: MarkedPlace, entity_type: str = ""
    ) -> tuple[MarkedPlace, ...]:
        """Return where the same is mentioned as at a place, and nobody corrected it."""
        answer = self._stub.ListMentions(
            review_pb2.ListMentionsRequest(
                ref=reading.item.ref,
                run_key=reading.item.run_key,
                segment=place.segment,
                start=place.start,
                end=place.end,
                entity_type=entity_type,
            ),
            timeout=600.0,
        )
        return convert.places(answer.mentions)


def moment(review: stored_pb2.Review) -> str:
    """Return when a review was decided, empty where nobody decided yet."""
    if not review.HasField("decided_at"):
        return ""
    return review.decided_at.ToDatetime(dt.UTC).isoformat(timespec="seconds")


def same_run(reading: Reading, run: str) -> None:
    """Refuse to correct another run than the one that a person saw, where the person named it.

    Places of another run bear other numbers. Raises Conflict, and WrongUse for what `show` does not
    print.
    """
    key = run.partition(":")[0]
    if run and re.fullmatch(ids.RUN_KEY, key) is None:
        Seen.parse(run, reading.item.ref.recording_id)
    if run and key != reading.item.run_key:
        raise Conflict(
            f"{reading.item.ref.recording_id} was made anew since; look at it again with:"
            f" sotto review show {reading.item.ref.recording_id}"
        )
