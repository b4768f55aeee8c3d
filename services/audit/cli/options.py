# SPDX-License-Identifier: Apache-2.0
"""Options that several audit commands share, and how their values are read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.audit_evidence.errors import InvalidFormat
from services.common.errors import InvalidInput, NotFound
from services.common.options import existing_installation

if TYPE_CHECKING:  # loads cryptography, which only some commands need
    from services.audit_evidence.policy import WitnessPolicy

LogOption = Annotated[
    Path | None,
    typer.Option(
        "--log",
        help="Audit folder, database file, export or folder of tiles; the home's own by default.",
    ),
]
KeyOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--key",
        help="File of the log's public keys that you keep yourself; else the one beside the log.",
    ),
]
WitnessPolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", help="Policy file (tlog-policy): logs, witnesses, quorum."),
]
OutOption = Annotated[Path, typer.Option("--out", metavar="FILE", help="File to make.")]
TimeOption = Annotated[
    str, typer.Option(metavar="TIME", help="RFC 3339, such as 2026-11-25T08:00Z.")
]


def audit_folder(home: Path | None = None) -> Path:
    """Return the audit folder of a home, by default of the one that the environment names.

    Raises WrongUse where there is no installation.
    """
    return existing_installation(home).root / "audit"


def read_file(path: Path) -> bytes:
    """Read a file that a command was given; raises NotFound."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}") from None


def check_filled(options: dict[str, str | None]) -> None:
    """Refuse an option that was given without a value, as a script does whose variable is empty.

    To leave it out is another question, with more in its answer. Raises InvalidInput.
    """
    for name, value in options.items():
        if value is not None and not value.strip():
            raise InvalidInput(f"{name} has no value; give one, or leave {name} out")


def check_target(out: Path, endings: tuple[str, ...] = ()) -> None:
    """Check where a file is to be made before any work; raises InvalidInput.

    `endings` are those that decide its format: another one would hold what it does not say.
    """
    if endings and out.suffix.lower() not in endings:
        shown = f"{', '.join(endings[:-1])} or {endings[-1]}"
        raise InvalidInput(f"a report is written in the format of its ending: {shown}")
    if not out.parent.is_dir():
        raise InvalidInput(f"{out.parent} is not a folder; make it first")
    if out.is_dir():
        raise InvalidInput(f"{out} is a folder; name a file to make")


def read_witness_policy(path: Path | None) -> WitnessPolicy | None:
    """Read a policy file where one was given; raises InvalidFormat when it is not one."""
    from services.audit_evidence.policy import WitnessPolicy

    if path is None:
        return None
    try:
        return WitnessPolicy.parse(read_file(path).decode("utf-8"))
    except UnicodeDecodeError:
        raise InvalidFormat("the policy is not UTF-8") from None


def read_time(text: str) -> datetime:
    """Read a day or a time as people write it, UTC unless it says otherwise.

    Raises InvalidFormat for anything else.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidFormat("a time is written as 2026-11-25T08:00Z, a day as 2026-11-25") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def read_period(since: str, until: str) -> tuple[datetime | None, datetime | None]:
    """Read the two ends of a period, either of which may be empty.

    Raises InvalidFormat for what is no time, or a period that ends before it begins.
    """
    begin = read_time(since) if since else None
    end = read_time(until) if until else None
    if begin and end and begin >= end:
        raise InvalidFormat("the period ends before it begins; give --since a time before --until")
    return begin, end
