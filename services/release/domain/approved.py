# SPDX-License-Identifier: Apache-2.0
"""What was approved: the run, with the corrections that were approved with it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.corrections.doubtful_words import standing
from services.corrections.model import Correction, Replacement, RoleCorrection
from services.corrections.replay import apply, by_segment
from services.corrections.roles import role_of
from services.release.domain.reviews import Review
from services.release.domain.transcript import Segment, Transcript, TranscriptSummary, turns


@dataclass(frozen=True)
class ApprovedInput:
    """A run that goes into a release, its review, and the corrections that were approved.

    `roles` are those that reviewers gave, by the label of the speaker.
    """

    summary: TranscriptSummary
    review: Review
    corrections: tuple[Correction, ...]
    roles: Mapping[str, RoleCorrection] = field(default_factory=dict)


@dataclass(frozen=True)
class ApprovedText:
    """The corrected transcript of an input.

    `sha256` (hex) is over the text of each segment as it is released, UTF-8, each followed by LF;
    `redactions` counts replacements by entity type after correction. `doubtful_words` counts the
    words that may be misheard and stand; None where no word was judged.
    """

    source: ApprovedInput
    transcript: Transcript
    sha256: str
    redactions: Mapping[str, int]
    doubtful_words: int | None = None

    def without_words(self) -> ApprovedText:
        """Return it without the segments, which take memory."""
        return replace(self, transcript=replace(self.transcript, segments=()))


def approved_text(source: ApprovedInput, segments: Sequence[Segment]) -> ApprovedText:
    """Apply the approved corrections; raises CorrectionMalformed when they do not fit the run."""
    corrections = by_segment(source.corrections, len(segments))
    made: list[Segment] = []
    for index, engine_segment in enumerate(segments):
        role = role_of(engine_segment.speaker, engine_segment.role, source.roles)
        segment = replace(engine_segment, role=role)
        if index in corrections:
            made.append(_corrected(segment, corrections[index]))
        else:
            made.append(segment)
    transcript = Transcript(source.summary, tuple(made))
    digest = hashlib.sha256()
    for turn in turns(transcript):
        for part in turn.segments:
            digest.update(part.text.encode() + b"\n")
    counts = Counter(source.summary.redactions)
    counts.update(_types(made))
    counts.subtract(_types(segments))
    return ApprovedText(
        source,
        transcript,
        digest.hexdigest(),
        {name: count for name, count in sorted(counts.items()) if count > 0},
        sum(len(one.doubtful_words) for one in made) if source.summary.words_judged else None,
    )


def _corrected(segment: Segment, corrections: Sequence[Correction]) -> Segment:
    """Return a segment with its corrections; a pause inside a correction goes."""
    text = apply(segment.text, segment.replacements, (), corrections)
    return replace(
        segment,
        text=text.text,
        replacements=text.replacements,
        pauses=tuple(
            replace(one, at=text.place_of(one.at, one.at)[0])
            for one in segment.pauses
            if not any(change.start < one.at < change.end for change in corrections)
        ),
        overlaps=tuple(
            replace(one, start=start, end=end)
            for one in segment.overlaps
            for start, end in [text.place_of(one.start, one.end)]
        ),
        doubtful_words=standing(segment.text, segment.doubtful_words, text),
    )


def _types(segments: Iterable[Segment]) -> Counter[str]:
    return Counter(one.entity_type for part in segments for one in _marks(part))


def _marks(segment: Segment) -> Sequence[Replacement]:
    return segment.replacements
