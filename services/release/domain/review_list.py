# SPDX-License-Identifier: Apache-2.0
"""Lists transcripts and their reviews, page by page, and reads one with all that belongs to it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.common.errors import InvalidInput
from services.corrections.model import RunCorrections
from services.release.domain.ports import ResearchZone, ReviewStore, Study
from services.release.domain.reviews import (
    ReviewItem,
    ReviewState,
    StudyContents,
    approved_before,
    in_force,
)
from services.release.domain.transcript import RecordingName, TranscriptSummary

MOST_IN_A_PAGE = 1000
USUAL_PAGE = 100


@dataclass(frozen=True)
class ReviewPage:
    """A page of a list; `next_token` is empty at its end."""

    items: tuple[ReviewItem, ...]
    next_token: str


@dataclass(frozen=True)
class ReadReview:
    """What a reviewer reads: the transcript in short, its corrections, its encoded segments, a
    window each.
    """

    item: ReviewItem
    corrections: RunCorrections
    windows: Sequence[Sequence[bytes]]


class ReviewLister:
    """Reads what reviewers see before they read a transcript."""

    def __init__(self, zone: ResearchZone, store: ReviewStore) -> None:
        self._zone = zone
        self._store = store

    def page(
        self, study_ids: Iterable[str], state: ReviewState | None, size: int, token: str
    ) -> ReviewPage:
        """Return a page of the newest runs of some studies, those that wait first, by risk.

        Raises InvalidInput when the token is none of ours.
        """
        found = sorted(
            (
                item
                for study_id in study_ids
                for item in self._items(study_id)
                if state in {None, item.review.state}
            ),
            key=lambda item: item.order,
        )
        after = _order(token) if token else None
        left = [item for item in found if after is None or item.order > after]
        most = min(size or USUAL_PAGE, MOST_IN_A_PAGE)
        page = tuple(left[:most])
        return ReviewPage(page, _token(page[-1]) if len(left) > most else "")

    def read(self, name: RecordingName, run_key: str) -> ReadReview:
        """Read a run, the newest by default, with its review and corrections.

        Raises NoSuchTranscript.
        """
        contents = self._zone.contents_of(name)
        summary = contents.run(name.recording_id, run_key)
        corrections = self._store.corrections(name.study_id, summary)
        review = self._store.review(name.study_id, summary) or contents.review(summary)
        study = self._zone.study(name.study_id)
        item = ReviewItem(
            name.study_id,
            summary,
            in_force(review, corrections, study.review),
            corrections.count,
            corrections.lost_count,
            approved_before(contents.runs[name.recording_id], contents),
            study.has_sound,
        )
        return ReadReview(item, corrections, self._zone.windows(name.study_id, summary))

    def _items(self, study_id: str) -> Iterator[ReviewItem]:
        study = self._zone.study(study_id)
        contents = self._zone.contents(study_id)
        for summary in contents.newest:
            yield self._item(study, summary, contents)

    def _item(
        self, study: Study, summary: TranscriptSummary, contents: StudyContents
    ) -> ReviewItem:
        review = contents.review(summary)
        # Whoever corrects leaves a review that says so, which spares a call for all others.
        corrections = (
            self._store.corrections(study.study_id, summary)
            if review.corrections_generation
            else RunCorrections()
        )
        return ReviewItem(
            study.study_id,
            summary,
            in_force(review, corrections, study.review),
            corrections.count,
            corrections.lost_count,
            approved_before(contents.runs[summary.recording_id], contents),
            study.has_sound,
        )


def _token(item: ReviewItem) -> str:
    return base64.urlsafe_b64encode(json.dumps(item.order).encode()).decode()


def _order(token: str) -> tuple[int, float, str, str]:
    try:
        rank, risk, study_id, recording_id = json.loads(base64.urlsafe_b64decode(token))
        return int(rank), float(risk), str(study_id), str(recording_id)
    except (binascii.Error, ValueError, TypeError):
        raise InvalidInput(
            "the page token is none of this list; begin again without a token"
        ) from None
