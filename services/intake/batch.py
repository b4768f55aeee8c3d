# SPDX-License-Identifier: Apache-2.0
"""Looks at files and seals them, two at a time, in their order; one bad file stops no other."""

from __future__ import annotations

import contextvars
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from services.common.client import Channels
from services.common.errors import (
    Cancelled,
    Exhausted,
    InvalidInput,
    PermissionDenied,
    SottoError,
    TimedOut,
    Unauthenticated,
    Unavailable,
)
from services.intake import source_files
from services.intake.checks import Places, StudyContents, existing, label_warnings
from services.intake.examining import read_transcript
from services.intake.outcomes import IntakeState, IntakeWarning, Interview, Outcome
from services.recordings_client import removals
from services.registry.removals import RemovalReason
from sotto.storage.v1 import recording_pb2
from sotto.transcript.v1 import reading_pb2

_T = TypeVar("_T")

_AT_ONCE = 2
"""Files that are read or sent at the same time: one waits for a disk while the other computes."""

_BLOCK_FILES, _BLOCK_BYTES = 128, 256 * 2**20
"""Files that the store is asked about in one call, for which it looks at the whole study, and bytes
from which on it is asked: a batch that is killed has then sealed all but the last of them."""

# What is wrong with an installation or its caller, and would be with every file.
_GENERAL = (Unavailable, TimedOut, Exhausted, PermissionDenied, Unauthenticated)


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """`strict`: a file with a warning is refused. `dry_run`: nothing is sealed."""

    strict: bool = False
    dry_run: bool = False


