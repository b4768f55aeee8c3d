# SPDX-License-Identifier: Apache-2.0
"""`sotto certificates`: what services and clients show to each other, from the private authority.

'sotto up' makes and renews those of its own installation. These commands are for another machine
or another client of the same installation, and for people who get a certificate of their own. They
work on files and need nothing running.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.common.errors import InvalidInput, WrongUse
from services.common.options import HomeOption, JsonOption, existing_installation
from services.common.output import print_message, print_record, print_table
from services.registry import ids
from services.registry.identities import CLIENTS, CONSOLE, PEOPLE
from services.registry.processes import SERVICES

if TYPE_CHECKING:
    from cryptography import x509

app = typer.Typer(no_args_is_help=True, help="Certificates of services and clients.")

_NAMES = (*SERVICES, *CLIENTS)
_DAYS = 397

NameArgument = Annotated[
    str, typer.Argument(metavar="[NAME]", help="Name of a service or client; none with --person.")
]
DaysOption = Annotated[
    int, typer.Option("--days", min=1, max=3650, help="Days until it ends.", show_default=True)
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="Folder for key.pem, cert.pem and ca.pem (default: pki/NAME)."),
]


@app.command()
def issue(
    name: NameArgument = "",
    person: Annotated[
        str, typer.Option("--person", help="Account name of the person whom it is for.")
    ] = "",
    role: Annotated[
        str, typer.Option("--role", help="Role in which the person works.", metavar="ROLE")
    ] = "",
    hosts: Annotated[
        list[str] | None,
        typer.Option("--host", help="DNS name or IP address of its machine; may be repeated."),
    ] = None,
    days: DaysOption = _DAYS,
    out: OutOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is in the folder.")] = False,
    home: HomeOption = None,
) -> None:
    """Issue a certificate with a new key: for a service on another machine, or for a person.

    A person's certificate says whose it is, and no call that is made with it is for anybody else.
    """
    from services.common import certificate_authority as authority
    from services.common import delegation

    pki = existing_installation(home).pki
    if person or role:
        name = _of_person(name, person, role, hosts, out)
    _known(name)
    folder = out or pki / name
    there = [part for part in authority.PARTS if (folder / part).exists()]
    if there and not force:
        raise WrongUse(
            f"{folder} holds {', '.join(there)} already; give another folder with --out, or replace"
            f" it with: sotto certificates renew {name}{f' --out {out}' if out else ''}"
        )
    checked = [authority.check_host(host) for host in hosts or ()]
    life = dt.timedelta(days=days)
    made = authority.issue(pki, name, folder, hosts=checked, life=life, person=person)
    if name in (*SERVICES, CONSOLE):
        delegation.hand_out(pki, folder, private=name == CONSOLE)
    _print_made(made, folder)


@app.command("list")
def list_all(
    ended: Annotated[bool, typer.Option("--ended", help="Those that have ended too.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the certificates that were issued, the one that ends first at the top."""
    from services.common import certificate_authority as authority

    pki = existing_installation(home).pki
    now = dt.datetime.now(dt.UTC)
    found = sorted(authority.issued(pki).items(), key=lambda item: item[1].not_valid_after_utc)
    rows = [
        {
            "name": authority.name_of(one),
            "role": _role(authority.name_of(one)),
            "person": authority.person_of(one),
            "hosts": list(authority.hosts_of(one)),
            "expires": one.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "serial": serial,
            "folder": _folder(pki, one),
        }
        for serial, one in found
        if ended or one.not_valid_after_utc > now
    ]
    if as_json:
        for row in rows:
            print_record(row)
        return
    print_table(
        ("NAME", "ROLE", "PERSON", "HOSTS", "EXPIRES", "SERIAL", "FOLDER"),
        [
            [", ".join(cell) if isinstance(cell, list) else cell for cell in row.values()]
            for row in rows
        ],
    )


@app.command()
def renew(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="Name of a service or client.")
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="All that 'sotto up' uses.")] = False,
    days: Annotated[
        int | None,
        typer.Option(
            "--days", min=1, max=3650, help="Days until it ends (default: as it was issued for)."
        ),
    ] = None,
    out: OutOption = None,
    home: HomeOption = None,
) -> None:
    """Replace a certificate and its key, for the same hosts or the same person.

    Running services take it at once.
    """
    from services.common import certificate_authority as authority

    if every == bool(name) or (every and out):
        raise WrongUse("give one NAME, with --out where it is in another folder, or --all")
    pki = existing_installation(home).pki
    for one in _NAMES if every else (_known(name),):
        folder = out or pki / one
        if every and not folder.exists():
            continue
        before = authority.read(folder)
        if authority.name_of(before) != one:
            raise InvalidInput(f"{folder} holds a certificate of another name than {one}")
        hosts = authority.hosts_of(before)
        life = dt.timedelta(days=days) if days else authority.life_of(before)
        person = authority.person_of(before)
        made = authority.issue(pki, one, folder, hosts=hosts, life=life, person=person)
        _print_made(made, folder)


def _known(name: str) -> str:
    if name not in _NAMES:
        raise WrongUse(f"{name} is no service or client of Sotto's; there are {', '.join(_NAMES)}")
    return name


def _of_person(
    name: str, person: str, role: str, hosts: Sequence[str] | None, out: Path | None
) -> str:
    """Return the name of the client that a person's certificate is for."""
    if name or not (person and role and out) or hosts:
        raise WrongUse(
            "a person's certificate takes --person, --role and --out, and neither NAME nor --host"
        )
    if role not in PEOPLE:
        raise WrongUse(f"{role} is no role of people; there are {', '.join(PEOPLE)}")
    if not re.fullmatch(ids.PERSON, person):
        raise InvalidInput(ids.ADVICE[ids.PERSON])
    return role


def _role(name: str) -> str:
    if name in SERVICES:
        return "service"
    if name == CONSOLE:
        return "console"
    return "person" if name in PEOPLE else "orchestrator"


def _folder(pki: Path, certificate: x509.Certificate) -> str:
    """Return the folder of the installation that holds a certificate; empty for none of it."""
    from services.common import certificate_authority as authority

    folder = pki / authority.name_of(certificate)
    in_use = (folder / "cert.pem").exists() and authority.read(folder) == certificate
    return str(folder) if in_use else ""


def _print_made(certificate: x509.Certificate, folder: Path) -> None:
    from services.common import certificate_authority as authority

    ends = certificate.not_valid_after_utc.date().isoformat()
    hosts: Sequence[str] = authority.hosts_of(certificate)
    where = f" for {', '.join(hosts)}" if hosts else ""
    if person := authority.person_of(certificate):
        where = f" for {person}"
    print_message(
        f"{authority.name_of(certificate)}{where}: {folder}, until {ends}, serial"
        f" {authority.serial(certificate)}. Keep key.pem secret."
    )
