# SPDX-License-Identifier: Apache-2.0
"""Group commit: events that arrive while a batch reaches the disk form the next batch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from services.audit.domain.log import AuditLog
from services.audit.errors import LogUnavailable, NotOwner, OtherWriter
from services.audit_evidence.entry import DraftEntry, Phase, ReportedEvent
from services.audit_evidence.errors import InvalidFormat
from services.common.errors import SottoError

MAX_BATCH = 512
_RETRIES = 50
_PUBLISH_AGAIN = 15.0  # seconds after a place for checkpoints failed


class _Waiting:
    __slots__ = ("done", "draft", "error", "event", "index", "service")

    def __init__(self, event: ReportedEvent | None = None, service: str = "") -> None:
        self.event = event  # None asks for what other processes appended
        self.service = service
        # Held until the batch is through: a bare lock costs a fifth of an event.
        self.done = threading.Lock()
        self.done.acquire()
        self.draft: DraftEntry | None = None  # what is to be appended
        self.index = -1
        self.error: SottoError | None = None


class Writer:
    """The one writer of a log: any thread appends through it, a thread of its own commits.

    `on_fault` gets an unexpected error before the waiting calls get LogUnavailable.
    `publish_every` is the time in seconds after which a new checkpoint goes to the anchors.
    """

    def __init__(
        self,
        log: AuditLog,
        *,
        publish_every: float = 1.0,
        on_fault: Callable[[Exception], None] = lambda _error: None,
    ) -> None:
        self._log = log
        self._publish_every = publish_every
        self._on_fault = on_fault
        self._publish_at = 0.0
        self._wake = threading.Condition()
        self._queue: list[_Waiting] = []
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="audit-writer", daemon=True)
        self._thread.start()

    def append(self, event: ReportedEvent, service: str, *, timeout: float = 10.0) -> int:
        """Append an event and return its index once it is durable.

        An outcome that stands in the log already, word for word, is answered with its index there.
        Raises InvalidFormat when it may not enter the log, such as an outcome without an open
        intent, and NotOwner when that is an intent of another service; LogFull or LogUnavailable
        when it could not be made durable within `timeout` seconds: then the caller must not act.
        """
        waiting = _Waiting(event, service)
        self._wait(waiting, timeout)
        return waiting.index

    def refresh(self, *, timeout: float = 10.0) -> None:
        """Read what other processes appended; needed only where several share a store."""
        self._wait(_Waiting(), timeout)

    def close(self) -> None:
        """Commit what is queued, publish the last checkpoint and stop."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    def _wait(self, waiting: _Waiting, timeout: float) -> None:
        with self._wake:
            if self._closed:
                raise LogUnavailable("the audit log is shutting down; try again in a moment")
            self._queue.append(waiting)
            self._wake.notify()
        if not waiting.done.acquire(timeout=timeout):
            raise LogUnavailable(
                "the audit log did not reach its disk in time; try again in a moment"
            )
        if waiting.error is not None:
            raise type(waiting.error)(waiting.error.message)

    def _run(self) -> None:
        # A log without a checkpoint cannot be verified: the first one goes out at once.
        published = self._publish(-1)
        while True:
            with self._wake:
                if not self._queue and not self._closed:
                    due = self._log.snapshot.size != published
                    pause = max(self._publish_every, self._publish_at - time.monotonic())
                    self._wake.wait(pause if due else None)
                batch, self._queue = self._queue[:MAX_BATCH], self._queue[MAX_BATCH:]
                closed = self._closed
            if batch:
                self._commit(batch)
                continue
            if self._log.snapshot.size != published and (
                closed or time.monotonic() >= self._publish_at
            ):
                published = self._publish(published)
            if closed:
                return

    def _commit(self, batch: list[_Waiting]) -> None:
        """Append the events of a batch, give each call its result, and let all of them go on."""
        _check(batch)
        error = self._append(batch)
        for waiting in batch:
            if waiting.error is None and waiting.index < 0:
                waiting.error = error
            waiting.done.release()

    def _append(self, batch: list[_Waiting]) -> SottoError | None:
        """Commit the drafts of a batch, which get their indices, or return why that failed.

        A call without an event asks to read first what others appended.
        """
        error: SottoError | None = None
        for _ in range(_RETRIES):
            try:
                if any(waiting.event is None for waiting in batch):
                    self._log.refresh()
                self._admit(batch)
                admitted = [waiting for waiting in batch if waiting.draft]
                if admitted:
                    drafts = [waiting.draft for waiting in admitted if waiting.draft]
                    for index, waiting in enumerate(admitted, self._log.commit(drafts)):
                        waiting.index = index
            except OtherWriter as lost:
                error = lost
            except SottoError as known:
                return known
            except Exception as unknown:  # noqa: BLE001 - the thread must outlive any defect
                self._on_fault(unknown)
                return LogUnavailable("the audit log met a defect of its own; see its service log")
            else:
                return None
        return error

    def _admit(self, batch: list[_Waiting]) -> None:
        """Refuse outcomes that close nothing, and answer those that the log has already.

        Asked again whenever another process appended first.
        """
        outcomes = [one for one in batch if one.draft and one.draft.event.phase is Phase.OUTCOME]
        if not outcomes:
            return
        self._log.settle()
        closed: set[int | None] = set()
        for waiting in outcomes:
            draft = waiting.draft
            if draft is None:
                continue
            try:
                if draft.event.intent_index in closed:
                    raise InvalidFormat("an intent has one outcome")
                index = self._log.closing(draft)
            except (InvalidFormat, NotOwner) as refused:
                waiting.error = refused
                waiting.draft = None
                continue
            closed.add(draft.event.intent_index)
            if index is not None:
                waiting.index = index
                waiting.draft = None

    def _publish(self, published: int) -> int:
        size = self._log.snapshot.size
        try:
            self._log.publish()
        except Exception as error:  # noqa: BLE001 - an unreachable anchor must not stop the log
            self._on_fault(error)
            self._publish_at = time.monotonic() + _PUBLISH_AGAIN
            return published
        return size


def _check(batch: list[_Waiting]) -> None:
    """Make the drafts of a batch; an event that may not enter the log is refused by itself.

    Done here rather than on the callers' threads, which have it in no cache: one loop over
    many takes a fraction of the time.
    """
    for waiting in batch:
        if waiting.event is not None:
            try:
                waiting.draft = DraftEntry(waiting.event, waiting.service)
            except SottoError as refused:
                waiting.error = refused
