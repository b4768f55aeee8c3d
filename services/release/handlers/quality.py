# SPDX-License-Identifier: Apache-2.0
"""Rounds of quality: opening, reading, ruling, searching, signing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import grpc

from services.common import context as call
from services.common.audit import Action, AuditTrail
from services.registry.events import Event
from services.registry.identities import COMPLIANCE
from services.release.adapters.quality_store import gate_message
from services.release.domain.quality.passages import Mark
from services.release.domain.quality.reading import QualityReading
from services.release.domain.quality.rounds import QualityRounds
from services.release.domain.quality.searching import MissSearch
from services.release.handlers.quality_messages import passage_message, round_message
from services.storage_client.study_members import StudyMembers
from sotto.release.v1 import quality_pb2, release_service_pb2_grpc
from sotto.study.v1 import study_pb2

_REVIEWER = study_pb2.MEMBER_ROLE_REVIEWER
_USUAL_COUNT = 10


class QualityHandlers(release_service_pb2_grpc.QualityServiceServicer):
    """Takes reviewers of a study through a round."""

    def __init__(
        self,
        rounds: QualityRounds,
        reading: QualityReading,
        search: MissSearch,
        members: StudyMembers,
        trail: AuditTrail,
    ) -> None:
        self._rounds = rounds
        self._reading = reading
        self._search = search
        self._members = members
        self._trail = trail

    def OpenRound(
        self, request: quality_pb2.OpenRoundRequest, context: grpc.ServicerContext
    ) -> quality_pb2.OpenRoundResponse:
        """Fix the frame, have the log take its digest, and draw by a later checkpoint."""
        study_id = request.study_id
        person = call.current().person
        with self._trail.record(Event.QUALITY_FRAMED, object=study_id, study_id=study_id) as act:
            self._members.require(study_id, _REVIEWER)
            frame = self._rounds.frame(study_id, person)
            act.note(round=frame.number, frame=frame.sha256, count=len(frame.runs))
            act.note(segments=sum(one.segments for one in frame.runs))
        with self._trail.record(
            Event.QUALITY_OPENED,
            object=study_id,
            study_id=study_id,
            attributes={"round": frame.number, "frame": frame.sha256},
        ) as act:
            view = self._rounds.open(frame, person)
            act.note(seed=view.round.seed, count=len(view.round.passages))
        return quality_pb2.OpenRoundResponse(round=round_message(view))

    def ReadPassages(
        self, request: quality_pb2.ReadPassagesRequest, context: grpc.ServicerContext
    ) -> quality_pb2.ReadPassagesResponse:
        """Give passages that are left for the caller: one reading."""
        study_id = request.study_id
        with self._of_reviewer(Event.QUALITY_READ, study_id, request.round) as act:
            found = self._reading.read(
                study_id, request.round, call.current().person, request.count or _USUAL_COUNT
            )
            act.note(count=len(found))
        left = found[0].left if found else 0
        return quality_pb2.ReadPassagesResponse(passages=map(passage_message, found), left=left)

    def RecordReadings(
        self, request: quality_pb2.RecordReadingsRequest, context: grpc.ServicerContext
    ) -> quality_pb2.RecordReadingsResponse:
        """Take what the caller marked."""
        study_id = request.study_id
        with self._of_reviewer(Event.QUALITY_MARKED, study_id, request.round) as act:
            marked = [(one.number, _marks(one.marks)) for one in request.findings]
            view = self._reading.record(study_id, request.round, call.current().person, marked)
            act.note(count=len(marked), generation=view.generation)
        return quality_pb2.RecordReadingsResponse(round=round_message(view))

    def ListDisagreements(
        self, request: quality_pb2.ListDisagreementsRequest, context: grpc.ServicerContext
    ) -> quality_pb2.ListDisagreementsResponse:
        """Give passages on which two others disagree: one reading."""
        study_id = request.study_id
        with self._of_reviewer(Event.QUALITY_READ, study_id, request.round) as act:
            found = self._reading.disputes(study_id, request.round, call.current().person)
            act.note(count=len(found))
        return quality_pb2.ListDisagreementsResponse(passages=map(passage_message, found))

    def RuleOnPassage(
        self, request: quality_pb2.RuleOnPassageRequest, context: grpc.ServicerContext
    ) -> quality_pb2.RuleOnPassageResponse:
        """Take what a third person finds right."""
        study_id, finding = request.study_id, request.finding
        with self._of_reviewer(Event.QUALITY_MARKED, study_id, request.round) as act:
            view = self._reading.rule(
                *(study_id, request.round, call.current().person),
                *(finding.number, _marks(finding.marks)),
            )
            act.note(count=1, generation=view.generation)
        return quality_pb2.RuleOnPassageResponse(round=round_message(view))

    def SearchMisses(
        self, request: quality_pb2.SearchMissesRequest, context: grpc.ServicerContext
    ) -> quality_pb2.SearchMissesResponse:
        """Replace what was missed, wherever it stands in the study."""
        study_id = request.study_id
        person = call.current().person
        with self._of_reviewer(Event.QUALITY_SEARCHED, study_id, request.round) as act:
            found = self._rounds.with_misses(study_id, request.round, person)
            replaced = self._search.replace(found.round, found.standing.missed, person)
            view = self._rounds.searched(study_id, request.round, person, replaced)
            act.note(count=replaced)
        return quality_pb2.SearchMissesResponse(round=round_message(view), replaced=replaced)

    def SignRound(
        self, request: quality_pb2.SignRoundRequest, context: grpc.ServicerContext
    ) -> quality_pb2.SignRoundResponse:
        """Vouch for a round as it was seen."""
        study_id = request.study_id
        with self._of_reviewer(Event.QUALITY_SIGNED, study_id, request.round) as act:
            view = self._rounds.sign(
                study_id, request.round, call.current().person, request.generation
            )
            act.note(generation=view.generation)
        return quality_pb2.SignRoundResponse(round=round_message(view))

    @contextmanager
    def _of_reviewer(self, event: Event, study_id: str, number: int) -> Iterator[Action]:
        """Record what a reviewer does in a round; whoever is none of the study is refused in it."""
        with self._trail.record(
            event, object=study_id, study_id=study_id, attributes={"round": number}
        ) as act:
            self._members.require(study_id, _REVIEWER)
            yield act


class QualityReaderHandlers(release_service_pb2_grpc.QualityReaderServiceServicer):
    """Says how rounds stand, for reviewers of the study and for compliance officers."""

    def __init__(self, rounds: QualityRounds, members: StudyMembers) -> None:
        self._rounds = rounds
        self._members = members

    def ListRounds(
        self, request: quality_pb2.ListRoundsRequest, context: grpc.ServicerContext
    ) -> quality_pb2.ListRoundsResponse:
        """List rounds: ids, numbers, and who read; no word of a transcript."""
        study_id = request.study_id
        if call.current().client != COMPLIANCE:
            self._members.require(study_id, _REVIEWER)
        overview = self._rounds.overview(study_id)
        return quality_pb2.ListRoundsResponse(
            gate=None if overview.gate is None else gate_message(overview.gate),
            rounds=map(round_message, overview.rounds),
            waiting=overview.waiting,
        )


def _marks(messages: Iterable[quality_pb2.PassageMark]) -> list[Mark]:
    return [Mark(one.start, one.end, one.entity_type) for one in messages]
