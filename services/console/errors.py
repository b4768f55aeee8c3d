# SPDX-License-Identifier: Apache-2.0
"""Errors of the console."""

from __future__ import annotations

from services.common.errors import Exhausted, PermissionDenied, Unauthenticated


class SignInNeeded(Unauthenticated):
    """Nobody is signed in; the visitor is led to the sign-in and back to `path`."""

    def __init__(self, path: str) -> None:
        super().__init__("sign in to see this page")
        self.path = path


class StepUpNeeded(PermissionDenied):
    """The person signed in too long ago for this, and shows again who it is."""

    def __init__(self, path: str) -> None:
        super().__init__(
            "this needs a sign-in of the last few minutes; enter password and code again",
            reason="step_up_required",
        )
        self.path = path


class SignInRefused(Unauthenticated):
    """Name, password and code do not belong together."""


class TooManyAttempts(Exhausted):
    """Too many sign-ins failed with an account, or from an address."""
