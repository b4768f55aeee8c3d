# SPDX-License-Identifier: Apache-2.0
"""Errors of de-identification. Messages hold ids and line numbers, never content."""

from __future__ import annotations

from services.common.errors import InvalidInput, NotReady, PermissionDenied


class PolicyError(InvalidInput):
    """A policy that cannot be followed: unknown entity type or operator, missing field."""


class EngineUnusable(InvalidInput):
    """A configured engine whose packages or models are missing or do not load."""


class TranscriptError(InvalidInput):
    """A transcript that is not in the format that was asked for."""


class TooLarge(InvalidInput):
    """A transcript above the limit on words or turns."""


class RosterError(InvalidInput):
    """A roster that cannot be read."""


class PlaceError(InvalidInput):
    """A place of a transcript that cannot be corrected as asked: outside, crossing, or empty."""


class NotCountersigned(NotReady):
    """A policy that keeps more than a policy may, and that no compliance officer countersigned."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="not_countersigned")


class NotGranted(NotReady):
    """A reveal that nobody granted, whose grant is over, or that was decided on before."""

    def __init__(self, message: str, *, reason: str = "not_granted") -> None:
        super().__init__(message, reason=reason)


class SomebodyElse(PermissionDenied):
    """A step of a reveal that another person has to take."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="somebody_else")
