# SPDX-License-Identifier: Apache-2.0
"""Local accounts of the console, and the steps by which one comes to be used."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace

from services.common.errors import AlreadyExists, InvalidInput, NotFound
from services.console.domain import totp
from services.console.domain.account import Account, State
from services.console.domain.ports import Store
from services.registry import ids
from services.registry.identities import PEOPLE

SET_UP_SECONDS = 72 * 3600.0
_CODE_BYTES = 15  # 120 bits


class Accounts:
    """The accounts, as an administrator and their owners change them."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock

    def add(self, name: str, roles: Sequence[str], studies: Sequence[str]) -> str:
        """Make an account and return its set-up code; raises AlreadyExists, InvalidInput."""
        if not re.fullmatch(ids.PERSON, name):
            raise InvalidInput(f"{name!r} is no account name; {ids.ADVICE[ids.PERSON]}")
        if self._store.account(name):
            raise AlreadyExists(
                f"there is an account {name} already; change it with: sotto console accounts change"
            )
        made = Account(name, *_checked(roles, studies), created=self._clock())
        return self._invite(made)

    def change(
        self,
        name: str,
        *,
        roles: Sequence[str] | None = None,
        studies: Sequence[str] | None = None,
        disabled: bool | None = None,
    ) -> Account:
        """Change an account; raises NotFound, InvalidInput."""
        account = self.get(name)
        found = _checked(
            account.roles if roles is None else roles,
            account.studies if studies is None else studies,
        )
        state = account.state
        if disabled is not None:
            enabled = State.ACTIVE if account.password else State.INVITED
            state = State.DISABLED if disabled else enabled
        changed = replace(account, roles=found[0], studies=found[1], state=state)
        self._store.put(changed)
        return changed

    def reset(self, name: str) -> str:
        """Take password and authenticator away, and return a new set-up code; raises NotFound."""
        account = self.get(name)
        return self._invite(
            replace(account, state=State.INVITED, password="", totp_secret=b"", totp_step=0)
        )

    def get(self, name: str) -> Account:
        """Return an account; raises NotFound."""
        account = self._store.account(name)
        if account is None:
            raise NotFound(f"there is no account {name}; see: sotto console accounts list")
        return account

    def begin_set_up(self, name: str, code: str) -> Account | None:
        """Return the account that a set-up code is of, with a secret to scan; None for no code."""
        account = self._store.account(name)
        given = _hash(code)
        kept = account.set_up_hash if account else b""
        if (
            not hmac.compare_digest(given, kept)
            or account is None
            or account.state is not State.INVITED
            or account.set_up_until < self._clock()
        ):
            return None
        if not account.totp_secret:
            account = replace(account, totp_secret=totp.new_secret())
            self._store.put(account)
        return account

    def finish_set_up(self, name: str, password_hash: str, code: str) -> bool:
        """Take the password, where the authenticator's code fits; the set-up code is used then."""
        account = self.get(name)
        step = totp.matching_step(account.totp_secret, code, self._clock(), account.totp_step)
        if account.state is not State.INVITED or not account.set_up_hash or step is None:
            return False
        done = replace(
            account,
            state=State.ACTIVE,
            password=password_hash,
            totp_step=step,
            set_up_hash=b"",
            set_up_until=0.0,
        )
        self._store.put(done)
        return True

    def _invite(self, account: Account) -> str:
        text = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode("ascii").lower()
        code = "-".join(text[at : at + 4] for at in range(0, len(text), 4))
        until = self._clock() + SET_UP_SECONDS
        self._store.put(replace(account, set_up_hash=_hash(code), set_up_until=until))
        return code


def _hash(code: str) -> bytes:
    return hashlib.sha256(re.sub(r"[\s-]", "", code).lower().encode()).digest()


def _checked(
    roles: Sequence[str], studies: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not roles:
        raise InvalidInput(f"an account has one role or more: {', '.join(PEOPLE)}")
    if unknown := [one for one in roles if one not in PEOPLE]:
        raise InvalidInput(f"{unknown[0]!r} is no role; there are {', '.join(PEOPLE)}")
    for study in studies:
        if not re.fullmatch(ids.STUDY_ID, study):
            raise InvalidInput(f"{study!r} is no study; {ids.ADVICE[ids.STUDY_ID]}")
    return tuple(one for one in PEOPLE if one in roles), tuple(dict.fromkeys(studies))
