# SPDX-License-Identifier: Apache-2.0
"""Commands that look after the log: witnesses, keys, a deeper check, a new start."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from services.audit.cli import Log, default_folder, read_file
from services.audit.errors import InvalidFormat
from services.common.errors import Corrupted, SottoError
from services.common.options import HomeOption, JsonOption

witness = typer.Typer(no_args_is_help=True, help="Be a witness of a log, or ask one to cosign.")


@witness.command("serve")
def witness_serve(
    folder: Annotated[Path, typer.Option("--dir", help="Folder of the witness.")],
    log_key: Annotated[list[Path], typer.Option("--log-key", help="Public keys of a log.")],
    name: Annotated[str, typer.Option("--name", help="Name of the witness, at first start.")],
    listen: Annotated[str, typer.Option("--listen", help="Address to listen on.")] = (
        "127.0.0.1:8383"
    ),
) -> None:
    """Cosign checkpoints of the logs whose keys are given, until stopped."""
    from services.audit.adapters.folder import read_vkeys
    from services.audit.adapters.witness_files import WitnessFiles, ensure_witness_key
    from services.audit.adapters.witness_http import witness_server
    from services.audit.domain.witness import Witness

    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        raise InvalidFormat("an address is written as 127.0.0.1:8383")
    key = ensure_witness_key(folder, name)
    logs = [one for path in log_key for one in read_vkeys(path)]
    server = witness_server(Witness(key, logs, WitnessFiles(folder)), folder, (host, int(port)))
    sys.stderr.write(f"witness {key.verifier}\nlistening on {host}:{server.server_port}\n")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


@witness.command("status")
def witness_status(log: Log = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show how the witnesses stand that the service asks. Ends with 1 when one does not cosign."""
    import json
    from dataclasses import asdict

    from services.audit.adapters.cosigning import State, read_standings

    standings = read_standings(log or default_folder(home)).values()
    for one in standings:
        if as_json:
            sys.stdout.write(json.dumps(asdict(one)) + "\n")
        else:
            words = f"{one.state:9} {one.size:>9} entries"
            sys.stdout.write(f"{one.name:20} {words}  since {one.began or 'the start'}\n")
    if not standings:
        sys.stderr.write("The log asks no witnesses; see the setting audit_policy.\n")
    if any(one.state is not State.COSIGNS for one in standings):
        raise typer.Exit(1)


@witness.command("ask")
def witness_ask(
    url: Annotated[str, typer.Argument(help="Address of the witness.")],
    key: Annotated[Path, typer.Option("--key", help="Public key of the witness.")],
    log: Log = None,
    home: HomeOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Cosigned checkpoint; beside the log by default."),
    ] = None,
) -> None:
    """Have a witness cosign the newest checkpoint of a log."""
    path = log or default_folder(home)
    if out is None and path.is_file():
        raise InvalidFormat("say by --out where the cosigned checkpoint goes")
    note = cosign_log(path, url, key, out or path / "witnessed")
    sys.stdout.write(note)


def cosign_log(path: Path, url: str, key: Path, out: Path) -> str:
    """Ask a witness, add its line to those of other witnesses of the same checkpoint, keep it."""
    from services.audit import copies
    from services.audit.adapters.folder import read_vkeys
    from services.audit.adapters.witness_http import ask_witness
    from services.audit.domain.note import parse_note
    from services.common.files import write_private

    with copies.copy_at(path) as copy:
        prove = copies.growth(copy)
        note = copy.checkpoint
    line = ask_witness(url, read_vkeys(key)[0], note, prove)
    held = parse_note(out.read_bytes()) if out.exists() else None
    same = held is not None and held.text == parse_note(note).text
    others = [str(one) for one in held.signatures] if held and same else []
    base = [str(one) for one in parse_note(note).signatures]
    lines = list(dict.fromkeys([*base, *(one for one in others if one not in base), line]))
    text = parse_note(note).text + "\n" + "".join(lines)
    write_private(out, text.encode(), mode=0o644)
    return text


def rotate_key(
    log: Log = None,
    home: HomeOption = None,
    retire: Annotated[
        bool, typer.Option("--retire", help="End the rotation: only the newest key signs on.")
    ] = False,
) -> None:
    """Put a new signing key in front; both sign until --retire. Restart the service after it."""
    from services.audit.adapters import folder
    from services.audit.adapters.sqlite_store import SqliteStore

    path = log or default_folder(home)
    SqliteStore.try_lock(path)
    ring = folder.rotate_key(path, retire=retire)
    sys.stdout.write("".join(f"signs    {key.verifier}\n" for key in ring.signing))
    sys.stdout.write("".join(f"retired  {key}\n" for key in ring.retired))


def fsck(log: Log = None, home: HomeOption = None) -> None:
    """Check an audit folder more deeply than verify: its keys, their permissions, leftovers."""
    from services.audit.cli import report_lines, verify_log

    path = log or default_folder(home)
    report = verify_log(path)
    for words in folder_faults(path):
        report.wrong(None, words)
    sys.stdout.write("".join(line + "\n" for line in report_lines(report)))
    if not report.ok:
        raise typer.Exit(Corrupted.exit_code)


def folder_faults(path: Path) -> list[str]:
    """Give what is wrong with the files of an audit folder beside the log itself."""
    from services.audit.adapters import folder
    from services.audit.domain.keys import SigningKey

    faults: list[str] = []
    key_file = path / folder.KEY_FILE
    try:
        keys = [
            SigningKey.parse(line)
            for line in read_file(key_file).decode("ascii", "replace").splitlines()
        ]
        public = folder.read_vkeys(path / folder.VKEY_FILE)
        if not keys or any(key.verifier not in public for key in keys):
            faults.append(f"{key_file.name} holds a key whose public half is not in the key file")
    except SottoError as error:
        faults.append(f"{key_file.name}: {error.message}")
    private = [path / name for name in (folder.KEY_FILE, "log.sqlite") if (path / name).exists()]
    faults += [
        f"{one.name} can be read by others; run: chmod 600 {one}"
        for one in private
        if one.stat().st_mode & 0o077
    ]
    faults += [f"{one.name} is left over from a write that was cut off" for one in path.glob(".*")]
    return faults


def start_anew(
    reason: Annotated[str, typer.Option("--reason", help="One word, such as restored.")],
    person: Annotated[str, typer.Option("--person", help="Who decided it.")],
    origin: Annotated[str, typer.Option("--origin", help="Name of the new log.")] = "",
    log: Log = None,
    home: HomeOption = None,
) -> None:
    """After a restore: set the old log aside and begin a new one that names it."""
    from services.audit.adapters.renewal import start_anew as renew

    aside = renew(log or default_folder(home), person=person, reason=reason, origin=origin)
    sys.stdout.write(f"the old log is in {aside}; keep it. Hand out the new log.vkey\n")


COMMANDS = {"rotate-key": rotate_key, "fsck": fsck, "start-anew": start_anew}
