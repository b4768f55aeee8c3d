# SPDX-License-Identifier: Apache-2.0
"""What the first page tells a reviewer: how many transcripts wait, by study."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from services.common.errors import PermissionDenied
from services.console.web.language import say_count, speaking
from services.console.web.visit import Visit
from services.console.web.waiting import Waiting
from services.registry.identities import REVIEWER
from services.release_client.reviewing import Reviewing
from sotto.storage.v1 import review_pb2


def look(visit: Visit) -> Sequence[Waiting]:
    """Tell how many transcripts wait in each study of the person."""
    with visit.calling(REVIEWER, purpose="review") as services:
        try:
            found = list(Reviewing(services).items(state=review_pb2.REVIEW_STATE_PENDING))
        except PermissionDenied:  # a reviewer of no study, for whom nothing waits
            return []
    counts = Counter(item.ref.study_id for item in found)
    with speaking(visit.language):
        return [
            Waiting(
                heading=study,
                text=say_count(
                    count,
                    "{count} transcript waits for a reviewer, the riskiest first.",
                    "{count} transcripts wait for a reviewer, the riskiest first.",
                ),
                path="/review",
                link=visit.say("Review them"),
                count=count,
            )
            for study, count in sorted(counts.items())
        ]
