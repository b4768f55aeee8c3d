# SPDX-License-Identifier: Apache-2.0
"""Answers about a participant, a recording and the log itself, from no more entries than needed.

The same functions work on a copy of the whole log, as the command reads it: what is asked for here
are the entries that they look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import grpc

from services.audit_client.entries import LogClient
from services.audit_evidence.custody import Step, steps, trace
from services.audit_evidence.entry import Entry
from services.audit_evidence.history import LogCheck, checks
from services.audit_evidence.who import Answer, who_saw
from services.common.errors import NotFound
from services.common.wording import unknown
from services.registry.events import Event
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2

#: Events of a study as a whole, which name no participant: acts for which words are read, and what
#: became of releases.
_OF_STUDIES = (
    Event.BUNDLE_SEALED,
    Event.QUALITY_READ,
    Event.RELEASE_BUILT,
    Event.RELEASE_EXPORTED,
)
#: Events of a participant that tie a recording to releases, and to what it was before or became.
_TIES = (
    Event.BUNDLE_FILE_READ,
    Event.BUNDLE_FILE_SEALED,
    Event.RECORDING_REMOVED,
    Event.RECORDING_SEALED,
)
_CHECKS = (Event.LOG_VERIFIED, Event.REPORT_WRITTEN, Event.REVIEW_RECORDED)


def who_saw_participant(
    channel: grpc.Channel,
    study_id: str,
    participant: str,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Answer:
    """Return who saw a participant's words, over all events by which content is read.

    Raises NotFound for a study or a participant that the log does not know.
    """
    client = LogClient(channel)
    # First what concerns the participant, so that the log holds who was asked for.
    own = [*client.every(entry_pb2.EntryFilter(study_id=study_id, participant=participant))]
    rest = _known(client, entry_pb2.EntryFilter(study_id=study_id, names=sorted(_OF_STUDIES)))
    return who_saw(steps(_merged(own, rest)), participant, study_id, since, until)


def custody_of(channel: grpc.Channel, recording_id: str) -> list[Step]:
    """Return every act that touched a recording, its transcripts, or a release that it went into.

    Raises NotFound, without a guess, for a recording that the log does not know.
    """
    client = LogClient(channel)
    direct = [
        *_known(client, entry_pb2.EntryFilter(object=recording_id)),
        *_known(client, entry_pb2.EntryFilter(object=f"{recording_id}/*")),
    ]
    if not direct:
        raise unknown("recording", recording_id, (), near="", there="the log knows")
    return trace(_merged(direct, _tied(client, direct)), recording_id)


def _tied(client: LogClient, direct: Sequence[Entry]) -> Iterator[Entry]:
    """Yield what ties a recording to releases, and to the one that it was before or became."""
    owners = {(one.event.study_id, one.event.participant) for one in direct}
    for study_id, participant in sorted(owners):
        wanted = entry_pb2.EntryFilter(
            study_id=study_id, participant=participant, names=sorted(_TIES)
        )
        yield from _known(client, wanted) if study_id and participant else ()
    for study_id in sorted({study for study, _ in owners} - {""}):
        wanted = entry_pb2.EntryFilter(study_id=study_id, names=sorted(_OF_STUDIES))
        yield from _known(client, wanted)
    moves = {
        one.event.attributes.get(key, "") for one in direct for key in ("moved_from", "moved_to")
    }
    for other in sorted(moves - {""}):
        yield from _known(client, entry_pb2.EntryFilter(object=other, names=sorted(_TIES)))


def verification_history(channel: grpc.Channel) -> list[LogCheck]:
    """Return every check of the log that it tells of, oldest first."""
    wanted = entry_pb2.EntryFilter(names=sorted(_CHECKS))
    return checks(steps(_known(LogClient(channel), wanted)))


def witnesses(channel: grpc.Channel) -> list[entry_pb2.WitnessStatus]:
    """Return what each witness that the log asks last did."""
    stub = audit_service_pb2_grpc.AuditQueryServiceStub(channel)
    return list(stub.GetWitnesses(entry_pb2.GetWitnessesRequest()).witnesses)


def _known(client: LogClient, wanted: entry_pb2.EntryFilter) -> list[Entry]:
    """Return the entries that meet conditions; none where the log knows no such thing yet."""
    try:
        return list(client.every(wanted))
    except NotFound:
        return []


def _merged(*parts: Iterable[Entry]) -> list[Entry]:
    """Return entries of several questions in the order of the log, each once."""
    found = {entry.index: entry for part in parts for entry in part}
    return [found[index] for index in sorted(found)]
