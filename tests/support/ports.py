# SPDX-License-Identifier: Apache-2.0
"""Ports for processes that are told theirs, or that come back at the one that they had."""

from __future__ import annotations

import random
import socket

# Below those that Linux gives to whoever asks for none (`net.ipv4.ip_local_port_range`): one of
# these would be given to somebody else until the process that it is for listens.
_PORTS = range(20_000, 32_000)
_random = random.SystemRandom()


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that nothing has."""
    for port in _random.sample(_PORTS, len(_PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
