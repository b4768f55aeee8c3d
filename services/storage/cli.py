# SPDX-License-Identifier: Apache-2.0
"""Offline commands on a zone's store: no service needs to run."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import typer

from services.common.errors import SottoError, Unavailable, WrongUse
from services.common.installation import Installation
from services.common.options import existing_installation, installation_of

_ZONES = ("clinical", "research")


def check(
    zone: Annotated[
        str, typer.Option(help="clinical or research; both by default.", metavar="ZONE")
    ] = "",
    home: Annotated[Path | None, typer.Option("--home", help="Folder of the installation.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Try what the services rely on against the site's own stores and key providers.

    Writes below `self-test/` alone, and removes it again.
    """
    installation = installation_of(home)
    # A site checks its stores before the first start: settings are enough.
    if not (installation.root / "sotto.toml").is_file():
        installation.require()
    root = installation.root
    failed = 0
    for name in _zones(zone):
        for title, passed, detail, seconds in _outcomes(root, name):
            failed += not passed
            if as_json:
                record = {
                    "zone": name,
                    "check": title,
                    "passed": passed,
                    "detail": detail,
                    "seconds": round(seconds, 3),
                }
                sys.stdout.write(json.dumps(record) + "\n")
            else:
                mark = "ok    " if passed else "FAILED"
                sys.stdout.write(f"{name:9} {mark} {title:32} {detail}\n")
    if failed:
        raise Unavailable(f"{failed} checks failed: the services could not rely on these stores")


def move_keys(
    to: Annotated[Literal["s3", "directory"], typer.Option(help="Where they go.")] = "s3",
    zone: Annotated[
        str, typer.Option(help="clinical or research; both by default.", metavar="ZONE")
    ] = "",
    home: Annotated[Path | None, typer.Option("--home", help="Folder of the installation.")] = None,
) -> None:
    """Move wrapped keys, tombstones and marks from the folders to the key bucket, or back.

    Stop Sotto before, on all machines. May be repeated: a move that was interrupted goes on.
    """
    from services.storage.backends import KEY_KINDS, open_backend
    from services.storage.domain.key_move import move
    from services.storage.settings import StorageSettings

    root = existing_installation(home).root
    _refuse_running(root)
    source: Literal["s3", "directory"] = "directory" if to == "s3" else "s3"
    for name in _zones(zone):
        settings = StorageSettings.load(home=root, service=f"storage-{name}", zone=name)
        pairs = []
        for kind in KEY_KINDS:
            target = open_backend(settings, kind, to)
            target.self_test()
            pairs.append((open_backend(settings, kind, source), target))
        sys.stdout.write(f"{name:9} {move(pairs)} records moved\n")


def _refuse_running(root: Path) -> None:
    from services.common.supervisor import is_owned

    if is_owned(Installation(root)):
        raise WrongUse("Sotto is running: stop it on all machines by 'sotto down', then try again")


def _zones(zone: str) -> tuple[str, ...]:
    if zone not in {"", *_ZONES}:
        raise WrongUse("a zone is clinical or research")
    return (zone,) if zone else _ZONES


def _outcomes(root: Path, zone: str) -> list[tuple[str, bool, str, float]]:
    from services.storage.backends import check_key_place, holds_records, key_place, open_backend
    from services.storage.domain.store_check import StoreCheck
    from services.storage.settings import StorageSettings
    from services.storage.zone import open_key_provider

    settings = StorageSettings.load(home=root, service=f"storage-{zone}", zone=zone)
    found: list[tuple[str, bool, str, float]] = []
    started = time.monotonic()
    try:
        keys = open_backend(settings, "keys")
        keys.self_test()
        place = "the key bucket" if key_place(settings) == "s3" else "a folder"
        found.append(("destroyed keys are gone", True, place, time.monotonic() - started))
        started = time.monotonic()
        provider = open_key_provider(settings, fresh=not holds_records(keys))
        provider.self_test()
        detail = f"{provider.name}, {provider.current_version()}"
        found.append(("zone key wraps and unwraps", True, detail, time.monotonic() - started))
    except SottoError as error:
        title = "zone key wraps and unwraps" if found else "destroyed keys are gone"
        found.append((title, False, error.message, 0.0))
    try:
        backend = open_backend(settings, "objects")
        check_key_place(settings, backend)
    except SottoError as error:
        found.append(("stores are set up", False, error.message, 0.0))
        return found
    for item in StoreCheck(backend).outcomes():
        found.append((item.name, item.passed, item.detail, item.seconds))
        if item.name.startswith("answers") and not item.passed:
            break  # the rest would say the same
    return found
