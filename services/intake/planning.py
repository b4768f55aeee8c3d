# SPDX-License-Identifier: Apache-2.0
"""From what a command is given to the interviews that it means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.common.errors import InvalidInput, WrongUse
from services.common.wording import counted
from services.intake.days import interview_day, interview_days
from services.intake.entry_list import ListedInterview, read_list
from services.intake.name_pattern import NamePattern
from services.intake.outcomes import Interview
from services.intake.sources import Found, find
from sotto.transcript.v1 import reading_pb2

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Given:
    """What a command was given about the files: "" and 0 where nothing was said.

    `looks_only`: nothing is to be sealed, so that it need not be known whose the files are.
    """

    participant: str = ""
    session: int = 0
    dates: Sequence[str] = ()
    reading: reading_pb2.ReadingOptions = field(default_factory=reading_pb2.ReadingOptions)
    looks_only: bool = False
    speakers: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Interviews, the name of each at the terminal, and what was left alone, with the reason."""

    interviews: Sequence[Interview]
    names: Sequence[str]
    skipped: Sequence[tuple[str, str]] = ()


def plan_list(manifest: Path, given: Given) -> Plan:
    """Return the interviews of a list; an option holds where its row says nothing.

    Raises InvalidInput that names the lines that do not say enough.
    """
    if given.session or given.dates:
        raise WrongUse("--session and --date are columns of the list that --manifest names")
    rows = read_list(manifest)
    codes = Counter(row.participant or given.participant for row in rows)
    faults: list[str] = []
    interviews: list[Interview] = []
    for row in rows:
        code = row.participant or given.participant
        if not given.looks_only:
            if not code:
                faults.append(f"line {row.line}: it names no participant")
            elif not row.session and codes[code] > 1:
                faults.append(f"line {row.line}: {code} stands in several lines, and this one names"
                              " no session")  # fmt: skip
        interviews.append(
            Interview(
                *(row.path, code, row.session or 1, row.date, _reading(row, given.reading)),
                row.speakers or given.speakers,
            )
        )
    if faults:
        raise InvalidInput(f"the list {manifest}: {_some(faults, '; ')}; nothing was sealed")
    return Plan(interviews, [_relative(row.path, manifest.parent) for row in rows])


def plan_files(paths: Sequence[Path], pattern: NamePattern | None, given: Given) -> Plan:
    """Return the interviews of files and folders.

    With a pattern their names tell whose they are; without one, files are sessions N, N+1, ... of
    the participant. Raises WrongUse where neither tells enough, and InvalidInput for names that
    the pattern does not fit.
    """
    found = find(paths)
    names = [
        path.name if root is None else _relative(path, root) for path, root in found.roots.items()
    ]
    skipped = [(str(path), why) for path, why in found.skipped]
    if pattern is not None:
        return Plan(_by_name(found, pattern, given), names, skipped)
    if given.looks_only and (not given.participant or any(found.roots.values())):
        if given.dates:
            interview_days(given.dates, len(found.files))
        files = [
            Interview(path, reading=given.reading, speakers=given.speakers) for path in found.files
        ]
        return Plan(files, names, skipped)
    if any(found.roots.values()):
        raise WrongUse(
            "for a folder say by --name-pattern how names tell participant and session, such as"
            " '{participant}_{session}', or write a list: sotto ingest --template FOLDER > list.csv"
            " and then: sotto ingest --manifest list.csv"
        )
    if not given.participant:
        raise WrongUse("say whose it is: --participant CODE, --name-pattern or --manifest")
    days = interview_days(given.dates, len(found.files))
    first = given.session or 1
    interviews = [
        Interview(path, given.participant, session, day, given.reading, given.speakers)
        for session, (path, day) in enumerate(zip(found.files, days, strict=True), first)
    ]
    return Plan(interviews, names, skipped)


def _by_name(found: Found, pattern: NamePattern, given: Given) -> list[Interview]:
    _check_pattern(pattern, given)
    interviews: list[Interview] = []
    misfits: list[str] = []
    for path, root in found.roots.items():
        named = pattern.read(path)
        if named is None:
            misfits.append(path.name if root is None else _relative(path, root))
            continue
        try:
            day = interview_day(named.date) if named.date else ""
        except InvalidInput as error:
            raise InvalidInput(f"{path.name}: {error.message}; nothing was sealed") from None
        code = named.participant or given.participant
        interviews.append(
            Interview(
                *(path, code, named.session or given.session or 1, day, given.reading),
                given.speakers,
            )
        )
    if misfits:
        raise InvalidInput(
            f"{counted(len(misfits), 'name does', 'names do')} not fit the pattern"
            f" {pattern.text}, in which {{session}} is digits alone (for S02: S{{session}}):"
            f" {_some(misfits, ', ')}; nothing was sealed"
        )
    codes = Counter(one.participant for one in interviews)
    several = [code for code, count in codes.items() if count > 1]
    if several and "session" not in pattern.fields:
        raise InvalidInput(
            f"there are several files of {_some(several, ', ')}: put {{session}} in the pattern;"
            " nothing was sealed"
        )
    return interviews


def _check_pattern(pattern: NamePattern, given: Given) -> None:
    """Raise WrongUse where an option says what the pattern says, or neither says whose it is."""
    told = {"participant": bool(given.participant), "session": bool(given.session)}
    for field_name, is_given in told.items():
        if is_given and field_name in pattern.fields:
            raise WrongUse(f"--name-pattern tells the {field_name}; do not give --{field_name} too")
    if given.dates:
        raise WrongUse("--date goes with files named one by one; put {date} in the pattern")
    if "participant" not in pattern.fields and not given.participant:
        raise WrongUse("the pattern has no {participant}: give --participant CODE")


def _reading(row: ListedInterview, given: reading_pb2.ReadingOptions) -> reading_pb2.ReadingOptions:
    return reading_pb2.ReadingOptions(
        encoding=row.reading.encoding or given.encoding,
        append_notes=row.reading.append_notes or given.append_notes,
        roles=row.reading.roles or given.roles,
    )


def _relative(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _some(texts: Sequence[str], mark: str) -> str:
    more = len(texts) - _MOST_NAMED
    return mark.join([*texts[:_MOST_NAMED], *([f"and {more} more"] if more > 0 else [])])
