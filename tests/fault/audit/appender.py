# SPDX-License-Identifier: Apache-2.0
"""Appends events to a log as the service does, one line on stdout for each that was acknowledged.

Run as a process of its own by the fault tests: `appender.py FOLDER COUNT THREADS`.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from services.audit.domain.writer import Writer
from services.plumbing.errors import SottoError
from tests.unit.audit.builders import Bench, fact


def main() -> None:
    """Append until all threads are through; a refused append is tried again a few times."""
    folder, count, threads = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    bench = Bench(folder)
    writer = Writer(bench.log, publish_every=60)
    os.write(1, b"open\n")

    def work(name: int) -> None:
        for number in range(count):
            for _ in range(5):
                try:
                    index = writer.append(fact(person=f"t{name}-{number}"), "storage-clinical")
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
    bench.store.close()
    os.write(1, b"closed\n")


if __name__ == "__main__":
    main()
