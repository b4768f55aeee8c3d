# SPDX-License-Identifier: Apache-2.0
"""Answers about a participant, a recording and the log itself, from no more entries than needed.

The same functions work on a copy of the whole log, as the command reads it: what is asked for here
are the entries that they look at.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import grpc

from services.audit_client.entries import LogClient
from services.audit_evidence.custody import Step, steps, trace
from services.audit_evidence.entry import Entry
from services.audit_evidence.history import LogCheck, checks
from services.audit_evidence.who import SIGHT_EVENTS, TELLING_EVENTS, Answer, who_saw
from services.common.errors import NotFound
from services.common.wording import unknown
from services.registry.events import Event
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2

_RELEASES = (Event.BUNDLE_FILE_SEALED, Event.BUNDLE_SEALED, Event.RELEASE_EXPORTED)
#: Events that tie a recording to releases, and to what it was before or became by a move.
_TIES = (
    *_RELEASES,
    Event.RELEASE_BUILT,
    Event.BUNDLE_FILE_READ,
    Event.RECORDING_SEALED,
    Event.RECORDING_REMOVED,
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
    names = sorted({*SIGHT_EVENTS, *TELLING_EVENTS, *_RELEASES})
    rest = _known(client, entry_pb2.EntryFilter(study_id=study_id, names=names))
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
    study_id = next((one.event.study_id for one in direct if one.event.study_id), "")
    ties = _known(client, entry_pb2.EntryFilter(study_id=study_id, names=sorted(_TIES)))
    return trace(_merged(direct, ties), recording_id)


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
