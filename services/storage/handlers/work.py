# SPDX-License-Identifier: Apache-2.0
"""What workers of the orchestrator tell of themselves. Ids, counts and times alone."""

from __future__ import annotations

from collections.abc import Iterable

import grpc

from services.storage.domain.work import WorkNote, WorkNotes
from sotto.storage.v1 import work_pb2, work_service_pb2_grpc


class WorkNoteHandlers(work_service_pb2_grpc.WorkNoteServiceServicer):
    """Takes notes of workers."""

    def __init__(self, notes: WorkNotes) -> None:
        self._notes = notes

    def NoteWork(
        self, request: work_pb2.NoteWorkRequest, context: grpc.ServicerContext
    ) -> work_pb2.NoteWorkResponse:
        """Take a note in the place of the worker's last one."""
        self._notes.put(request.worker, request.SerializeToString())
        return work_pb2.NoteWorkResponse()


class WorkReaderHandlers(work_service_pb2_grpc.WorkReaderServiceServicer):
    """Tells what workers do."""

    def __init__(self, notes: WorkNotes) -> None:
        self._notes = notes

    def ListWork(
        self, request: work_pb2.ListWorkRequest, context: grpc.ServicerContext
    ) -> work_pb2.ListWorkResponse:
        """List workers and what they hold, by what each told last."""
        response = work_pb2.ListWorkResponse()
        for note in self._notes.newest():
            told = work_pb2.NoteWorkRequest.FromString(note.content)
            response.workers.append(_worker(note, told))
            response.recordings.extend(_recordings(note, told))
        return response


def _worker(note: WorkNote, told: work_pb2.NoteWorkRequest) -> work_pb2.Worker:
    worker = work_pb2.Worker(
        name=note.worker,
        version=told.version,
        state=_state(note, told),
        started_at=told.started_at,
        places=told.places,
        recordings_done=told.recordings_done,
        busy_seconds=told.busy_seconds,
    )
    worker.noted_at.FromDatetime(note.noted_at)
    if told.HasField("certificate_ends_at"):
        worker.certificate_ends_at.CopyFrom(told.certificate_ends_at)
    return worker


def _state(note: WorkNote, told: work_pb2.NoteWorkRequest) -> work_pb2.WorkerState:
    if told.stopped:
        return work_pb2.WORKER_STATE_STOPPED
    return work_pb2.WORKER_STATE_SILENT if note.silent else work_pb2.WORKER_STATE_ALIVE


def _recordings(note: WorkNote, told: work_pb2.NoteWorkRequest) -> Iterable[work_pb2.RecordingWork]:
    for held in told.recordings:
        one = work_pb2.RecordingWork(held=held, worker=note.worker, stale=note.silent)
        one.noted_at.FromDatetime(note.noted_at)
        yield one
