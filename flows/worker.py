# SPDX-License-Identifier: Apache-2.0
"""The process that runs flows for Prefect, under the certificate of `flows`."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import structlog

from flows import names
from flows.settings import FlowSettings, prefect_environment, use_prefect
from services.common import identity, logging, signals
from services.common.audit import AuditTrail
from services.common.client import Peers, audit_appender
from services.common.errors import WrongUse
from services.common.files import write_private
from services.common.installation import Installation
from services.common.lifecycle import LifecycleAudit
from services.common.process_main import run_process
from services.registry import identities
from services.registry.processes import SCHEDULER, WORKER
from sotto.audit.v1 import entry_pb2

if TYPE_CHECKING:
    from flows.flow_worker import FlowWorker

_log = structlog.get_logger(__name__)

_MOST_MACHINE = 100  # characters of a machine's name in that of a worker


def main() -> None:
    """Run flows until a signal stops it; what is not finished is taken up by the next worker."""
    settings = FlowSettings.load(service="worker")
    logging.configure("worker", fmt=settings.log_format, level=settings.log_level)
    logging.withhold_tracebacks()
    installation = Installation(settings.home)
    if not settings.prefect_api_url and SCHEDULER not in settings.addresses:
        raise WrongUse("no address of the scheduler is known; set it in 'addresses'")
    stopping = threading.Event()
    credentials = identity.load(settings.pki or installation.pki / identities.FLOWS)
    peers = Peers(credentials, settings.addresses, run=installation.run)
    use_prefect(settings)

    def append(event: entry_pb2.Event) -> int:
        # Looked up at each entry: a worker without the address of the log works all the same.
        return audit_appender(peers)(event)

    lifecycle = LifecycleAudit(settings, credentials, AuditTrail(append), stopping)
    lifecycle.begin()

    # Prefect reads its environment when it is imported.
    from prefect.client.orchestration import get_client

    from flows import deployments
    from flows.flow_worker import FlowWorker
    from flows.maintenance_flow import evidence_report, scrub, verify_audit_log
    from flows.participant_order import ParticipantOrder
    from flows.prefect_api import PrefectApi
    from flows.recording_flow import process_recordings
    from flows.retention_flow import apply_retention
    from flows.sweep_flow import sweep
    from flows.task_context import TaskContext
    from flows.work_board import WorkBoard

    # Its import brings its own logging set-up; ours comes after it and is the only one.
    logging.configure("worker", fmt=settings.log_format, level=settings.log_level)
    api = PrefectApi(prefect_environment(settings))
    flows = {
        flow.name: flow
        for flow in (
            process_recordings, sweep, apply_retention, verify_audit_log, scrub, evidence_report,
        )
    }  # fmt: skip
    api.check()
    with get_client(sync_client=True) as client:
        deployments.ensure(client, settings)
    name = worker_name()
    board = WorkBoard(peers, name, settings.recordings_at_once)
    worker = FlowWorker(
        name, settings.recordings_at_once, flows, TaskContext(peers, settings, stopping, board),
        ParticipantOrder(api),
    )  # fmt: skip
    # What became due while no worker ran is found now and not at the next hour of the sweep.
    api.create_run(names.SWEEP, f"start of {name}", {}, idempotency_key=secrets.token_hex(16))
    installation.make_folder("run")
    write_private(installation.address_file(WORKER, settings.instance), b"none\n")
    _log.info("worker_started", limit=settings.recordings_at_once)
    _serve(worker, stopping)
    board.stop()
    lifecycle.end()
    peers.close()
    _log.info("worker_stopped")


def worker_name() -> str:
    """Return the name of this worker: that of its machine, in the characters of names, and pid."""
    machine = re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname()).lstrip(".")[:_MOST_MACHINE]
    return f"{machine or 'worker'}-{os.getpid()}"


def _serve(worker: FlowWorker, stopping: threading.Event) -> None:
    """Run the worker until a signal, or until it fails; returns when its runs have ended."""

    def stop() -> None:
        worker.stop()
        stopping.set()

    signals.on_terminate(stop)
    signals.stop_with_parent(stop)
    # Prefect sets a signal handler around each flow that runs in the main thread, so none does.
    with ThreadPoolExecutor(1, "worker") as thread:
        serving = thread.submit(asyncio.run, worker.serve())
        serving.add_done_callback(lambda _: stopping.set())
        stopping.wait()
        serving.result()


if __name__ == "__main__":
    run_process(main)
