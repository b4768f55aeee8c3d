# SPDX-License-Identifier: Apache-2.0
"""The releases that the log knows: whose words each holds, and to whom it was handed out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.audit_evidence.custody import Step
from services.audit_evidence.entry import Outcome
from services.registry.events import Event

#: Events that tell of releases.
OF_RELEASES = frozenset(
    one.value for one in (Event.BUNDLE_FILE_SEALED, Event.BUNDLE_SEALED, Event.RELEASE_EXPORTED)
)


@dataclass
class LoggedRelease:
    """A finished release: its participants, the act that finished it, and its exports."""

    study_id: str
    release_id: str
    participants: set[str] = field(default_factory=set)
    built: Step | None = None
    exports: list[Step] = field(default_factory=list)


def releases(acts: Iterable[Step]) -> list[LoggedRelease]:
    """Return the finished releases in the order in which they were finished.

    The entries of files name the participant and, in their object, the release: so this needs no
    release service, and works on a copy of the log years later. An export that failed midway
    counts: files may have left.
    """
    found: dict[str, LoggedRelease] = {}
    finished: dict[str, LoggedRelease] = {}
    for step in acts:
        event = step.began.event
        if event.name == Event.BUNDLE_FILE_SEALED and step.outcome == Outcome.SUCCESS:
            release_id = event.object.partition("/")[0]
            one = found.setdefault(release_id, LoggedRelease(event.study_id, release_id))
            if event.participant:
                one.participants.add(event.participant)
        elif event.name == Event.BUNDLE_SEALED and step.outcome == Outcome.SUCCESS:
            release_id = event.object.partition("/")[0]
            one = found.setdefault(release_id, LoggedRelease(event.study_id, release_id))
            finished[release_id] = one
            one.built = one.built or step
        elif event.name == Event.RELEASE_EXPORTED and step.outcome != Outcome.DENIED:
            release_id = step.attributes.get("release_id", "")
            if release_id in found:
                found[release_id].exports.append(step)
    return list(finished.values())
