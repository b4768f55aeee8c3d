# SPDX-License-Identifier: Apache-2.0
"""Appends events to a log as the service does, one line on stdout for each that was acknowledged.

Run as a process of its own by the fault tests: `appender.py FOLDER COUNT THREADS`. Or without
arguments as a server, which saves each of many tries the start of an interpreter: for each line
FOLDER on stdin it forks a child, which says its number and begins to append, writing to FOLDER.out,
when it gets SIGUSR1. When the child has ended, the server says `done`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from services.audit.adapters.checkpoint_file import CHECKPOINT_FILE, FileAnchor
from services.audit.adapters.key_files import ensure_keys
from services.audit.adapters.sqlite_store import SqliteStore
from services.audit.domain.log import AuditLog
from services.audit.domain.writer import Writer
from services.audit_evidence.entry import Outcome, Phase, ReportedEvent
from services.common.errors import SottoError


def serve() -> None:
    """Fork a child for each line."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    for line in sys.stdin:
        folder = Path(line.removesuffix("\n"))
        child = os.fork()
        if child == 0:
            status = 1
            try:
                out = os.open(folder.with_suffix(".out"), os.O_WRONLY | os.O_CREAT, 0o600)
                os.write(1, f"{os.getpid()}\n".encode())
                os.dup2(out, 1)
                os.dup2(out, 2)
                signal.sigwait({signal.SIGUSR1})
                append(folder, 6, 1)
                status = 0
            finally:
                os._exit(status)
        os.waitpid(child, 0)
        os.write(1, b"done\n")


def append(folder: Path, count: int, threads: int) -> None:
    """Append until all threads are through; a refused append is tried again a few times."""
    folder.mkdir(exist_ok=True, mode=0o700)
    store = SqliteStore(folder)
    ring = ensure_keys(folder, "audit.example/log", fresh=store.head() is None)
    store.seal_keys = ring.signing
    log = AuditLog(store, ring.signing, anchors=[FileAnchor(folder / CHECKPOINT_FILE)])
    writer = Writer(log, publish_every=60)
    os.write(1, b"open\n")

    def work(name: int) -> None:
        for number in range(count):
            event = ReportedEvent(
                "recording:content:read", Phase.FACT, Outcome.SUCCESS,
                person=f"t{name}-{number}", object="rec-0", participant="P07", study_id="st1",
            )  # fmt: skip
            for _ in range(5):
                try:
                    index = writer.append(event, "storage-clinical")
                except SottoError as error:
                    os.write(1, f"refused {type(error).__name__}\n".encode())
                    continue
                os.write(1, f"{index} t{name}-{number}\n".encode())
                break

    workers = [threading.Thread(target=work, args=(name,)) for name in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    writer.close()
    store.close()
    os.write(1, b"closed\n")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        serve()
    else:
        append(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
