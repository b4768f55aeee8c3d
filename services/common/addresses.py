# SPDX-License-Identifier: Apache-2.0
"""Where services are: one address or several a name, told by settings or found in the home.

A service that runs under the same home writes `run/<name>.address`, or `run/<name>-2.address` and
so on where several of it run.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path

from services.registry.processes import instance_name

_ADDRESS = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)"
    r":(?P<port>[1-9][0-9]{0,4})"
)
_MOST_PORT = 65535
# So many of one service are looked for in a home.
MOST_INSTANCES = 64


def split(text: str) -> tuple[str, ...]:
    """Return the addresses in a list separated by commas, each `host:port`.

    Several are all IPv4 or all IPv6 addresses, as gRPC takes them. Raises ValueError when one is
    none, or when there are several and one is a host name.
    """
    found = tuple(part.strip() for part in text.split(","))
    kinds = {_kind(address) for address in found}
    if len(found) > 1 and kinds not in ({"ipv4"}, {"ipv6"}):
        raise ValueError(
            "several addresses must be all IPv4 or all IPv6; for several hosts by name, give one"
            " DNS name that resolves to all of them"
        )
    return found


def target(text: str) -> str:
    """Return what gRPC calls the addresses in a list separated by commas.

    Raises ValueError as `split` does.
    """
    found = split(text)
    kind = _kind(found[0])
    return f"dns:///{found[0]}" if kind == "dns" else f"{kind}:{','.join(found)}"


def _kind(address: str) -> str:
    """Return `ipv4`, `ipv6` or `dns`; raises ValueError when it is no address with a port."""
    parts = _ADDRESS.fullmatch(address)
    if parts is None or int(parts["port"]) > _MOST_PORT:
        raise ValueError("an address is host:port, such as 10.0.0.7:4001 or [fd00::7]:4001")
    host = parts["host"]
    try:
        return f"ipv{ipaddress.ip_address(host.strip('[]')).version}"
    except ValueError:
        if host.startswith("["):
            raise ValueError("between brackets stands an IPv6 address") from None
        return "dns"


class AddressBook:
    """The addresses of services: those that settings tell, and for other names those in `run`."""

    def __init__(self, told: Mapping[str, str], run: Path | None = None) -> None:
        self._told = dict(told)
        self._run = run
        self._found: dict[str, tuple[int, str]] = {}

    def find(self, name: str) -> str:
        """Return the addresses of a service as a list separated by commas, empty when unknown."""
        if told := self._told.get(name):
            return told
        if self._run is None:
            return ""
        try:
            # Files are put in place by renaming, which changes the folder.
            changed = self._run.stat().st_mtime_ns
        except OSError:
            return ""
        before = self._found.get(name)
        if before is None or before[0] != changed:
            self._found[name] = before = (changed, _written(self._run, name))
        return before[1]


def _written(run: Path, name: str) -> str:
    found: list[str] = []
    for number in range(1, MOST_INSTANCES + 1):
        with contextlib.suppress(OSError, ValueError):
            path = run / f"{instance_name(name, number)}.address"
            text = path.read_text("ascii").strip()
            found.extend(split(text))
    return ",".join(dict.fromkeys(found))
