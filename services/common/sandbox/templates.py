# SPDX-License-Identifier: Apache-2.0
"""The templates of this process, one for each task, and the confined processes that they fork.

To start Python and load a task takes many times as long as most files take, so one process does it
once; see `forking`. Ends with this process, since the system closes its socket.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType

from services.common.sandbox.messages import ASKED, ENDED

_ROOT = Path(__file__).parents[3]

_KILL_SECONDS = 60.0
"""How long a template may take to end a fork; one that takes longer is ended with all of them."""

_LEAVE_SECONDS = 5.0
"""How long a template may take to end, at the end of this process."""


class TemplateGone(Exception):
    """The template forks no more."""


class Child:
    """A confined process: what is written to it and read from it, and how it ended.

    Leaving the context ends it.
    """

    def __init__(self, run: socket.socket, to: int, of: int, template: Template) -> None:
        self.to, self.of = to, of
        """Descriptors of the pipes to it and from it."""
        self._run, self._template = run, template
        self._code: int | None = None
        self._is_over = False

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):  # nobody is there any more
            self._run.shutdown(socket.SHUT_WR)
        os.close(self.to)
        os.close(self.of)
        self.wait(_KILL_SECONDS)
        if not self._is_over:
            self._template.kill()
        self._run.close()

    def wait(self, seconds: float) -> int | None:
        """Return its exit code, negative for a signal; None where nobody knows it yet or ever."""
        if not self._is_over:
            self._run.settimeout(seconds)
            try:
                said = self._run.recv(ENDED.size)
            except TimeoutError:
                return None
            except ConnectionError:
                said = b""
            self._is_over = True
            self._code = ENDED.unpack(said)[0] if len(said) == ENDED.size else None
        return self._code

    def is_orphan(self, seconds: float) -> bool:
        """Say whether its template is gone, with which it ended, whatever it was doing."""
        return self.wait(seconds) is None and self._is_over


class Template:
    """A process that has loaded a task and forks a child for each run.

    It has nothing of this process's environment, which may hold secrets, and no descriptor of it
    but those that come with a run.
    """

    def __init__(self, task: str) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-B", "-m", "services.common.sandbox", task],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={
                    "PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'protos'}",
                    "OMP_NUM_THREADS": "1",
                    "OPENBLAS_NUM_THREADS": "1",
                },
                cwd="/",
                start_new_session=True,
            )

    def start(self) -> Child:
        """Have a child forked; raises `TemplateGone`."""
        with contextlib.ExitStack() as theirs, contextlib.ExitStack() as ours:
            run, child_run = socket.socketpair()
            ours.enter_context(run)
            theirs.enter_context(child_run)
            answers, to = _pipe(theirs, ours)
            of, requests = _pipe(ours, theirs)
            try:
                socket.send_fds(self._control, [ASKED], [child_run.fileno(), answers, requests])
            except OSError:
                raise TemplateGone from None
            ours.pop_all()
        return Child(run, to, of, self)

    def kill(self) -> None:
        """End it and all its children at once."""
        self._process.kill()

    def leave(self) -> None:
        """Let it end once its children did."""
        self._control.close()

    def is_over(self) -> bool:
        """Say whether it has ended; then nothing of it is left in the table of processes."""
        return self._process.poll() is not None

    def close(self) -> None:
        """End it, by force where it does not."""
        self._control.close()
        try:
            self._process.wait(_LEAVE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _pipe(reader: contextlib.ExitStack, writer: contextlib.ExitStack) -> tuple[int, int]:
    """Return the ends of a pipe, each of which its stack closes."""
    read, write = os.pipe()
    reader.callback(os.close, read)
    writer.callback(os.close, write)
    return read, write


_lock = threading.Lock()
_templates: dict[str, Template] = {}
_left: list[Template] = []
"""Those that fork no more, whose children may still run."""


def start(task: str) -> Child:
    """Have the task's template fork a child; start the template where it is not there any more."""
    with _lock:
        _left[:] = [template for template in _left if not template.is_over()]
        if task in _templates:
            try:
                return _templates[task].start()
            except TemplateGone:
                template = _templates.pop(task)
                template.leave()
                _left.append(template)
        _templates[task] = Template(task)
        return _templates[task].start()


@atexit.register
def close_all() -> None:
    """End all templates, and with them what they forked."""
    with _lock:
        while _templates:
            _templates.popitem()[1].close()
        while _left:
            _left.pop().close()
