# SPDX-License-Identifier: Apache-2.0
"""Offline commands on a zone's store: no service needs to run."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from services.common.errors import SottoError, Unavailable
from services.common.installation import Installation


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
    root = home.expanduser().absolute() if home else Installation.default().root
    failed = 0
    for name in [zone] if zone else ["clinical", "research"]:
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


def _outcomes(root: Path, zone: str) -> list[tuple[str, bool, str, float]]:
    from services.storage.domain.store_check import StoreCheck
    from services.storage.settings import StorageSettings
    from services.storage.zone import has_keys, open_key_provider, open_objects

    settings = StorageSettings.load(home=root, service=f"storage-{zone}", zone=zone)
    found: list[tuple[str, bool, str, float]] = []
    started = time.monotonic()
    try:
        provider = open_key_provider(settings, fresh=not has_keys(settings))
        provider.self_test()
        detail = f"{provider.name}, {provider.current_version()}"
        found.append(("zone key wraps and unwraps", True, detail, time.monotonic() - started))
    except SottoError as error:
        found.append(("zone key wraps and unwraps", False, error.message, 0.0))
    try:
        backend = open_objects(settings)
    except SottoError as error:
        found.append(("store is set up", False, error.message, 0.0))
        return found
    for item in StoreCheck(backend).outcomes():
        found.append((item.name, item.passed, item.detail, item.seconds))
        if item.name.startswith("answers") and not item.passed:
            break  # the rest would say the same
    return found
