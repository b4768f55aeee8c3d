# SPDX-License-Identifier: Apache-2.0
"""Looking for what a round missed in the whole study, and replacing it: the class of a miss.

A miss is replaced where it was found, and spreads over its transcript by coreference, like every
redaction of a reviewer. Words that a reviewer put back or wrote anew are taken back. Then its words
are looked for in every transcript of the study. All that is corrected waits for review again, so
that the next sample is another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.corrections.model import Correction, CorrectionKind
from services.release.domain.correcting import Corrector, WantedCorrection
from services.release.domain.ports import ResearchZone, ReviewStore
from services.release.domain.quality.passages import whole_words
from services.release.domain.quality.round import Round, Span
from services.release.domain.transcript import RecordingName, TranscriptSummary

_MOST_ROUNDS = 200  # of one word in one transcript; each takes all of its kind at once


@dataclass(frozen=True)
class _Miss:
    words: str
    entity_type: str


class MissSearch:
    """Replaces what was missed, where it was found and wherever else in the study it stands."""

    def __init__(self, zone: ResearchZone, store: ReviewStore, corrector: Corrector) -> None:
        self._zone = zone
        self._store = store
        self._corrector = corrector

    def replace(self, one: Round, missed: Mapping[int, Sequence[Span]], person: str) -> int:
        """Replace the missed places of a round by passage; return how many places were replaced.

        May be repeated after it ended early. Raises what the corrector does.
        """
        replaced = 0
        classes: dict[_Miss, None] = {}
        for at, spans in sorted(missed.items()):
            where = one.passages[at]
            run = one.frame[where.recording]
            name = RecordingName(one.study_id, run.participant, run.recording_id)
            for span in spans:
                words = self._words(name, where.segment, span)
                if words:
                    classes[_Miss(words, span.entity_type)] = None
                replaced += self._at(name, where.segment, span, person)
        contents = self._zone.contents(one.study_id)
        for summary in contents.newest:
            name = RecordingName(one.study_id, summary.participant, summary.recording_id)
            for miss in classes:
                replaced += self._everywhere(name, miss, person)
        return replaced

    def _words(self, name: RecordingName, segment: int, span: Span) -> str:
        """Return the words that a reader saw at a place of the run's own text."""
        summary = self._summary(name)
        for other in self._store.corrections(name.study_id, summary).corrections:
            inside = other.segment == segment and other.overlaps(span.start, span.end)
            if inside and other.kind.leaves_words:
                return other.text.strip()
        text = self._zone.segments(name.study_id, summary)[segment].text
        return text[span.start : span.end].strip()

    def _at(self, name: RecordingName, segment: int, span: Span, person: str) -> int:
        """Replace one place, or take back what a reviewer wrote there; 0 where that was done."""
        summary = self._summary(name)
        there = [
            other
            for other in self._store.corrections(name.study_id, summary).corrections
            if other.segment == segment and other.overlaps(span.start, span.end)
        ]
        if not there:
            place = (segment, span.start, span.end)
            return len(self._redact(name, summary, place, span.entity_type, person))
        written = (other for other in there if other.kind.leaves_words)
        return sum(self._take_back(name, other, span.entity_type, person) for other in written)

    def _take_back(
        self, name: RecordingName, written: Correction, entity_type: str, person: str
    ) -> int:
        """Take restored words or a new wording back; what was worded anew is replaced then."""
        summary = self._summary(name)
        taken = self._corrector.remove(
            name, summary.run_key, written.segment, written.start, person
        )
        if written.kind is CorrectionKind.WORDING:
            return len(self._redact(name, summary, written.place, entity_type, person))
        return len(taken.step.removed)

    def _everywhere(self, name: RecordingName, miss: _Miss, person: str) -> int:
        replaced = 0
        for written in self._store.corrections(name.study_id, self._summary(name)).corrections:
            if written.kind.leaves_words and any(whole_words(written.text, miss.words, ())):
                replaced += self._take_back(name, written, miss.entity_type, person)
        for _ in range(_MOST_ROUNDS):
            place = next(self._places(name, miss.words), None)
            if place is None:
                break
            replaced += len(
                self._redact(name, self._summary(name), place, miss.entity_type, person)
            )
        return replaced

    def _places(self, name: RecordingName, words: str) -> Iterator[tuple[int, int, int]]:
        """Yield where words stand in clear in the newest run's own text, corrected nowhere."""
        summary = self._summary(name)
        corrections = self._store.corrections(name.study_id, summary)
        for index, part in enumerate(self._zone.segments(name.study_id, summary)):
            taken = [(one.start, one.end) for one in part.replacements]
            own = (one for one in corrections.corrections if one.segment == index)
            taken += [(one.start, one.end) for one in own]
            for start, end in whole_words(part.text, words, taken):
                yield index, start, end

    def _redact(
        self,
        name: RecordingName,
        summary: TranscriptSummary,
        place: tuple[int, int, int],
        entity_type: str,
        person: str,
    ) -> Sequence[Correction]:
        wanted = WantedCorrection(summary.run_key, CorrectionKind.REDACT, *place, entity_type, "")
        return self._corrector.add(name, wanted, person).step.added

    def _summary(self, name: RecordingName) -> TranscriptSummary:
        return self._zone.contents_of(name).run(name.recording_id)
