# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.registry import access, identities
from tests.support import storage_service

ROOT = Path(__file__).resolve().parents[3]
ADDED = re.compile(r"\.add_(\w+)Servicer_to_server\b")


class TestAllowList:
    @pytest.mark.parametrize(
        "name",
        [
            identities.AUDIT,
            identities.TRANSCRIPTION,
            identities.DEIDENTIFICATION,
            identities.RELEASE,
        ],
    )
    def test_names_what_a_server_serves(self, name: str) -> None:
        """The list of a server names the gRPC services that its code adds: all, and no other."""
        source = (ROOT / "services" / name / "wiring.py").read_text("utf-8")
        served = {f"sotto.{name}.v1.{one}" for one in ADDED.findall(source)}

        assert served == set(access.ALLOWED[name])

    @pytest.mark.parametrize("zone", ["clinical", "research"])
    def test_names_what_a_zone_serves(self, tmp_path: Path, zone: str) -> None:
        """So does the list of each zone, whose servers differ though their code is one."""
        service = storage_service.start(tmp_path / "home", zone)
        try:
            handlers = service.server.grpc._state.generic_handlers  # type: ignore[attr-defined]
            served = {handler.service_name() for handler in handlers}
        finally:
            service.stop()

        assert served - {access.HEALTH} == set(access.ALLOWED[f"storage-{zone}"])
