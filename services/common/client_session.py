# SPDX-License-Identifier: Apache-2.0
"""Connections of a command to the running services, in the name of the person who runs it."""

from __future__ import annotations

import contextlib
import logging
import os
import pwd
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from services.common import supervisor
from services.common.installation import Installation
from services.common.output import print_message

if TYPE_CHECKING:
    from services.common.client import Peers


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
    """Open channels under the certificate of a role's client.

    Where no services are running, those that are needed are started and stopped with the command.
    Raises WrongUse where there is no installation, unless the command may make one, and Unavailable
    when a service cannot be started.
    """
    if not makes_home:
        installation.require()

    def announce(names: list[str]) -> None:
        print_message(f"No services are running; starting {', '.join(names)} for this command.")

    with supervisor.running(installation, needs, before_start=announce) as addresses:
        # Messages of libraries are for the logs of services; here an error is one line.
        logging.disable(logging.CRITICAL)
        # gRPC takes a while to import, and commands that fail early do without it.
        from services.common import context, identity
        from services.common.client import Peers

        peers = Peers(identity.load(installation.pki / client), addresses, run=installation.run)
        try:
            with context.acting(
                person=person(),
                role=client,
                purpose=purpose,
                request_id=context.new_request_id(),
            ):
                yield peers
        finally:
            peers.close()
