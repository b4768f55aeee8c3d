# SPDX-License-Identifier: Apache-2.0
"""Measures the audit log: durable appends against bare SQLite, verification, proofs at ten million.

    python benchmarks/audit.py [--entries 1000000] [--proofs 10000000] [--seconds 5] [--dir DIR]

Bare SQLite is measured twice with the same journal and sync settings and bytes: from one thread, in
batches of the size that the log's group commit reached; and from as many waiting threads as the log
has, behind the plainest group commit. Prints one JSON object a measurement.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.audit.adapters.key_files import ensure_keys
from services.audit.adapters.sqlite_store import SqliteStore
from services.audit.domain.log import AuditLog
from services.audit.domain.nodes import TileNodes
from services.audit.domain.writer import Writer
from services.audit_evidence import merkle
from services.audit_evidence.entry import DraftEntry, Outcome, Phase, ReportedEvent
from services.audit_evidence.frontier import Frontier

ROOT = Path(__file__).resolve().parents[1]


def event(number: int) -> ReportedEvent:
    """Return an event like those of a busy day."""
    return ReportedEvent(
        "recording:content:read", Phase.FACT, Outcome.SUCCESS, person="ana", role="operator",
        purpose="research", caller="transcription", object=f"rec-{number:026}",
        participant=f"P{number % 97:02}", study_id="recovery", zone="clinical",
        request_id=f"{number:016x}", attributes={"checkpoint_size": str(number * 17)},
    )  # fmt: skip


def act(number: int) -> ReportedEvent:
    """Return an event of a log of acts: of each three entries two are an intent and its outcome."""
    plain = event(number)
    if number % 3 == 1:
        return replace(plain, phase=Phase.INTENT, outcome=Outcome.UNKNOWN)
    if number % 3 == 2:
        before = event(number - 1)
        return replace(before, phase=Phase.OUTCOME, intent_index=number - 1)
    return plain


def open_log(folder: Path) -> tuple[SqliteStore, AuditLog]:
    """Open a log as the service does."""
    store = SqliteStore(folder)
    ring = ensure_keys(folder, "bench.example/log", fresh=store.head() is None)
    store.seal_keys = ring.signing
    return store, AuditLog(store, ring.signing)


def appends(folder: Path, clients: int, seconds: float) -> dict[str, Any]:
    """Durable appends from so many threads, each waiting for its own."""
    store, log = open_log(folder)
    sizes: list[int] = []
    commit = store.commit

    def counted(first: int, leaves: Any, *rest: Any) -> None:
        sizes.append(len(leaves))
        commit(first, leaves, *rest)

    store.commit = counted  # type: ignore[method-assign]
    writer = Writer(log, publish_every=3600)
    until = time.perf_counter() + seconds
    taken: list[float] = []
    mutex = threading.Lock()

    events = [event(number) for number in range(1000)]  # what a client has is not ours to measure

    def work(name: int) -> None:
        own, number = list[float](), name
        while (began := time.perf_counter()) < until:
            writer.append(events[number % 1000], "storage-clinical")
            own.append(time.perf_counter() - began)
            number += clients
        with mutex:
            taken.extend(own)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - began
    leaf = len(log.leaf(0))
    writer.close()
    store.close()
    taken.sort()
    return {
        "measure": "append",
        "clients": clients,
        "rows_a_second": round(len(taken) / wall),
        "batch": round(statistics.mean(sizes), 1),
        "median_ms": round(taken[len(taken) // 2] * 1000, 2),
        "p99_ms": round(taken[len(taken) * 99 // 100] * 1000, 2),
        "leaf_bytes": leaf,
    }


def bare(folder: Path, batch: int, leaf: int, seconds: float) -> float:
    """Rows a second of SQLite alone: one thread, one table, the same sync and batch."""
    db = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE entries (idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT")
    row, number = os.urandom(leaf), 0
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        db.execute("BEGIN IMMEDIATE")
        rows = [(number + n, row) for n in range(batch)]
        db.executemany("INSERT INTO entries VALUES (?, ?)", rows)
        db.execute("COMMIT")
        number += batch
    wall = time.perf_counter() - began
    db.close()
    return number / wall


def grouped(folder: Path, clients: int, leaf: int, seconds: float) -> float:
    """Rows a second of SQLite behind the plainest group commit, with as many waiting threads."""
    db = sqlite3.connect(folder / "grouped.sqlite", isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE entries (idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT")
    row, wake, queue, taken = os.urandom(leaf), threading.Condition(), list[threading.Lock](), [0]
    until = time.perf_counter() + seconds

    def commit() -> None:
        number = 0
        while time.perf_counter() < until or queue:
            with wake:
                if not queue:
                    wake.wait(0.05)
                batch = list(queue)
                queue.clear()
            if not batch:
                continue
            db.execute("BEGIN IMMEDIATE")
            rows = [(number + n, row) for n in range(len(batch))]
            db.executemany("INSERT INTO entries VALUES (?, ?)", rows)
            db.execute("COMMIT")
            number += len(batch)
            for waiting in batch:
                waiting.release()
        taken[0] = number

    def ask() -> None:
        while time.perf_counter() < until:
            own = threading.Lock()
            own.acquire()
            with wake:
                queue.append(own)
                wake.notify()
            own.acquire(timeout=10)

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    threads.append(threading.Thread(target=commit))
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - began
    db.close()
    return taken[0] / wall


def verification(folder: Path, count: int) -> dict[str, Any]:
    """Make a log of `count` entries of facts and acts and verify it in a process of its own."""
    store, log = open_log(folder)
    batch = 20_000
    for first in range(0, count, batch):
        drafts = [DraftEntry(act(n), "storage-clinical") for n in range(first, first + batch)]
        log.commit(drafts[: count - first])
    store.close()
    program = (
        "import sys, time; from pathlib import Path; began = time.perf_counter();"
        "from services.audit.cli.verify import verify_log; report = verify_log(Path(sys.argv[1]));"
        "print(report.ok, report.size, time.perf_counter() - began,"
        # getrusage would give what this process had, where that was more
        " Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    command = [sys.executable, "-c", program, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    whole, size, wall, memory = done.split()
    return {
        "measure": "verify",
        "ok": whole == "True",
        "entries": int(size),
        "seconds": round(float(wall), 2),
        "entries_a_second": round(int(size) / float(wall)),
        "peak_memory_mb": round(int(memory) / 1024),
        "database_mb": round((folder / "log.sqlite").stat().st_size / 1e6),
    }


def proofs(count: int) -> dict[str, Any]:
    """Proof size and time in a tree of `count` simulated leaves."""
    frontier = Frontier()
    tiles: dict[tuple[int, int], bytes] = {}
    began = time.perf_counter()
    for number in range(count):
        for tile in frontier.push(number.to_bytes(32, "big")):
            tiles[tile.level, tile.index] = tile.hashes
    grown = time.perf_counter() - began
    root = frontier.root()
    taken, sizes = list[float](), list[int]()
    checked = list[float]()
    for turn in range(200):
        index = turn * 7_919_777 % count
        nodes = TileNodes(lambda level, at: tiles[level, at], frontier.view())
        began = time.perf_counter()
        path = merkle.inclusion_proof(index, count, nodes)
        taken.append(time.perf_counter() - began)
        sizes.append(len(path) * 32)
        began = time.perf_counter()
        merkle.verify_inclusion(index.to_bytes(32, "big"), index, count, path, root)
        checked.append(time.perf_counter() - began)
    nodes = TileNodes(lambda level, at: tiles[level, at], frontier.view())
    began = time.perf_counter()
    growth = merkle.consistency_proof(count // 3, count, nodes)
    return {
        "measure": "proof",
        "entries": count,
        "grow_entries_a_second": round(count / grown),
        "inclusion_bytes": max(sizes),
        "inclusion_median_ms": round(statistics.median(taken) * 1000, 2),
        "check_median_us": round(statistics.median(checked) * 1e6),
        "consistency_bytes": len(growth) * 32,
        "consistency_ms": round((time.perf_counter() - began) * 1000, 2),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--proofs", type=int, default=10_000_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--dir", type=Path, default=None, help="where the disk to measure is")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.dir) as place:
        for clients in (1, 8, 64):
            folder = Path(place) / f"append-{clients}"
            folder.mkdir()
            found = appends(folder, clients, given.seconds)
            alone = bare(folder, max(1, round(found["batch"])), found["leaf_bytes"], given.seconds)
            same = grouped(folder, clients, found["leaf_bytes"], given.seconds)
            found["bare_one_thread_rows_a_second"] = round(alone)
            found["bare_same_clients_rows_a_second"] = round(same)
            found["ratio_one_thread"] = round(found["rows_a_second"] / alone, 2)
            found["ratio_same_clients"] = round(found["rows_a_second"] / same, 2)
            print(json.dumps(found), flush=True)
        folder = Path(place) / "verify"
        folder.mkdir()
        print(json.dumps(verification(folder, given.entries)), flush=True)
    print(json.dumps(proofs(given.proofs)), flush=True)


if __name__ == "__main__":
    main()
