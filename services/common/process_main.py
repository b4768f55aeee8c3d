# SPDX-License-Identifier: Apache-2.0
"""Runs the entry point of a process, and turns its errors into an exit status."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import NoReturn

from services.common import hardening, telemetry
from services.common.errors import SottoError, disk_full
from services.common.files import says_disk_full


def run_process(main: Callable[[], None]) -> NoReturn:
    """Run a process's entry point; an error of ours ends it with one line and its exit status."""
    hardening.protect_memory()
    telemetry.switch_off()
    try:
        main()
    except SottoError as error:
        _end(error)
    except OSError as error:
        if not says_disk_full(error):
            raise
        _end(disk_full())
    sys.exit(0)


def _end(error: SottoError) -> NoReturn:
    with contextlib.suppress(OSError):  # a full disk takes no last word either
        sys.stderr.write(f"{error.message}\n")
    sys.exit(error.exit_code)
