# SPDX-License-Identifier: Apache-2.0
"""Offline commands: `sotto console accounts` and `sotto console sessions`."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from services.common.client_session import person
from services.common.errors import NotFound
from services.common.installation import Installation
from services.common.options import HomeOption, JsonOption, existing_installation, installation_of
from services.common.output import print_message, print_record, print_table
from services.common.wording import counted
from services.console.adapters.record import Outbox
from services.console.adapters.sqlite_store import SqliteStore
from services.console.domain.accounts import Accounts
from services.console.domain.session import Session, Stage

app = typer.Typer(no_args_is_help=True)
accounts = typer.Typer(no_args_is_help=True, help="Make, list, change and remove local accounts.")
sessions = typer.Typer(no_args_is_help=True, help="See who is signed in, and end sessions.")
app.add_typer(accounts, name="accounts")
app.add_typer(sessions, name="sessions")

NameArgument = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Name of the account.")]
RoleOption = Annotated[
    list[str] | None,
    typer.Option("--role", help="reviewer, researcher, compliance or operator; may be repeated."),
]
StudyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--study", help="A study that the account reaches; may be repeated (default: all of its)."
    ),
]


@dataclass(frozen=True, slots=True)
class _Opened:
    store: SqliteStore
    accounts: Accounts
    outbox: Outbox


@accounts.command()
def add(
    name: NameArgument,
    role: RoleOption = None,
    study: StudyOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an account; prints a set-up code, good once and for three days."""
    installation = installation_of(home)
    with _opened(installation) as found:
        is_first = not found.store.accounts()
        code = found.accounts.add(name, role or (), study or ())
        found.outbox.written(person(), name)
        others = [one for one in found.store.sessions() if one.person == name]
        _end(found, others)
    _print_code(name, code, as_json=as_json)
    if others:
        print_message(
            f"{name} was signed in by the hospital's sign-in, which ended: one name is one person."
        )
    if is_first:
        print_message("The console starts at the next start of Sotto: sotto down, then: sotto up")


@accounts.command("list")
def list_accounts(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the accounts."""
    with _opened(existing_installation(home)) as found:
        rows = found.store.accounts()
    if as_json:
        for one in rows:
            print_record(
                {"name": one.name, "state": one.state, "roles": one.roles, "studies": one.studies}
            )
        return
    if not rows:
        print_message("There is no account yet; make one: sotto console accounts add NAME --role R")
        return
    print_table(
        ("ACCOUNT", "STATE", "ROLES", "STUDIES", "MADE"),
        [
            (one.name, one.state, ", ".join(one.roles), ", ".join(one.studies) or "all of theirs",
             _time(one.created)[:10])
            for one in rows
        ],
    )  # fmt: skip


@accounts.command()
def change(
    name: NameArgument,
    role: RoleOption = None,
    study: StudyOption = None,
    all_studies: Annotated[
        bool, typer.Option("--all-studies", help="Let it reach all studies of the person.")
    ] = False,
    disable: Annotated[
        bool | None, typer.Option("--disable/--enable", help="Close the account, or open it again.")
    ] = None,
    reset: Annotated[
        bool,
        typer.Option("--reset", help="Take password and authenticator away; prints a new code."),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change an account at once: the roles and studies that are given replace those before.

    Its sessions end where it is closed or reset.
    """
    with _opened(existing_installation(home)) as found:
        studies = [] if all_studies else study
        found.accounts.change(name, roles=role, studies=studies, disabled=disable)
        code = found.accounts.reset(name) if reset else ""
        found.outbox.written(person(), name)
        if reset or disable:
            _end(found, [one for one in found.store.sessions() if one.person == name])
    if code:
        _print_code(name, code, as_json=as_json)


@accounts.command()
def remove(name: NameArgument, home: HomeOption = None) -> None:
    """Remove an account and end its sessions. What the person did stays in the audit log."""
    with _opened(existing_installation(home)) as found:
        found.accounts.get(name)
        _end(found, [one for one in found.store.sessions() if one.person == name])
        found.store.remove(name)
        found.outbox.written(person(), name, removed=True)
    print_message(f"The account {name} is removed.")


@accounts.command()
def unbind(name: NameArgument, home: HomeOption = None) -> None:
    """Let another person of the hospital's sign-in have a name, such as after it was made anew.

    A name is one person's from the first sign-in on. Its sessions end.
    """
    from services.console.adapters.trips import FILE, SqliteTrips

    installation = existing_installation(home)
    with _opened(installation) as found:
        trips = SqliteTrips(installation.accounts_file.with_name(FILE))
        try:
            if not trips.unbind(name):
                raise NotFound(
                    f"nobody of the hospital's sign-in has had the name {name}; see: sotto console"
                    " sessions list",
                    reason="unknown_name",
                )
        finally:
            trips.close()
        _end(found, [one for one in found.store.sessions() if one.person == name])
        found.outbox.written(person(), name, removed=True)
    print_message(f"The name {name} is free for whoever signs in with it next.")


@sessions.command("list")
def list_sessions(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List who is signed in."""
    with _opened(existing_installation(home)) as found:
        rows = [one for one in found.store.sessions() if one.stage is Stage.SIGNED_IN]
    if as_json:
        for one in rows:
            print_record(
                {"session": one.handle, "person": one.person, "started": _time(one.started),
                 "seen": _time(one.seen)}
            )  # fmt: skip
        return
    if not rows:
        print_message("Nobody is signed in.")
        return
    print_table(
        ("SESSION", "PERSON", "SINCE", "LAST SEEN"),
        [(one.handle, one.person, _time(one.started), _time(one.seen)) for one in rows],
    )


@sessions.command("end")
def end_sessions(
    who: Annotated[str, typer.Argument(metavar="SESSION|ACCOUNT", help="Whose to end.")],
    home: HomeOption = None,
) -> None:
    """End a session, or all sessions of an account, at once."""
    with _opened(existing_installation(home)) as found:
        named = [one for one in found.store.sessions() if who in {one.handle, one.person}]
        if not named:
            raise NotFound(f"{who} is no session and has none; see: sotto console sessions list")
        _end(found, named)
    print_message(f"{counted(len(named), 'session')} ended.")


@contextmanager
def _opened(installation: Installation) -> Iterator[_Opened]:
    installation.make_folder("console")
    store = SqliteStore(installation.accounts_file)
    try:
        yield _Opened(store, Accounts(store, time.time), Outbox(store))
    finally:
        store.close()


def _end(found: _Opened, ending: list[Session]) -> None:
    for session in ending:
        if found.store.end(session.handle):
            found.outbox.ended(person(), session)


def _print_code(name: str, code: str, *, as_json: bool) -> None:
    if as_json:
        print_record({"name": name, "set_up_code": code})
        return
    print_message(
        f"Give {name} this code by a safe way; it is good once, for three days, at the page"
        " /set-up of the console:"
    )
    typer.echo(code)


def _time(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="seconds")
