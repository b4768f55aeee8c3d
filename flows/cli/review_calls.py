# SPDX-License-Identifier: Apache-2.0
"""What the commands of a reviewer share: how a transcript is named, found and read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.common.client_session import connected
from services.common.options import installation_of
from services.registry import identities

if TYPE_CHECKING:
    from services.release_client.reviewing import Reading, Reviewing

RecordingArgument = Annotated[str, typer.Argument(metavar="REC", help="Recording id.")]
PlaceArgument = Annotated[
    str, typer.Argument(metavar="PLACE", help="Segment and number as `show` prints it: 12:3.")
]
AnyStudyOption = Annotated[
    str, typer.Option("--study", metavar="ID", help="Study; all that you review if none.")
]
SeenOption = Annotated[
    str, typer.Option("--run", metavar="KEY", help="What `show` printed at its end.")
]


@contextlib.contextmanager
def reviewing_as(home: Path | None, *needs: str) -> Iterator[Reviewing]:
    """Give the calls of the reviewer whose certificate it is, once these services answer."""
    services = (identities.RELEASE, *needs)
    with connected(installation_of(home), identities.REVIEWER, services, purpose="review") as peers:
        from services.release_client.reviewing import Reviewing

        yield Reviewing(peers)


def read_run(reviewing: Reviewing, recording: str, study: str, run: str) -> Reading:
    """Read a transcript; refuse another run than the one that was seen, where that is named."""
    from services.release_client.reviewing import same_run

    reading = reviewing.read(reviewing.find(recording, study).ref)
    same_run(reading, run)
    return reading


def look_again(recording: str) -> str:
    """Return what is told after a step."""
    return f"The transcript waits for review: sotto review show {recording}"
