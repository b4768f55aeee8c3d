# SPDX-License-Identifier: Apache-2.0
"""The template of a task: it forks a confined process for each run, and ends those left behind.

It never sees a file or what was read from one, and has no credentials. Its service asks for a run
by a message with three descriptors (see `messages`) and learns by the first of them how it ended.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from services.common.sandbox.messages import ASKED, ENDED

_DESCRIPTORS = 3


def may_fork() -> bool:
    """Say whether forks of this process are whole, and share no memory with it or one another.

    A thread is not forked, but the locks that it holds are. What is mapped as shared stays shared.
    """
    threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    maps = Path("/proc/self/maps").read_text("utf-8", "surrogateescape").splitlines()
    rights = [line.split()[1] for line in maps]
    return threads == 1 and not any("w" in right and "s" in right for right in rights)


class Forks:
    """Serves one service, whose requests come by `control`; `obey` is what a fork does."""

    def __init__(self, control: socket.socket, obey: Callable[[], None]) -> None:
        self._control, self._obey = control, obey
        self._poll = select.poll()
        self._running: dict[int, tuple[int, bool]] = {}
        """For the descriptor that stands for a run: its process, and whether we killed it."""
        self._woken, self._waker = os.pipe()
        for end in (self._woken, self._waker):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, _wake)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        self._poll.register(self._control, select.POLLIN)
        self._poll.register(self._woken, select.POLLIN)
        self._open = True

    def serve(self) -> None:
        """Fork until the service is gone or a fork was killed by a fault; leave no fork behind."""
        while self._open or self._running:
            ready = {end for end, _ in self._poll.poll()}
            # In this order: a descriptor that is closed may be the next one's at once.
            for run in ready & self._running.keys():
                self._kill(run)
            if self._woken in ready:
                self._reap()
            if self._open and self._control.fileno() in ready:
                self._start()

    def _start(self) -> None:
        asked, ends, _, _ = socket.recv_fds(self._control, len(ASKED), _DESCRIPTORS)
        if asked != ASKED or len(ends) != _DESCRIPTORS:
            # The service is gone; what it left running ends by its own descriptors.
            self._stop_forking()
            return
        run, answers, requests = ends
        try:
            pid = os.fork()
        except OSError:
            os.close(run)
        else:
            if not pid:
                self._become(ends)
            self._running[run] = (pid, False)
            self._poll.register(run, select.POLLIN)
        os.close(answers)
        os.close(requests)

    def _become(self, ends: list[int]) -> None:
        # Whatever happens, a fork never goes on as a template.
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _, answers, requests = ends
            os.dup2(answers, 0)
            os.dup2(requests, 1)
            # Of its siblings, and of what asks for more of them, it keeps nothing.
            for end in (*ends, *self._running, self._control.fileno(), self._woken, self._waker):
                os.close(end)
            self._obey()
        finally:
            # Leaving in good order would open files and end threads.
            os._exit(0)

    def _kill(self, run: int) -> None:
        # Its process was not waited for, so its number is nobody else's.
        self._poll.unregister(run)
        pid, _ = self._running[run]
        self._running[run] = (pid, True)
        os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        os.read(self._woken, 4096)
        for run, (pid, killed) in list(self._running.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended:
                continue
            del self._running[run]
            if not killed:
                self._poll.unregister(run)
            code = os.waitstatus_to_exitcode(status)
            with contextlib.suppress(BrokenPipeError):
                os.write(run, ENDED.pack(code))
            os.close(run)
            if code < 0 and not killed:
                # All forks have the addresses of this process. Who guesses them by faults shall
                # have one guess at each.
                self._stop_forking()

    def _stop_forking(self) -> None:
        if self._open:
            self._open = False
            self._poll.unregister(self._control)
            self._control.close()


def _wake(*_: object) -> None:
    """Do nothing: that the signal is handled wakes the loop."""
