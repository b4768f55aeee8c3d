# SPDX-License-Identifier: Apache-2.0
"""The program that `templates` starts, as `python -m services.common.sandbox TASK`.

Stdin is the socket by which runs of the task are asked for.
"""

from __future__ import annotations

import gc
import os
import socket
import sys
from functools import partial

from services.common import hardening
from services.common.sandbox.child import load, obey
from services.common.sandbox.confinement import find_filter
from services.common.sandbox.forking import Forks, may_fork

_EACH_LOADS = "each-loads"


def main(name: str, *, each_loads: bool) -> None:
    """Load the task and serve; with `each_loads`, let each fork load it for itself."""
    template, rules = os.getpid(), find_filter()
    if each_loads:

        def work() -> None:
            obey(load(name), template, rules)
    else:
        task = load(name)
        if not may_fork():
            # A new program in this process has neither the threads nor the memory.
            os.execv(sys.executable, [*sys.orig_argv, _EACH_LOADS])  # noqa: S606 - ourselves
        work = partial(obey, task, template, rules)
    control = socket.socket(fileno=os.dup(0))
    os.dup2(1, 0)
    hardening.set_dumpable(False)
    # Objects that nobody counts again stay in memory that forks share.
    gc.collect()
    gc.freeze()
    Forks(control, work).serve()


if __name__ == "__main__":
    main(sys.argv[1], each_loads=sys.argv[2:] == [_EACH_LOADS])
