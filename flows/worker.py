# SPDX-License-Identifier: Apache-2.0
"""Finds recordings that are not done yet and runs the flow of each, a few at a time."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from flows import catalog
from flows.settings import FlowSettings, adopt_prefect
from services.common import context, identity, logging, signals
from services.common.audit import AuditTrail
from services.common.client import Peers, audit_appender
from services.common.errors import SottoError, WrongUse
from services.common.files import write_private
from services.common.installation import Installation
from services.common.lifecycle import LifecycleAudit
from services.common.process_main import run_process
from services.common.supervisor import SCHEDULER
from services.registry import identities
from sotto.audit.v1 import entry_pb2

_log = structlog.get_logger(__name__)


def main() -> None:
    """Work until told to stop; unfinished stages go on at the next start."""
    settings = FlowSettings.load(service="worker")
    logging.configure("worker", fmt=settings.log_format, level=settings.log_level)
    logging.withhold_tracebacks()
    home = Installation(settings.home)
    if SCHEDULER not in settings.addresses:
        msg = "no address of the scheduler is known; set it in 'addresses'"
        raise WrongUse(msg)
    stopping = threading.Event()
    signals.on_terminate(stopping.set)
    signals.stop_with_parent(stopping.set)
    credentials = identity.load(settings.pki or home.pki / identities.FLOWS)
    peers = Peers(credentials, settings.addresses)

    def append(event: entry_pb2.Event) -> int:
        # Looked up at each entry: a worker that was not told where the log is works all the same.
        return audit_appender(peers)(event)

    life = LifecycleAudit(settings, credentials, AuditTrail(append), stopping)
    life.begin()
    adopt_prefect(home, settings.addresses[SCHEDULER])

    from flows import leftovers, recording

    # Prefect brings its own logging set-up with it; ours is the only one.
    logging.configure("worker", fmt=settings.log_format, level=settings.log_level)
    recording.House.open(peers, stopping)
    leftovers.close()
    write_private(home.folder("run") / "worker.address", b"none\n")
    _log.info("worker_started", limit=settings.recordings_at_once)
    _work(peers, settings, stopping)
    life.end()
    peers.close()
    _log.info("worker_stopped")


def _work(peers: Peers, settings: FlowSettings, stopping: threading.Event) -> None:
    running: dict[str, Future[None]] = {}
    retention_at = time.monotonic() + settings.retention_first_minutes * 60
    with (
        ThreadPoolExecutor(settings.recordings_at_once, "recording") as pool,
        ThreadPoolExecutor(1, "retention") as keeper,
    ):
        while not stopping.is_set():
            if settings.retention_hours and time.monotonic() >= retention_at:
                retention_at = time.monotonic() + settings.retention_hours * 3600
                keeper.submit(_retain)
            running = {key: future for key, future in running.items() if not future.done()}
            try:
                waiting = [one for one in catalog.recordings(peers) if not one.is_settled]
            except SottoError as error:
                _log.warning("catalogue_away", reason=error.reason)
                waiting = []
            # Two interviews of one participant go one after the other, so that pseudonyms are
            # numbered in the order of the interviews on every run.
            busy = {(one.study_id, one.participant) for one in waiting} & {
                tuple(key.split("/")[:2]) for key in running
            }
            for one in waiting:
                who = (one.study_id, one.participant)
                if who in busy or len(running) >= settings.recordings_at_once:
                    continue
                busy.add(who)
                running["/".join((*who, one.recording_id))] = pool.submit(_process, one)
            stopping.wait(settings.poll_seconds)


def _retain() -> None:
    from flows.retention_flow import apply_retention

    try:
        apply_retention(dry_run=False)
    except SottoError as error:
        _log.warning("retention_failed", reason=error.reason)
    except Exception as error:  # noqa: BLE001 - retention must not stop the worker
        _log.error("retention_failed", exc_info=error)


def _process(one: catalog.RecordingStatus) -> None:
    from flows.recording import process_recording

    context.enter(
        context.CallContext(
            person="", role="flow", purpose="research", request_id=context.new_request_id()
        )
    )
    try:
        process_recording(one.study_id, one.participant, one.recording_id)
    except SottoError as error:
        _log.warning("recording_failed", recording_id=one.recording_id, reason=error.reason)
    except Exception as error:  # noqa: BLE001 - one recording must not stop the worker
        _log.error("recording_failed", recording_id=one.recording_id, exc_info=error)


if __name__ == "__main__":
    run_process(main)
