# SPDX-License-Identifier: Apache-2.0
"""Signing in with a password and a code, and how often one may try."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.console.domain import totp
from services.console.domain.account import Account, State
from services.console.domain.accounts import Accounts
from services.console.domain.passwords import Passwords, check
from services.console.domain.ports import Limit, Record, Store
from services.console.errors import SignInRefused, TooManyAttempts

_QUARTER_HOUR = 15 * 60.0
_DAY = 24 * 3600.0
_REFUSED = (
    "name, password and code do not belong together, or the code was used already; wait for the"
    " next code, then try again"
)


def limits(name: str, address: str) -> Sequence[Limit]:
    """Return how often one may fail: with an account, and from an address."""
    return (
        Limit(f"account {name}", 10, _QUARTER_HOUR),
        # Of a million codes three are good at a time: whoever has the password guesses none.
        Limit(f"account {name}", 60, _DAY),
        Limit(f"address {address}", 60, _QUARTER_HOUR),
    )


class SigningIn:
    """Checks of what a person knows and has; each that fails is recorded and counted."""

    def __init__(
        self,
        store: Store,
        accounts: Accounts,
        passwords: Passwords,
        record: Record,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._passwords = passwords
        self._record = record
        self._clock = clock

    def check(self, name: str, password: str, code: str, address: str) -> Account:
        """Return the account that name, password and code are of.

        Raises SignInRefused, which does not tell what was wrong, and TooManyAttempts.
        """
        attempt = self._attempt(name, address)
        account = self._store.account(name)
        kept = account.password if account else ""
        is_known = self._passwords.fits(kept, password)
        secret = account.totp_secret if account else totp.new_secret()
        used = account.totp_step if account else 0
        step = totp.matching_step(secret, code, self._clock(), used)
        if account is None or not is_known or step is None:
            raise self._refusal(account, "wrong_credentials", address)
        if account.state is not State.ACTIVE:
            raise self._refusal(account, "account_disabled", address)
        if not self._store.use_step(name, step):
            raise self._refusal(account, "code_used", address)
        self._store.forgive(attempt)
        return account

    def begin_set_up(self, name: str, code: str, address: str) -> Account:
        """Return the account that a set-up code is of; raises SignInRefused, TooManyAttempts."""
        attempt = self._attempt(name, address)
        account = self._accounts.begin_set_up(name, code)
        if account is None:
            raise self._refusal(
                self._store.account(name),
                "wrong_credentials",
                address,
                "account and set-up code do not belong together, or the code is older than three"
                " days; ask whoever made the account for a new one",
            )
        self._store.forgive(attempt)
        return account

    def finish_set_up(self, name: str, password: str, code: str, address: str) -> None:
        """Take a password; raises PasswordUnfit for a bad one, SignInRefused for a wrong code."""
        check(password, name)
        attempt = self._attempt(name, address)
        if not self._accounts.finish_set_up(name, self._passwords.hashed(password), code):
            raise self._refusal(
                self._store.account(name),
                "wrong_credentials",
                address,
                "the code does not fit; enter the six digits that the app shows now",
            )
        self._store.forgive(attempt)
        self._record.set_up(self._accounts.get(name))

    def _attempt(self, name: str, address: str) -> Sequence[int]:
        counted = self._store.attempt(limits(name, address), self._clock())
        if counted is None:
            account = self._store.account(name)
            self._record.refused(account.name if account else "", "too_many_attempts", address)
            raise TooManyAttempts(
                "too many sign-ins failed with this account or from this place; wait a quarter of"
                " an hour, then try again",
                reason="too_many_attempts",
            )
        return counted

    def _refusal(
        self, account: Account | None, reason: str, address: str, message: str = _REFUSED
    ) -> SignInRefused:
        # What was typed as a name may be a password; only a name that there is goes to the log.
        self._record.refused(account.name if account else "", reason, address)
        return SignInRefused(message, reason=reason)
