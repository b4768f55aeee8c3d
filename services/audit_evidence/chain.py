# SPDX-License-Identifier: Apache-2.0
"""The chain of custody of a recording as a picture needs it: who held it, and what they did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.audit_evidence.custody import Step
from services.audit_evidence.plain_words import act_words, ended, who
from services.registry.identities import (
    CLINICAL,
    DEIDENTIFICATION,
    RELEASE,
    RESEARCH,
    TRANSCRIPTION,
)

#: Who writes the entries of a chain, in the order in which a recording passes through them.
LANES = (CLINICAL, TRANSCRIPTION, DEIDENTIFICATION, RESEARCH, RELEASE)


@dataclass(frozen=True, slots=True)
class CustodyNode:
    """One or more equal acts in a row: what was done, on whose behalf, and how it ended.

    `lane` is a place in `LANES`; `entries` are the numbers at which the acts begin.
    """

    lane: int
    time: datetime
    until: datetime
    words: str
    who: str
    ended: str
    is_owners: bool
    entries: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many acts it stands for."""
        return len(self.entries)


def chain(acts: Iterable[Step]) -> list[CustodyNode]:
    """Return the acts of a recording in order, those that repeat each other as one node.

    A transcript is stored a window at a time, and a release read a file at a time: each of these
    has its entry, and a picture of all of them would show nothing.
    """
    nodes: list[CustodyNode] = []
    for step in acts:
        event = step.began.event
        lane = LANES.index(step.began.service) if step.began.service in LANES else 0
        node = CustodyNode(
            lane, step.began.time, step.began.time, act_words(step), who(step), ended(step),
            step.is_owners, (step.began.index,),
        )  # fmt: skip
        same = next(
            (
                at
                for at in range(len(nodes) - 1, max(-1, len(nodes) - 6), -1)
                if _alike(nodes[at], node)
            ),
            None,
        )
        if same is None or not event.request_id:
            nodes.append(node)
        else:
            one = nodes[same]
            nodes[same] = CustodyNode(
                one.lane, one.time, node.time, one.words, one.who, one.ended, one.is_owners,
                one.entries + node.entries,
            )  # fmt: skip
    return nodes


def _alike(one: CustodyNode, other: CustodyNode) -> bool:
    return (one.lane, one.words, one.who, one.ended, one.is_owners) == (
        other.lane, other.words, other.who, other.ended, other.is_owners,
    )  # fmt: skip
