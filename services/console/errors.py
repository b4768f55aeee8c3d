# SPDX-License-Identifier: Apache-2.0
"""Errors of the console."""

from __future__ import annotations

from services.common.errors import (
    Exhausted,
    InvalidInput,
    PermissionDenied,
    SottoError,
    Unauthenticated,
    Unavailable,
)


class Worded(SottoError):
    """An error that pages say in the visitor's language: an English text, and what stands in it."""

    def __init__(self, text: str, *, reason: str = "", **values: str) -> None:
        super().__init__(text.format(**values), reason=reason)
        self.text = text
        self.values = values


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


class SignInRefused(Worded, Unauthenticated):
    """Name, password and code do not belong together."""


class TooManyAttempts(Worded, Exhausted):
    """Too many sign-ins failed with an account, or from an address."""


class PasswordUnfit(Worded, InvalidInput):
    """A password that is easily guessed, or too long."""


class ProviderAway(Worded, Unavailable):
    """The hospital's sign-in does not answer, or not as it should."""


class RoleLacking(Worded, PermissionDenied):
    """The page is for a role that the account does not have."""

    def __init__(self, role: str) -> None:
        super().__init__("this page is for the role {role}, which your account lacks", role=role)
