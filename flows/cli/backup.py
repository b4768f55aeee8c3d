# SPDX-License-Identifier: Apache-2.0
"""`sotto backup`: copy an installation, check the copy, put it back."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.common.client_session import connected
from services.common.errors import Corrupted, SottoError, WrongUse
from services.common.options import HomeOption, JsonOption, existing_installation, installation_of
from services.common.output import print_message, print_record
from services.registry import identities

if TYPE_CHECKING:
    from flows.backup.manifest import Manifest
    from services.common.installation import Installation

_NOTE_SECONDS = 20.0

app = typer.Typer(no_args_is_help=True, help="Copy an installation, check and restore copies.")

PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        help="File with the passphrase, of 12 characters or more; asked for without it.",
        show_default=False,
    ),
]
SecretsOption = Annotated[
    Path | None,
    typer.Option(
        "--secrets",
        help="The backup's file of secrets, where it was moved elsewhere.",
        show_default=False,
    ),
]
BackupArgument = Annotated[Path, typer.Argument(metavar="BACKUP", help="Folder sotto-....")]


@app.command()
def create(
    into: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder that holds backups.")],
    passphrase_file: PassphraseOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the home into a new folder under FOLDER, also while Sotto runs.

    Objects are copied sealed, as they are; keys, certificates and settings go into one file under
    a passphrase. Objects that an earlier backup in FOLDER holds are linked to.
    """
    from flows.backup import creating

    home_folder = existing_installation(home).root
    passphrase = _passphrase(passphrase_file, new=True)
    with _counted("copied") as on_file:
        folder, manifest = creating.create(
            home_folder, into.expanduser().absolute(), passphrase, on_file
        )
    _note(existing_installation(home), "MADE", manifest)
    if as_json:
        print_record(
            {
                "backup": str(folder),
                "files": len(manifest.files),
                "bytes": sum(one.size for one in manifest.files),
                "left_out": list(manifest.left_out),
                "elsewhere": list(manifest.elsewhere),
            }
        )
        return
    print_message(f"{len(manifest.files)} files and the secrets are in {folder}.")
    for path in manifest.left_out:
        print_message(f"Left out, since it is no part of an installation: {path}")
    for what in manifest.elsewhere:
        print_message(f"Not in this backup, since the settings keep it elsewhere: {what}")
    print_message(
        "Keep the passphrase apart from the backup. Without it the backup cannot be used; with it,"
        " whoever has the backup reads everything."
    )


