# SPDX-License-Identifier: Apache-2.0
"""`sotto audit witness`: be a witness of a log, or ask one to cosign."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from services.audit.cli.options import LogOption, audit_folder
from services.audit_evidence.errors import InvalidFormat
from services.common.options import HomeOption, JsonOption

app = typer.Typer(no_args_is_help=True, help="Be a witness of a log, or ask one to cosign.")


@app.command("serve")
def serve(
    folder: Annotated[Path, typer.Option("--dir", help="Folder of the witness.")],
    log_key: Annotated[list[Path], typer.Option("--log-key", help="Public keys of a log.")],
    name: Annotated[str, typer.Option("--name", help="Name of the witness, at first start.")],
    listen: Annotated[str, typer.Option("--listen", help="Address to listen on.")] = (
        "127.0.0.1:8383"
    ),
) -> None:
    """Cosign checkpoints of the logs whose keys are given, until stopped."""
    from services.audit.adapters.key_files import read_vkeys
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


@app.command("status")
def status(log: LogOption = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show the state of each witness that the service asks; exit with 1 unless all cosign."""
    from services.audit.adapters.cosigning import WitnessState, read_statuses

    statuses = read_statuses(log or audit_folder(home)).values()
    for one in statuses:
        if as_json:
            sys.stdout.write(json.dumps(asdict(one)) + "\n")
        else:
            words = f"{one.state:9} {one.size:>9} entries"
            sys.stdout.write(f"{one.name:20} {words}  since {one.began or 'the start'}\n")
    if not statuses:
        sys.stderr.write("The log asks no witnesses; see the setting audit_policy.\n")
    if any(one.state is not WitnessState.COSIGNS for one in statuses):
        raise typer.Exit(1)


@app.command("ask")
def ask(
    url: Annotated[str, typer.Argument(help="Address of the witness.")],
    key: Annotated[Path, typer.Option("--key", help="Public key of the witness.")],
    log: LogOption = None,
    home: HomeOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Cosigned checkpoint; beside the log by default."),
    ] = None,
) -> None:
    """Have a witness cosign the newest checkpoint of a log."""
    path = log or audit_folder(home)
    if out is None and path.is_file():
        raise InvalidFormat("say by --out where the cosigned checkpoint goes")
    note = cosign_log(path, url, key, out or path / "witnessed")
    sys.stdout.write(note)


def cosign_log(path: Path, url: str, key: Path, out: Path) -> str:
    """Ask a witness, add its line to those of other witnesses of the same checkpoint, keep it."""
    from services.audit.adapters.key_files import read_vkeys
    from services.audit.adapters.witness_http import ask_witness
    from services.audit.cli.log_export import copy_at, growth
    from services.audit_evidence.note import parse_note
    from services.common.files import write_private

    with copy_at(path) as copy:
        prove = growth(copy)
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
