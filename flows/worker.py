# SPDX-License-Identifier: Apache-2.0
"""Finds recordings that are not done yet and runs the flow of each, a few at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from flows import catalog, task_context
from flows.catalog import RecordingSummary
from flows.settings import FlowSettings, use_prefect_of
from services.common import context, identity, logging, signals
from services.common.audit import AuditTrail
from services.common.client import Peers, audit_appender
from services.common.errors import SottoError, WrongUse
from services.common.files import write_private
from services.common.installation import Installation
from services.common.lifecycle import LifecycleAudit
from services.common.process_main import run_process
from services.registry import identities
from services.registry.processes import SCHEDULER, WORKER
from sotto.audit.v1 import entry_pb2

_log = structlog.get_logger(__name__)

Participant = tuple[str, str]
"""A participant by study id and code."""


def main() -> None:
    """Work until a signal stops it; unfinished stages go on at the next start."""
    settings = FlowSettings.load(service="worker")
    logging.configure("worker", fmt=settings.log_format, level=settings.log_level)
    logging.withhold_tracebacks()
    installation = Installation(settings.home)
    if SCHEDULER not in settings.addresses:
        raise WrongUse("no address of the scheduler is known; set it in 'addresses'")
    stopping = threading.Event()
    signals.on_terminate(stopping.set)
    signals.stop_with_parent(stopping.set)
    credentials = identity.load(settings.pki or installation.pki / identities.FLOWS)
    peers = Peers(credentials, settings.addresses, run=installation.run)

    def append(event: entry_pb2.Event) -> int:
        # Looked up at each entry: a worker without the address of the log works all the same.
        return audit_appender(peers)(event)

    lifecycle = LifecycleAudit(settings, credentials, AuditTrail(append), stopping)
    lifecycle.begin()
    use_prefect_of(installation, settings.addresses[SCHEDULER])

    from prefect.client.orchestration import get_client

    # Importing flows brings Prefect's own logging set-up with it. Ours comes after it and is the
    # only one, so the flows are imported here and not when the first of them runs.
    from flows import recording_flow, retention_flow, stale_runs  # noqa: F401 - as said above

    logging.configure("worker", fmt=settings.log_format, level=settings.log_level)
    task_context.install(task_context.TaskContext(peers, stopping))
    with get_client(sync_client=True) as client:
        stale_runs.mark_crashed(client)
    installation.make_folder("run")
    write_private(installation.address_file(WORKER, settings.instance), b"none\n")
    _log.info("worker_started", limit=settings.recordings_at_once)
    work(settings, stopping, lambda: catalog.recordings(peers), _process, _apply_retention)
    lifecycle.end()
    peers.close()
    _log.info("worker_stopped")


def work(
    settings: FlowSettings,
    stopping: threading.Event,
    list_recordings: Callable[[], list[RecordingSummary]],
    process: Callable[[RecordingSummary], None],
    apply_retention: Callable[[], None],
) -> None:
    """Process recordings, and apply the rules of retention on their hours, until `stopping`.

    Returns when all that was started has ended. A catalogue that cannot be read is asked again at
    the next poll.
    """
    running: dict[Participant, Future[None]] = {}
    retention_at = time.monotonic() + settings.retention_first_minutes * 60
    with (
        ThreadPoolExecutor(settings.recordings_at_once, "recording") as recording_pool,
        ThreadPoolExecutor(1, "retention") as retention_pool,
    ):
        while not stopping.is_set():
            if settings.retention_hours and time.monotonic() >= retention_at:
                retention_at = time.monotonic() + settings.retention_hours * 3600
                retention_pool.submit(apply_retention)
            running = {key: future for key, future in running.items() if not future.done()}
            try:
                recordings = list_recordings()
            except SottoError as error:
                _log.warning("catalogue_unavailable", reason=error.reason)
                recordings = []
            free = settings.recordings_at_once - len(running)
            for recording in startable(recordings, running.keys(), free):
                running[_participant(recording)] = recording_pool.submit(process, recording)
            stopping.wait(settings.poll_seconds)


def startable(
    recordings: Iterable[RecordingSummary], busy: Collection[Participant], free: int
) -> list[RecordingSummary]:
    """Return the unsettled recordings to start now, at most `free`, in their order.

    A participant's interviews are processed one after the other, so that pseudonyms are numbered in
    the order of the interviews on every run; `busy` are those with a recording running.
    """
    taken = set(busy)
    chosen: list[RecordingSummary] = []
    for recording in recordings:
        participant = _participant(recording)
        if not recording.is_settled and participant not in taken and len(chosen) < free:
            taken.add(participant)
            chosen.append(recording)
    return chosen


def _participant(recording: RecordingSummary) -> Participant:
    return recording.study_id, recording.participant


def _apply_retention() -> None:
    from flows.retention_flow import apply_retention

    try:
        apply_retention(dry_run=False)
    except SottoError as error:
        _log.warning("retention_failed", reason=error.reason)
    except Exception as error:  # noqa: BLE001 - retention must not stop the worker
        _log.error("retention_failed", exc_info=error)


def _process(recording: RecordingSummary) -> None:
    from flows.recording_flow import process_recording

    recording_id = recording.recording_id
    context.enter(
        context.CallContext(
            person="", role="flow", purpose="research", request_id=context.new_request_id()
        )
    )
    try:
        process_recording(recording.study_id, recording.participant, recording_id)
    except SottoError as error:
        _log.warning("recording_failed", recording_id=recording_id, reason=error.reason)
    except Exception as error:  # noqa: BLE001 - one recording must not stop the worker
        _log.error("recording_failed", recording_id=recording_id, exc_info=error)


if __name__ == "__main__":
    run_process(main)