@app.command()
def verify(
    backup: BackupArgument,
    passphrase_file: PassphraseOption = None,
    secrets: SecretsOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read every file of a backup, open its secrets and verify its audit log.

    The log of the running installation notes that it was done.
    """
    from flows.backup import checking
    from flows.backup.manifest import HOME, Manifest

    manifest = Manifest.read(backup)
    passphrase = _passphrase(passphrase_file)
    with _counted("read") as on_file:
        wrong = checking.check(backup, manifest, on_file)
    opened = checking.open_secrets(secrets or checking.secrets_of(backup), manifest, passphrase)
    log = backup / HOME / "audit"
    log_is_whole = _verify_log(log) if (log / "log.sqlite").exists() else None
    good = not wrong and log_is_whole is not False
    _note(installation_of(home), "CHECKED", manifest, good=good)
    if as_json:
        print_record(
            {
                "backup": str(backup),
                "files": len(manifest.files),
                "secrets": len(opened),
                "wrong": wrong,
                "log_is_whole": log_is_whole,
            }
        )
    for one in wrong:
        print_message(one)
    if wrong or log_is_whole is False:
        raise Corrupted(
            f"{len(wrong)} files of the backup are not as they were made"
            f"{', and its audit log is not whole' if log_is_whole is False else ''}; take another"
            " backup"
        )
    print_message(
        f"All {len(manifest.files)} files are as they were made on {_day(manifest)}, and the"
        f" passphrase opens {len(opened)} secrets."
    )
    if log_is_whole is None:
        print_message("The backup holds no audit log: the settings keep it elsewhere.")


@app.command()
def restore(
    backup: BackupArgument,
    passphrase_file: PassphraseOption = None,
    secrets: SecretsOption = None,
    tombstones_from: Annotated[
        Path | None,
        typer.Option(
            "--tombstones-from",
            help="The old home, or a later backup: who withdrew since then stays erased.",
            show_default=False,
        ),
    ] = None,
    trial_of: Annotated[
        Path | None,
        typer.Option(
            "--trial-of",
            help="Home of the running installation, whose log notes that a restore was tried.",
            show_default=False,
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Make the home anew from a backup. The home must be empty, or not be there."""
    from flows.backup import checking, restoring

    root = installation_of(home).root
    passphrase = _passphrase(passphrase_file)
    with _counted("put back") as on_file:
        manifest, taken = restoring.restore(
            backup.expanduser().absolute(),
            secrets or checking.secrets_of(backup),
            passphrase,
            root,
            tombstones_from=tombstones_from,
            on_file=on_file,
        )
    print_message(
        f"{root} is as it was on {_day(manifest)}"
        + (f", with {taken} newer tombstones" if tombstones_from else "")
        + "."
    )
    if not tombstones_from:
        print_message(
            "Who withdrew after that day is not erased in it: 'sotto storage verify' names those of"
            " whom the log knows; withdraw the others again."
        )
    if trial_of:
        _note(installation_of(trial_of), "RESTORED", manifest)
    for what in manifest.elsewhere:
        print_message(f"Put this back by itself, since it was not in the backup: {what}")
    print_message(
        "Next: sotto up --detach, sotto storage scrub, sotto storage verify, sotto audit verify"
    )


def _note(installation: Installation, act: str, manifest: Manifest, *, good: bool = True) -> None:
    """Have the log of the running installation note what was done, or say that it does not."""
    from sotto.audit.v1 import audit_service_pb2_grpc, upkeep_pb2

    request = upkeep_pb2.NoteBackupRequest(
        act=f"BACKUP_ACT_{act}", files=len(manifest.files), good=good
    )
    request.made_at.FromDatetime(manifest.made_at)
    try:
        with connected(installation, identities.OPERATOR, (), purpose="operations") as peers:
            audit_service_pb2_grpc.AuditUpkeepServiceStub(
                peers.channel(identities.AUDIT)
            ).NoteBackup(request, timeout=_NOTE_SECONDS)
    except SottoError as error:
        print_message(
            f"The audit log does not note this, so that sotto status does not know it:"
            f" {error.message}. To have it noted: sotto backup verify, while Sotto runs"
        )


def _day(manifest: Manifest) -> str:
    return f"{manifest.made_at:%Y-%m-%d at %H:%M:%S} UTC"


def _verify_log(folder: Path) -> bool:
    """Verify a copy of the log by the command for it, which says what it found."""
    command = [sys.executable, "-m", "flows.cli.main", "audit", "verify", "--log", str(folder)]
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    return done.returncode == 0


def _passphrase(file: Path | None, *, new: bool = False) -> bytes:
    """Return the passphrase from its file, or ask for it; raises WrongUse."""
    from flows.backup.secrets_file import SHORTEST_PASSPHRASE

    if file is not None:
        try:
            given = file.expanduser().read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise WrongUse(
                f"the passphrase cannot be read from {file}; name another file"
            ) from error
    elif sys.stdin.isatty():
        given = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True)
    else:
        raise WrongUse("a passphrase is needed; give it with: --passphrase-file FILE")
    if new and len(given) < SHORTEST_PASSPHRASE:
        raise WrongUse(
            f"the passphrase has fewer than {SHORTEST_PASSPHRASE} characters, which can be guessed;"
            " take a longer one, such as of: openssl rand -base64 24"
        )
    return given.encode()


@contextlib.contextmanager
def _counted(done: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal how many files were done so far."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _path: None
        return
    with console.status(f"0 files {done}") as shown:
        count = 0

        def on_file(_path: str) -> None:
            nonlocal count
            count += 1
            shown.update(f"{count} files {done}")

        yield on_file
