# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.common.audit import AuditTrail
from services.registry import access, identities
from services.storage.wiring import handlers
from tests.support import storage_service
from tests.support.fake_audit_log import FakeAuditLog

ROOT = Path(__file__).resolve().parents[3]
ADDED = re.compile(r"\.add_(\w+)Servicer_to_server\b")
SERVICE = re.compile(r"add_(\w+)Servicer_to_server")


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
            adders = [
                add
                for add, _ in handlers(service.zone, AuditTrail(FakeAuditLog()), service.released)
            ]
        finally:
            service.stop()

        served = {SERVICE.fullmatch(add.__name__)[1] for add in adders}  # type: ignore[index]
        assert {f"sotto.storage.v1.{one}" for one in served} == set(
            access.ALLOWED[f"storage-{zone}"]
        )
