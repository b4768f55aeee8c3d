# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import Field

from services.common.access_list import AccessList
from services.common.audit import AuditTrail
from services.common.configuration_record import Configuration
from services.common.errors import Unavailable
from services.common.settings import ServiceSettings
from tests.support.fake_audit_log import FakeAuditLog


class Settings(ServiceSettings):
    """Settings of a small service."""

    service: str = Field(default="small", description="Name of this service.")
    password: str = Field(default="", description="What nobody may read.")
    policy: Path | None = Field(default=None, description="A policy of one's own.")

    def watched(self) -> Mapping[str, Path]:
        """A policy that ships."""
        return {"policy_shipped": self.home / "shipped.yaml"}


class House:
    """A home whose service is started again and again."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.appender = FakeAuditLog(first=100)

    def start(self, certificate: bytes = b"one", **settings: object) -> dict[str, str]:
        """Start; gives the fields that the log was told of, with their digests."""
        self.appender.events.clear()
        given = Settings.load(home=self.home, **settings)
        found = Configuration(given, AccessList("audit", given.allow), certificate)
        self.digest = found.digest
        found.record(AuditTrail(self.appender))
        attributes = dict(self.appender.events[0].attributes) if self.appender.events else {}
        return {key[6:]: value for key, value in attributes.items() if key.startswith("field.")}

    @property
    def event(self) -> str:
        """The name of the newest entry."""
        return self.appender.events[-1].name


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A fresh home."""
    (tmp_path / "shipped.yaml").write_text("mask: all")
    return House(tmp_path)


class TestConfiguration:
    """What changed since the last start."""

    def test_first_and_unchanged(self, house: House) -> None:
        """The first start says what differs from the shipped settings; the next says nothing."""
        fields = house.start(password="hunter2")
        assert house.event == "configuration:settings:seen"
        assert set(fields) == {
            "access_list", "own_certificate", "password", "policy_shipped", "software",
        }  # fmt: skip
        assert all(value.startswith("unset:") for value in fields.values())
        digest = house.digest
        assert house.start(password="hunter2") == {}
        assert house.appender.events == []
        assert house.digest == digest

    def test_each_kind_of_change(self, house: House, tmp_path: Path) -> None:
        """A setting, an access list, a certificate, a policy named or shipped, and back."""
        house.start()
        assert set(house.start(workers=4)) == {"workers"}
        assert house.event == "configuration:settings:changed"
        assert set(house.start()) == {"workers"}
        assert set(house.start(allow={"sotto.audit.v1.AuditQueryService": ["operator"]})) == {
            "access_list", "allow",
        }  # fmt: skip
        house.start()
        assert set(house.start(b"two")) == {"own_certificate"}
        house.start()
        policy = tmp_path / "own.yaml"
        policy.write_text("mask: names")
        assert set(house.start(policy=policy)) == {"policy", "policy_content"}
        policy.write_text("mask: nothing")
        assert set(house.start(policy=policy)) == {"policy_content"}
        (tmp_path / "shipped.yaml").write_text("mask: less")
        assert set(house.start(policy=policy)) == {"policy_shipped"}

    def test_addresses_and_ports_are_no_change(self, house: House) -> None:
        """Where services are changes with every start; the host that is listened on counts."""
        house.start()
        assert house.start(addresses={"audit": "127.0.0.1:1"}, listen="127.0.0.1:4711") == {}
        assert set(house.start(listen="0.0.0.0:4711")) == {"listen"}

    def test_no_value_goes_out(self, house: House) -> None:
        """Digests are under a key of the home: the same value is another digest elsewhere."""
        fields = house.start(password="hunter2")
        other = House(house.home / "other")
        assert other.start(password="hunter2")["password"] != fields["password"]
        assert b"hunter2" not in (house.home / "configuration" / "small.json").read_bytes()
        assert (house.home / "configuration" / "small.json").stat().st_mode & 0o077 == 0

    def test_told_again_when_the_log_was_away(self, house: House) -> None:
        """What could not be recorded is not taken for recorded."""
        house.start()
        house.appender.down = True
        with pytest.raises(Unavailable):
            house.start(workers=4)
        house.appender.down = False
        assert set(house.start(workers=4)) == {"workers"}

    def test_a_lost_or_broken_memory_shows(self, house: House) -> None:
        """Without it the log says that nothing was known, which no second start says."""
        house.start()
        memory = house.home / "configuration" / "small.json"
        memory.write_text("{")
        house.start()
        assert house.event == "configuration:settings:seen"
        memory.unlink()
        house.start()
        assert house.event == "configuration:settings:seen"
