# SPDX-License-Identifier: Apache-2.0
"""What reviewers do in a round of quality, over gRPC."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import grpc

from services.common.errors import InvalidInput, NotFound
from sotto.release.v1 import quality_pb2, release_service_pb2_grpc

# Seconds. Whole transcripts are read; a search has the engine go through each that it corrects.
_PATIENCE = 600.0
#: So many passages may be asked for, or said to be read, at a time.
MOST_PASSAGES = 50


class Quality:
    """Client of rounds, in the role of a reviewer."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._rounds = release_service_pb2_grpc.QualityServiceStub(channel)
        self._reader = release_service_pb2_grpc.QualityReaderServiceStub(channel)

    def overview(self, study: str) -> quality_pb2.ListRoundsResponse:
        """Return the gate of a study and its rounds."""
        return self._reader.ListRounds(quality_pb2.ListRoundsRequest(study_id=study))

    def number(self, study: str, given: int) -> int:
        """Return the number of a round, the newest where none is given; raises NotFound."""
        if given:
            return given
        rounds = self.overview(study).rounds
        if not rounds:
            raise NotFound(
                f"{study} has no round yet; open one with: sotto quality open --study {study}"
            )
        return rounds[-1].round

    def open(self, study: str) -> quality_pb2.QualityRound:
        """Open a round."""
        request = quality_pb2.OpenRoundRequest(study_id=study)
        return self._rounds.OpenRound(request, timeout=_PATIENCE).round

    def passages(self, study: str, number: int, count: int) -> Sequence[quality_pb2.Passage]:
        """Return passages that are left for the caller."""
        return self.read(study, number, count).passages

    def read(self, study: str, number: int, count: int) -> quality_pb2.ReadPassagesResponse:
        """Return passages that are left for the caller, and how many there are in all."""
        request = quality_pb2.ReadPassagesRequest(study_id=study, round=number, count=count)
        return self._rounds.ReadPassages(request, timeout=_PATIENCE)

    def record(
        self,
        study: str,
        number: int,
        passages: Sequence[int],
        misses: Mapping[int, Sequence[tuple[str, str]]],
        among: int = MOST_PASSAGES,
    ) -> quality_pb2.QualityRound:
        """Say what was read; words that are missed are looked for in what is left to read.

        `among` is how many of these come into question, the next ones of the reader's order.
        """
        texts = {}
        if misses:
            texts = {one.number: one.text for one in self.passages(study, number, among)}
        findings = [
            quality_pb2.PassageFinding(
                number=one, marks=_marks(one, texts.get(one), misses.get(one, ()))
            )
            for one in passages
        ]
        request = quality_pb2.RecordReadingsRequest(study_id=study, round=number, findings=findings)
        return self._rounds.RecordReadings(request, timeout=_PATIENCE).round

    def disputes(self, study: str, number: int) -> Sequence[quality_pb2.Passage]:
        """Return passages on which two others disagree."""
        request = quality_pb2.ListDisagreementsRequest(study_id=study, round=number)
        return self._rounds.ListDisagreements(request, timeout=_PATIENCE).passages

    def rule_as(
        self, study: str, number: int, passage: int, marks: Sequence[quality_pb2.PassageMark]
    ) -> quality_pb2.QualityRound:
        """Rule on a passage by marks, such as those of one of both readers."""
        finding = quality_pb2.PassageFinding(number=passage, marks=marks)
        request = quality_pb2.RuleOnPassageRequest(study_id=study, round=number, finding=finding)
        return self._rounds.RuleOnPassage(request, timeout=_PATIENCE).round

    def rule(
        self, study: str, number: int, passage: int, misses: Sequence[tuple[str, str]]
    ) -> quality_pb2.QualityRound:
        """Rule on a passage by words."""
        texts = {one.number: one.text for one in self.disputes(study, number)}
        return self.rule_as(study, number, passage, _marks(passage, texts.get(passage), misses))

    def search(self, study: str, number: int) -> quality_pb2.SearchMissesResponse:
        """Replace what was missed."""
        request = quality_pb2.SearchMissesRequest(study_id=study, round=number)
        return self._rounds.SearchMisses(request, timeout=_PATIENCE)

    def sign(self, study: str, number: int, generation: int) -> quality_pb2.QualityRound:
        """Vouch for a round."""
        request = quality_pb2.SignRoundRequest(study_id=study, round=number, generation=generation)
        return self._rounds.SignRound(request, timeout=_PATIENCE).round


def _marks(
    number: int, text: str | None, misses: Sequence[tuple[str, str]]
) -> list[quality_pb2.PassageMark]:
    """Return the places of words in a passage; each place of them counts."""
    if not misses:
        return []
    if text is None:
        raise InvalidInput(
            f"passage {number} is not among what is left for you; see: sotto quality sample"
        )
    found = []
    for entity_type, words in misses:
        places = [one.span() for one in re.finditer(re.escape(words), text, re.IGNORECASE)]
        if not places:
            raise InvalidInput(
                f"passage {number} does not hold the words of a miss; give them as they stand there"
            )
        found += [
            quality_pb2.PassageMark(start=start, end=end, entity_type=entity_type)
            for start, end in places
        ]
    return found
