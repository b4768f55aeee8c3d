# SPDX-License-Identifier: Apache-2.0
"""The error taxonomy: what happened, what to do, its gRPC status and its exit status.

A message speaks to a person and holds ids only. Detail goes to the log; content goes nowhere.
"""

from __future__ import annotations

from typing import ClassVar


class SottoError(Exception):
    """Base of every error that Sotto raises on purpose.

    `status` is the name of the gRPC status code, `exit_code` that of the command line.
    `reason` is a machine-readable word for logs, audit entries and programs.
    """

    status: ClassVar[str] = "INTERNAL"
    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or self.status
        #: Whether the audit log has it, as the outcome of an act.
        self.is_recorded = False


class InvalidInput(SottoError):
    """What was given cannot be used, now or later: a bad field, a broken file."""

    status = "INVALID_ARGUMENT"
    exit_code = 4


class WrongUse(SottoError):
    """A command was called in a way that makes no sense."""

    status = "INVALID_ARGUMENT"
    exit_code = 2


class NotFound(SottoError):
    """There is no such thing."""

    status = "NOT_FOUND"
    exit_code = 4


class AlreadyExists(SottoError):
    """The name is taken by something else, and names are written once."""

    status = "ALREADY_EXISTS"
    exit_code = 4


class PermissionDenied(SottoError):
    """The caller may not do this: no permission, no consent."""

    status = "PERMISSION_DENIED"
    exit_code = 3


class Unauthenticated(SottoError):
    """The caller did not show who it is."""

    status = "UNAUTHENTICATED"
    exit_code = 3


class Erased(SottoError):
    """The participant withdrew; what remains cannot be read by anybody."""

    status = "FAILED_PRECONDITION"
    exit_code = 3

    def __init__(self, message: str, *, reason: str = "erased") -> None:
        super().__init__(message, reason=reason)


class NotReady(SottoError):
    """An earlier step is missing, such as an approval."""

    status = "FAILED_PRECONDITION"
    exit_code = 3


class Conflict(SottoError):
    """Somebody else changed it in between; read again and retry."""

    status = "ABORTED"
    exit_code = 1
    retryable = True


class Unavailable(SottoError):
    """A service that is needed is not there; nothing was done."""

    status = "UNAVAILABLE"
    exit_code = 5
    retryable = True


class TimedOut(SottoError):
    """The call's deadline passed."""

    status = "DEADLINE_EXCEEDED"
    exit_code = 5
    retryable = True


class Cancelled(SottoError):
    """The caller gave up."""

    status = "CANCELLED"
    exit_code = 1


class Exhausted(SottoError):
    """No space left: disk, memory, or a limit that settings may raise."""

    status = "RESOURCE_EXHAUSTED"
    exit_code = 1
    retryable = True


class Corrupted(SottoError):
    """Stored bytes are not what was written."""

    status = "DATA_LOSS"
    exit_code = 4


class Internal(SottoError):
    """A defect of ours."""


def disk_full(where: str = "the disk is full") -> Exhausted:
    """Return the error of a disk of this machine without space."""
    return Exhausted(f"{where}; free disk space, then try again", reason="disk_full")


_BY_STATUS: dict[str, type[SottoError]] = {
    kind.status: kind
    for kind in (
        Internal, InvalidInput, NotFound, AlreadyExists, PermissionDenied, Unauthenticated,
        NotReady, Conflict, Unavailable, TimedOut, Cancelled, Exhausted, Corrupted,
    )
}  # fmt: skip


def from_status(status: str, message: str, reason: str = "") -> SottoError:
    """Return the error that a remote status stands for; an unknown status is Internal."""
    if status == Erased.status and reason == "erased":
        return Erased(message)
    return _BY_STATUS.get(status, Internal)(message, reason=reason)
