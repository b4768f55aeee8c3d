# SPDX-License-Identifier: Apache-2.0
"""Connections of a command to the running services, in the name of the person who runs it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import pwd
import re
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

from services.common import supervisor
from services.common.errors import PermissionDenied, Unavailable
from services.common.installation import Installation
from services.common.output import print_message

if TYPE_CHECKING:
    from services.common.client import Peers

#: Folders of certificates of the person who runs the command, separated as in PATH.
CERTIFICATE_VARIABLE = "SOTTO_CERTIFICATE"
_CHOSEN: ContextVar[Sequence[Path]] = ContextVar("sotto_certificates", default=())


def choose_certificates(folders: Sequence[Path]) -> None:
    """Have this command show a certificate in one of these folders, whatever the variable says."""
    _CHOSEN.set(tuple(folders))


def person() -> str:
    """Return the account of the person who runs the command, as the audit log writes it.

    It is the account of the process: variables such as LOGNAME, USER and SUDO_USER, which anybody
    sets, are not asked.
    """
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"uid-{uid}"
    return re.sub(r"[^A-Za-z0-9_.@+-]", "_", name)[:64]


@contextlib.contextmanager
def connected(
    installation: Installation,
    client: str,
    needs: Sequence[str],
    *,
    purpose: str = "research",
    makes_home: bool = False,
) -> Iterator[Peers]:
    """Open channels under the certificate of a role's client, or of the person in that role.

    Where no services are running, those that are needed are started and stopped with the command.
    Raises WrongUse where there is no installation, unless the command may make one, Unavailable
    when a service cannot be started or found, and PermissionDenied when the person's certificate is
    of another role.
    """
    folder, name = _shown(installation, client)
    with _addresses(installation, folder, needs, makes_home=makes_home) as addresses:
        # Messages of libraries are for the logs of services; here an error is one line.
        logging.disable(logging.CRITICAL)
        # gRPC takes a while to import, and commands that fail early do without it.
        from services.common import context, identity
        from services.common.client import Peers

        peers = Peers(identity.load(folder), addresses, run=installation.run)
        try:
            with context.acting(
                person=name,
                role=client,
                purpose=purpose,
                request_id=context.new_request_id(),
            ):
                yield peers
        finally:
            peers.close()


def speaker(installation: Installation, client: str) -> tuple[str, bool]:
    """Return for whom a command calls as `client`, and whether a certificate proves that name.

    Raises PermissionDenied when the person's certificate is of another role.
    """
    folder, name = _shown(installation, client)
    return name, folder != installation.pki / client


def _shown(installation: Installation, client: str) -> tuple[Path, str]:
    """Return the folder of the certificate to show, and the person for whom the calls are."""
    told = os.environ.get(CERTIFICATE_VARIABLE, "").split(os.pathsep)
    own = _CHOSEN.get() or [Path(one).expanduser() for one in told if one]
    if not own:
        return installation.pki / client, person()
    from services.common import certificate_authority

    found = {}
    for folder in own:
        certificate = certificate_authority.read(folder)
        role = certificate_authority.name_of(certificate)
        if name := certificate_authority.person_of(certificate):
            found[role] = (folder, name)
    if client not in found:
        held = ", ".join(f"{name} in role {role}" for role, (_, name) in found.items())
        raise PermissionDenied(
            f"this command is for the role {client}, and the certificate is for"
            f" {held or 'no person'}; name the folder of another one with --certificate, which may"
            " be given several times"
        )
    return found[client]


@contextlib.contextmanager
def _addresses(
    installation: Installation, folder: Path, needs: Sequence[str], *, makes_home: bool
) -> Iterator[Mapping[str, str]]:
    """Provide the addresses of the services: of this installation, or of the one told by settings.

    Whoever has a certificate of another installation, such as from another account of the machine,
    says in the setting `addresses` where its services are; nothing is started then.
    """

    def announce(names: list[str]) -> None:
        print_message(f"No services are running; starting {', '.join(names)} for this command.")

    ours = installation.pki / "ca.pem"
    if folder.parent != installation.pki and not _same_authority(ours, folder / "ca.pem"):
        from services.common.settings import SupervisorSettings

        told = SupervisorSettings.load(home=installation.root).addresses
        if missing := [name for name in needs if name not in told]:
            example = json.dumps({name: f"127.0.0.1:{4701 + at}" for at, name in enumerate(needs)})
            raise Unavailable(
                f"nothing tells where {', '.join(missing)} of the installation is that issued the"
                f" certificate in {folder}; say it in the setting 'addresses', such as"
                f" SOTTO_ADDRESSES='{example}'"
            )
        yield told
        return
    if not makes_home:
        installation.require()
    with supervisor.running(installation, needs, before_start=announce) as addresses:
        yield addresses


def _same_authority(one: Path, other: Path) -> bool:
    try:
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return False
