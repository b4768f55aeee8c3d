# SPDX-License-Identifier: Apache-2.0
"""Which recordings a study's rule of retention asks to delete, and their deletion.

A study keeps recordings for so many days after the first release that holds their words. What was
not released is kept, whatever its age: nobody has worked with it yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from flows import catalog
from services.common.client import Peers
from services.common.errors import PermissionDenied
from services.registry import identities
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
)


@dataclass(frozen=True, slots=True)
class Due:
    """A recording with a rule; `state` is "waiting", "due", "held" or "deleted"."""

    ref: recording_pb2.RecordingRef
    due_at: dt.datetime
    rule: str
    state: str

    def record(self) -> dict[str, str]:
        """As a line of output: ids, times and states."""
        return {
            "study_id": self.ref.study_id,
            "participant": self.ref.participant,
            "recording_id": self.ref.recording_id,
            "due_at": self.due_at.isoformat(timespec="seconds"),
            "rule": self.rule,
            "state": self.state,
        }


def plan(peers: Peers, now: dt.datetime, study_id: str = "") -> list[Due]:
    """What the rules say now, of one study or of all; changes nothing."""
    reader = catalog_service_pb2_grpc.CatalogReaderServiceStub(peers.channel(identities.CLINICAL))
    names = (
        [study_id]
        if study_id
        else list(reader.ListStudies(catalog_pb2.ListStudiesRequest()).study_ids)
    )
    found: list[Due] = []
    for name in names:
        study = reader.GetStudy(catalog_pb2.GetStudyRequest(study_id=name)).study
        if study.keep_recordings_days:
            found += _of_study(peers, name, study.keep_recordings_days, now)
    return found


def apply(peers: Peers, planned: list[Due]) -> Iterator[Due]:
    """Delete what is due; a hold set in between wins. Yields each as it stands after."""
    stub = recording_service_pb2_grpc.RetentionServiceStub(peers.channel(identities.CLINICAL))
    for one in planned:
        if one.state != "due":
            yield one
            continue
        try:
            stub.DeleteContent(recording_pb2.DeleteContentRequest(ref=one.ref, rule=one.rule))
        except PermissionDenied:
            yield Due(one.ref, one.due_at, one.rule, "held")
        else:
            yield Due(one.ref, one.due_at, one.rule, "deleted")


def _of_study(peers: Peers, study_id: str, days: int, now: dt.datetime) -> Iterator[Due]:
    released = {
        state.ref.recording_id: state.released_at.ToDatetime(dt.UTC)
        for state in catalog.pages(peers, identities.RESEARCH, study_id)
        if state.HasField("released_at")
    }
    for state in catalog.pages(peers, identities.CLINICAL, study_id):
        moment = released.get(state.ref.recording_id)
        if state.erased or moment is None:
            continue
        due_at = moment + dt.timedelta(days=days)
        if state.HasField("content_deleted_at"):
            step = "deleted"
        elif due_at > now:
            step = "waiting"
        else:
            step = "held" if state.held else "due"
        yield Due(state.ref, due_at, f"{days}_days_after_release", step)
