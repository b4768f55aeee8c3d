# SPDX-License-Identifier: Apache-2.0
"""What a run counts for its manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from services.transcription.domain.ports import AudioReader, ManifestFields
from services.transcription.domain.transcriber import Plan
from services.transcription.domain.transcript import Segment
from services.transcription.domain.words import count_words


class Tally:
    """Counts of one run, in the order in which its segments are written; no content."""

    def __init__(self) -> None:
        self.segments = self.end_ms = 0
        self._words = self._doubtful_words = self._doubtful = self._heard = 0
        self._doubts: Counter[str] = Counter()
        self._speakers: set[str] = set()

    def add(self, segments: Sequence[Segment]) -> None:
        """Count segments that were written."""
        self.segments += len(segments)
        for segment in segments:
            self._heard += not segment.is_inaudible
            self.end_ms = max(self.end_ms, segment.end_ms or segment.start_ms or 0)
            self._speakers.add(segment.speaker)
            if not segment.is_inaudible:
                self._words += len(segment.words) or count_words(segment.text)
            self._doubtful_words += sum(word.doubtful for word in segment.words)
            if segment.evidence is not None and segment.evidence.doubtful:
                self._doubtful += 1
                self._doubts.update(doubt.value for doubt in segment.evidence.doubts)

    def note(self, plan: Plan, reader: AudioReader) -> None:
        """Count what makes the recording itself doubtful."""
        found = {
            "nothing_heard": plan.has_sound and not self._heard,
            "quiet_speech": plan.quiet_speech,
            "interviewer_unknown": plan.voices is not None and not plan.voices.interviewers,
            "bad_packets": reader.bad_packets,
            "cut_short": reader.cut_short,
        }
        self._doubts.update({kind: int(count) for kind, count in found.items() if count})

    def manifest_fields(self, duration_ms: int, provenance: Mapping[str, str]) -> ManifestFields:
        """Return the counts as fields of the manifest."""
        return ManifestFields(
            duration_ms=duration_ms,
            provenance=dict(provenance),
            words=self._words,
            speakers=len(self._speakers),
            doubtful_segments=self._doubtful,
            doubtful_words=self._doubtful_words,
            doubts=dict(self._doubts),
        )
