# SPDX-License-Identifier: Apache-2.0
"""What `sotto ingest` shows while it works: a line a file, and on a terminal a progress bar."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from flows.review_output import printable_name
from services.common.output import print_message, print_record
from services.intake.outcomes import IntakeState, Outcome
from services.intake.planning import Plan
from services.intake.report import outcome_lines, outcome_record

_BRIEF_FROM = 4
"""Files from which on a report takes one line, so that a batch can be looked over."""

_MOST_SKIPPED = 10


class Screen:
    """Prints what became of files; a context that shows the bar.

    `passes` is how often each byte goes through. With `as_json` programs
    get a record a file, but where `defers` for those that are sealed: whoever waits until
    they are processed prints them.
    """

    def __init__(self, plan: Plan, *, as_json: bool, defers: bool, passes: int) -> None:
        self._plan = plan
        self._as_json = as_json
        self._defers = defers
        self._brief = len(plan.interviews) >= _BRIEF_FROM
        self._console = Console(stderr=True)
        shows = self._console.is_terminal and not as_json
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(),
            console=self._console, disable=not shows, transient=True,
        )  # fmt: skip
        total = sum(_size(one.path) for one in plan.interviews) * passes
        self._bar = self._progress.add_task(self._count(0), total=total)
        self._done = 0

    def __enter__(self) -> Self:
        self._tell_skipped()
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def advance(self, count: int) -> None:
        """Move the bar by bytes; any thread may call it."""
        self._progress.advance(self._bar, count)

    def tell(self, outcome: Outcome, foreseen: str = "") -> None:
        """Print what became of a file; `foreseen` is what is known of its transcript beforehand."""
        self._done += 1
        self._progress.update(self._bar, description=self._count(self._done))
        if self._as_json:
            if self._defers and outcome.error is None:
                return
            record = outcome_record(outcome)
            print_record({**record, "message": record["message"] or foreseen})
            sys.stdout.flush()
            return
        # A file that is alone and refused is told by the error that ends the command.
        if len(self._plan.interviews) == 1 and outcome.state is IntakeState.REFUSED:
            return
        name = printable_name(self._plan.names[outcome.number - 1])
        lines = outcome_lines(outcome, name, brief=self._brief)
        if foreseen:
            lines[0] += f": {foreseen}"
        for line in lines:
            self._print(line)

    def _tell_skipped(self) -> None:
        skipped = self._plan.skipped
        for path, why in skipped[:_MOST_SKIPPED]:
            self._print(f"left alone: {printable_name(path)} ({why})")
        if len(skipped) > _MOST_SKIPPED:
            self._print(f"left alone: {len(skipped) - _MOST_SKIPPED} more")

    def _print(self, line: str) -> None:
        if self._progress.disable:
            print_message(line)
        else:
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _count(self, done: int) -> str:
        return f"{done}/{len(self._plan.interviews)} files"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
