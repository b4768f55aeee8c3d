# SPDX-License-Identifier: Apache-2.0
"""The console before real services, with a transcript that waits for a reviewer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from services.common import identity
from services.common.client import Peers
from services.common.delegation import PRIVATE_KEY, Delegate
from services.registry import identities
from tests.support.console import Desk
from tests.support.release_service import ReleaseDeployment


@contextlib.contextmanager
def review_desk(folder: Path) -> Iterator[tuple[Desk, ReleaseDeployment]]:
    """Start audit, research storage and release, and give a console that calls them."""
    with ReleaseDeployment(folder / "home") as deployment:
        deployment.start()
        pki = deployment.installation.pki
        peers = Peers(identity.load(pki / identities.CONSOLE), deployment.addresses)
        delegate = Delegate(pki / identities.CONSOLE / PRIVATE_KEY)
        with (
            contextlib.closing(peers),
            Desk(folder, channel=peers.channel, assertions=delegate) as desk,
        ):
            yield desk, deployment
