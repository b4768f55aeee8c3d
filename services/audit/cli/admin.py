# SPDX-License-Identifier: Apache-2.0
"""Commands that look after the log's folder: keys, a deeper check, a new log after a restore."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from services.audit.cli.options import LogOption, audit_folder, read_file
from services.common.errors import Corrupted, SottoError
from services.common.files import is_open_to_others
from services.common.options import HomeOption


def rotate_key(
    log: LogOption = None,
    home: HomeOption = None,
    retire: Annotated[
        bool, typer.Option("--retire", help="End the rotation: only the newest key signs on.")
    ] = False,
) -> None:
    """Put a new signing key in front; both sign until --retire. Restart the service after it."""
    from services.audit.adapters import key_files
    from services.audit.adapters.sqlite_store import SqliteStore

    path = log or audit_folder(home)
    SqliteStore.try_lock(path)
    keys = key_files.rotate_key(path, retire=retire)
    sys.stdout.write("".join(f"signs    {key.verifier}\n" for key in keys.signing))
    sys.stdout.write("".join(f"retired  {key}\n" for key in keys.retired))


def fsck(log: LogOption = None, home: HomeOption = None) -> None:
    """Check an audit folder more deeply than verify: keys, permissions, unfinished files."""
    from services.audit.cli.verify import verify_log
    from services.audit_evidence.verification_text import report_lines

    path = log or audit_folder(home)
    report = verify_log(path)
    for words in folder_faults(path):
        report.wrong(None, words)
    sys.stdout.write("".join(line + "\n" for line in report_lines(report)))
    if not report.ok:
        raise typer.Exit(Corrupted.exit_code)


def folder_faults(path: Path) -> list[str]:
    """Return what is wrong with the files of an audit folder beside the log itself."""
    from services.audit.adapters import key_files
    from services.audit_evidence.keys import SigningKey

    faults: list[str] = []
    key_file = path / key_files.KEY_FILE
    try:
        keys = [
            SigningKey.parse(line)
            for line in read_file(key_file).decode("ascii", "replace").splitlines()
        ]
        public = key_files.read_vkeys(path / key_files.VKEY_FILE)
        if not keys or any(key.verifier not in public for key in keys):
            faults.append(f"{key_file.name} holds a key whose public half is not in the key file")
    except SottoError as error:
        faults.append(f"{key_file.name}: {error.message}")
    private = [path / name for name in (key_files.KEY_FILE, "log.sqlite") if (path / name).exists()]
    faults += [
        f"{one.name} can be read by others; run: chmod 600 {one}"
        for one in private
        if is_open_to_others(one)
    ]
    faults += [f"{one.name} is left over from a write that was cut off" for one in path.glob(".*")]
    return faults


def start_anew(
    reason: Annotated[str, typer.Option("--reason", help="restored, damaged or key_lost.")],
    person: Annotated[str, typer.Option("--person", help="Who decided it.")],
    origin: Annotated[str, typer.Option("--origin", help="Name of the new log.")] = "",
    log: LogOption = None,
    home: HomeOption = None,
) -> None:
    """After a restore: set the old log aside and begin a new one that names it."""
    from services.audit.adapters.renewal import start_anew as renew

    aside = renew(log or audit_folder(home), person=person, reason=reason, origin=origin)
    sys.stdout.write(f"the old log is in {aside}; keep it. Hand out the new log.vkey\n")
