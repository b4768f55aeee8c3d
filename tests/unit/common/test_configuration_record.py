# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
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
    """Settings of a service of the tests."""

    service: str = Field(default="example", description="Name of this service.")
    password: str = Field(default="", description="What nobody may read.")
    policy: Path | None = Field(default=None, description="A policy of one's own.")

    def watched(self) -> Mapping[str, Path]:
        """Return a policy that ships."""
        return {"policy_shipped": self.home / "shipped.yaml"}


class RestartedService:
    """A service that is started again and again in one installation."""

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
def service(tmp_path: Path) -> RestartedService:
    """Return a service that never started."""
    (tmp_path / "shipped.yaml").write_text("mask: all")
    return RestartedService(tmp_path)


class TestConfiguration:
    """What changed since the last start."""

    def test_first_and_unchanged(self, service: RestartedService) -> None:
        """The first start says what differs from the shipped settings; the next says nothing."""
        fields = service.start(password="hunter2")
        assert service.event == "configuration:settings:seen"
        assert set(fields) == {
            "access_list", "own_certificate", "password", "policy_shipped", "software",
        }  # fmt: skip
        assert all(value.startswith("unset:") for value in fields.values())
        digest = service.digest
        assert service.start(password="hunter2") == {}
        assert service.appender.events == []
        assert service.digest == digest

    def test_each_kind_of_change(self, service: RestartedService, tmp_path: Path) -> None:
        """A setting, an access list, a certificate, a policy named or shipped, and back."""
        service.start()
        assert set(service.start(workers=4)) == {"workers"}
        assert service.event == "configuration:settings:changed"
        assert set(service.start()) == {"workers"}
        assert set(service.start(allow={"sotto.audit.v1.AuditQueryService": ["operator"]})) == {
            "access_list", "allow",
        }  # fmt: skip
        service.start()
        assert set(service.start(b"two")) == {"own_certificate"}
        service.start()
        policy = tmp_path / "own.yaml"
        policy.write_text("mask: names")
        assert set(service.start(policy=policy)) == {"policy", "policy_content"}
        policy.write_text("mask: nothing")
        assert set(service.start(policy=policy)) == {"policy_content"}
        (tmp_path / "shipped.yaml").write_text("mask: less")
        assert set(service.start(policy=policy)) == {"policy_shipped"}

    def test_addresses_and_ports_are_no_change(self, service: RestartedService) -> None:
        """Where services are changes with every start; the host that is listened on counts."""
        service.start()
        assert service.start(addresses={"audit": "127.0.0.1:1"}, listen="127.0.0.1:4711") == {}
        assert set(service.start(listen="0.0.0.0:4711")) == {"listen"}

    def test_two_processes_of_one_service_record_once(self, service: RestartedService) -> None:
        """Two that start at the same time with the same settings make one entry between them."""
        settings = [Settings.load(home=service.home, workers=4, instance=one) for one in (1, 2)]
        found = [Configuration(one, AccessList("audit", one.allow), b"one") for one in settings]
        assert found[0].digest == found[1].digest
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda one: one.record(AuditTrail(service.appender)), found))

        assert [one.name for one in service.appender.events] == ["configuration:settings:seen"]
        assert service.start(workers=4) == {}

    def test_process_with_other_settings_is_named(self, service: RestartedService) -> None:
        """Of two of one service, the one with other settings says which, and that it is it."""
        service.start(workers=4)
        assert set(service.start(workers=5, instance=2)) == {"workers"}
        assert service.event == "configuration:settings:changed"
        assert service.appender.events[-1].attributes["instance"] == "2"

    def test_no_value_goes_out(self, service: RestartedService) -> None:
        """Digests are under a key of the home: the same value is another digest elsewhere."""
        fields = service.start(password="hunter2")
        other = RestartedService(service.home / "other")
        assert other.start(password="hunter2")["password"] != fields["password"]
        assert b"hunter2" not in (service.home / "configuration" / "example.json").read_bytes()
        assert (service.home / "configuration" / "example.json").stat().st_mode & 0o077 == 0

    def test_recorded_again_when_the_log_was_unavailable(self, service: RestartedService) -> None:
        """What could not be recorded is not taken for recorded."""
        service.start()
        service.appender.down = True
        with pytest.raises(Unavailable):
            service.start(workers=4)
        service.appender.down = False
        assert set(service.start(workers=4)) == {"workers"}

    def test_a_lost_or_broken_file_shows(self, service: RestartedService) -> None:
        """Without it the log says that nothing was known, which no second start says."""
        service.start()
        file = service.home / "configuration" / "example.json"
        file.write_text("{")
        service.start()
        assert service.event == "configuration:settings:seen"
        file.unlink()
        service.start()
        assert service.event == "configuration:settings:seen"