class Batch:
    """Brings interviews in. `contents` is the study; None where files are only looked at alone."""

    def __init__(
        self, peers: Channels, contents: StudyContents | None, options: BatchOptions
    ) -> None:
        self._peers = peers
        self._contents = contents
        self._options = options
        self._on_outcome: Callable[[Outcome], object] = lambda _one: None
        self._on_bytes: source_files.OnBytes = lambda _count: None
        self._stopping = threading.Event()
        self.interrupted = False
        """Whether it was ended from the keyboard."""

    def run(
        self,
        interviews: Sequence[Interview],
        on_outcome: Callable[[Outcome], object] = lambda _one: None,
        on_bytes: source_files.OnBytes = lambda _count: None,
    ) -> list[Outcome]:
        """Bring interviews in; return what became of each.

        `on_outcome` is called with what became of each file, in their order, and `on_bytes`, by any
        thread, with bytes that went through: each twice, or once where nothing is sealed.

        Ctrl-C, and what would be wrong with every file, ends it: what is under way is left, what
        was sealed stays, and the rest is not tried. The same call again goes on from there.
        """
        self._on_outcome, self._on_bytes = on_outcome, on_bytes
        outcomes = [Outcome(number, one) for number, one in enumerate(interviews, 1)]
        waiting: deque[tuple[Outcome, Future[None]]] = deque()
        with ThreadPoolExecutor(_AT_ONCE, "ingest") as pool:
            try:
                for block in _blocks(outcomes):
                    if not self._stopping.is_set():
                        self._run_block(pool, block, waiting)
                self._tell(waiting, block=True)
            except KeyboardInterrupt:
                self.interrupted = True
                self._stopping.set()
                pool.shutdown(cancel_futures=True)
                self._tell(waiting, block=True)
        return outcomes

    def _run_block(
        self,
        pool: ThreadPoolExecutor,
        block: Sequence[Outcome],
        waiting: deque[tuple[Outcome, Future[None]]],
    ) -> None:
        sources = [
            self._submit(pool, source_files.examine, one.interview.path, self._count)
            for one in block
        ]
        measured = [self._result(one, future) for one, future in zip(block, sources, strict=True)]
        places: Places = {}
        if self._contents is not None:
            places = self._contents.find(source.sha256 for source in measured if source)
        readings = [
            self._submit(pool, self._read, one, source, places)
            if source and source.is_transcript
            else None
            for one, source in zip(block, measured, strict=True)
        ]
        for outcome, source, reading in zip(block, measured, readings, strict=True):
            if source is not None:
                outcome.form = source.form
                if reading is not None:
                    outcome.reading = self._result(outcome, reading)
                if outcome.error is None:
                    outcome.kind = "media" if source.is_media else "transcript"
            is_over = source is None or outcome.error is not None or self._stopping.is_set()
            if source is not None and not is_over and self._passes(outcome, source, places):
                done = self._submit(pool, self._seal, outcome, source)
            else:
                done = Future()
                done.set_result(None)
            waiting.append((outcome, done))
            self._tell(waiting)

    def _read(
        self, outcome: Outcome, source: source_files.SourceFile, places: Places
    ) -> reading_pb2.Reading | None:
        """Return what is found in a transcript; None where it is there, and need not be read."""
        interview = outcome.interview
        there = existing(interview, places.get(source.sha256, ()))
        is_fine = there and self._contents and not self._contents.is_failed(there)
        if is_fine and not self._options.dry_run:
            return None
        try:
            return read_transcript(self._peers, source, interview.reading)
        except InvalidInput as error:
            raise InvalidInput(
                error.message
                if "nothing was sealed" in error.message
                else f"{error.message.rstrip('.')}; nothing was sealed",
                reason=error.reason,
            ) from None

    def _passes(self, outcome: Outcome, source: source_files.SourceFile, places: Places) -> bool:
        """Note what is odd about a file; return whether it is to be sealed."""
        interview, reading = outcome.interview, outcome.reading
        warnings = outcome.warnings
        if source.is_media and not source.form:
            warnings.append(IntakeWarning("unknown_start"))
        if reading is not None:
            outcome.form = reading.form
            warnings += [IntakeWarning(one.kind, one.count, one.place) for one in reading.warnings]
            study = self._contents.study if self._contents else None
            warnings += label_warnings(interview, reading, study)
        there = None
        if self._contents is not None:
            warnings += self._contents.warnings(
                outcome.number, interview, source.sha256, outcome.kind, places
            )
            there = existing(interview, places.get(source.sha256, ()))
            if there is None:
                outcome.replaced = self._contents.replaceable(interview, outcome.kind)
        if self._options.dry_run:
            outcome.state, outcome.ref = IntakeState.CHECKED, there
            return False
        if self._options.strict and warnings and there is None:
            outcome.replaced = None
            told = "; ".join(one.sentence for one in warnings)
            outcome.refuse(
                InvalidInput(
                    f"refused by --strict, and nothing was sealed: {told}. Mend the file or what is"
                    " said of it, or ingest it without --strict",
                    reason="strict",
                )
            )
            return False
        return True

    def _seal(self, outcome: Outcome, source: source_files.SourceFile) -> None:
        interview, contents = outcome.interview, self._contents
        if contents is None:
            raise AssertionError("nothing is sealed without a study")
        ref, existed = source_files.seal(
            self._peers,
            source,
            contents.study.id,
            interview.participant,
            interview.session,
            interview.date,
            interview.reading,
            self._count,
            interview.speakers,
        )
        outcome.ref = ref
        outcome.state = IntakeState.EXISTED if existed else IntakeState.SEALED
        if outcome.replaced is not None:
            self._replace(outcome, outcome.replaced)

    def _replace(self, outcome: Outcome, failed: recording_pb2.RecordingRef) -> None:
        try:
            removals.remove(self._peers, failed, RemovalReason.REPLACED)
        except SottoError:
            outcome.replaced = (
                None  # such as under a legal hold; the new one is sealed all the same
            )
            outcome.warnings.append(IntakeWarning("failed_kept", detail=failed.recording_id))

    def _submit(
        self, pool: ThreadPoolExecutor, function: Callable[..., _T], *given: object
    ) -> Future[_T]:
        def work() -> _T:
            if self._stopping.is_set():
                raise CancelledError
            try:
                return function(*given)
            except _GENERAL:
                self._stopping.set()
                raise

        # A thread knows for whom calls are made only from the context of this one.
        return pool.submit(contextvars.copy_context().run, work)

    def _count(self, count: int) -> None:
        if self._stopping.is_set():
            raise Cancelled("it was ended from the keyboard, and nothing of it was sealed")
        self._on_bytes(count)

    def _result(self, outcome: Outcome, future: Future[_T]) -> _T | None:
        """Return what a thread made of a file, or None, with the reason noted in its outcome."""
        try:
            return future.result()
        except (CancelledError, Cancelled):
            return None
        except SottoError as error:
            outcome.refuse(error)
            return None

    def _tell(self, waiting: deque[tuple[Outcome, Future[None]]], *, block: bool = False) -> None:
        """Tell what became of the files at the front that are finished; of all, if it may wait."""
        while waiting and (block or waiting[0][1].done()):
            outcome, future = waiting.popleft()
            self._result(outcome, future)
            if outcome.state is not IntakeState.NOT_TRIED:
                self._on_outcome(outcome)


def _blocks(outcomes: Sequence[Outcome]) -> Iterator[Sequence[Outcome]]:
    """Yield files in blocks of at most so many, and not many more bytes."""
    block: list[Outcome] = []
    size = 0
    for outcome in outcomes:
        block.append(outcome)
        size += _size(outcome.interview)
        if len(block) == _BLOCK_FILES or size >= _BLOCK_BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block


def _size(interview: Interview) -> int:
    try:
        return interview.path.lstat().st_size
    except OSError:
        return 0
