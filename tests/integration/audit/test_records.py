# SPDX-License-Identifier: Apache-2.0
"""Sign-ins, settings and reviews at a real audit service."""

from __future__ import annotations

import hashlib
import logging
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.cli.main import main
from services.audit.cli.verify import verify_log
from services.common import context
from services.common.errors import InvalidInput, PermissionDenied
from services.registry.events import Event
from services.registry.identities import OPERATOR
from services.upkeep_client import log_facts
from sotto.audit.v1 import audit_service_pb2_grpc as stubs
from sotto.audit.v1 import entry_pb2, review_pb2
from tests.support.audit import AuditDeployment
from tests.support.deployment import Deployment


def _entries(running: AuditDeployment, name: str) -> list[entry_pb2.Entry]:
    wanted = entry_pb2.EntryFilter(name=name)
    return list(running.query().ListEntries(entry_pb2.ListEntriesRequest(filter=wanted)).entries)


class TestSignIns:
    """Who came, with which credential, from where."""

    def test_once_a_person(self, service: AuditDeployment) -> None:
        """Each person is recorded at the first accepted call; machines and refused ones are not."""
        for person in ("ana", "ana", "ben"):
            with context.acting(person=person, role="compliance"):
                _entries(service, "vault:document:read")
        with pytest.raises(PermissionDenied):
            service.checkpoints("researcher").GetCheckpoint(entry_pb2.GetCheckpointRequest())
        service.trail().fact(Event.KEY_CREATED)
        with context.acting(person="ana", role="compliance"):
            found = _entries(service, "access:session:*")
        assert [(one.event.person, one.event.caller) for one in found] == [
            ("ana", "compliance"), ("ben", "compliance"),
        ]  # fmt: skip
        pem = (service.home / "pki" / "compliance" / "cert.pem").read_text()
        assert found[0].event.role == "compliance"
        assert found[0].event.attributes == {
            "certificate": hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest(),
            "address": "127.0.0.1",
        }


class TestSettings:
    """A service that starts otherwise than before says so."""

    def test_over_restarts(self, service: AuditDeployment) -> None:
        """Names and digests of what changed, and every start carries a digest of everything."""
        assert len(_entries(service, "configuration:settings:seen")) == 1
        service.stop()
        service.start()
        assert _entries(service, "configuration:settings:changed") == []
        service.stop()
        (service.home / "sotto.toml").write_text("[audit]\naudit_publish_seconds = 0.25\n")
        service.start()
        (changed,) = _entries(service, "configuration:settings:changed")
        fields = [key for key in changed.event.attributes if key.startswith("field.")]
        assert fields == ["field.audit_publish_seconds"]
        assert "0.25" not in str(changed.event)
        name = "service:process:started"
        starts = [one.event.attributes["version"] for one in _entries(service, name)]
        assert starts[0] == starts[1] != starts[2]


class TestReviews:
    """An officer's look at the log is part of the log."""

    def _request(self, running: AuditDeployment, **given: object) -> review_pb2.RecordReviewRequest:
        report = verify_log(running.home / "audit")
        request = review_pb2.RecordReviewRequest(
            **{
                "finding": review_pb2.FINDING_NOTHING_TO_REPORT,
                "size": report.size,
                "root": report.root,
                **given,
            }
        )
        request.since.FromJsonString("2026-10-01T00:00:00Z")
        request.until.FromJsonString("2026-11-01T00:00:00Z")
        return request

    def test_bound_to_what_was_looked_at(self, service: AuditDeployment) -> None:
        """Size and root must be those of this log; who did it, when and the finding are kept."""
        stub = stubs.AuditReviewServiceStub(service.peers("compliance").channel("audit"))
        with context.acting(person="ana", role="compliance", purpose="audit"):
            index = stub.RecordReview(self._request(service)).index
        (entry,) = _entries(service, "audit:review:recorded")
        assert entry.index == index
        assert entry.event.person == "ana"
        assert entry.event.attributes["decision"] == "nothing-to-report"
        assert entry.event.attributes["since"] == "2026-10-01T00:00:00Z"
        with pytest.raises(InvalidInput, match="log-not-whole"):
            stub.RecordReview(self._request(service, root=bytes(32)))
        ahead = self._request(service)
        ahead.until.FromDatetime(datetime.now(UTC) + timedelta(days=2))
        with pytest.raises(InvalidInput, match="ends in the future"):
            stub.RecordReview(ahead)
        backwards = self._request(service)
        backwards.until.CopyFrom(backwards.since)
        with pytest.raises(InvalidInput, match="ends before"):
            stub.RecordReview(backwards)
        lost = {"root": bytes(32), "finding": review_pb2.FINDING_LOG_NOT_WHOLE}
        stub.RecordReview(self._request(service, **lost))
        for more in (10**6, 2**64 - 1):
            with pytest.raises(InvalidInput, match="nobody has looked at more"):
                stub.RecordReview(self._request(service, **lost, size=more))
        assert len(_entries(service, "audit:review:recorded")) == 2

    def test_only_officers(self, service: AuditDeployment) -> None:
        """Who may not read the log cannot vouch for it."""
        stub = stubs.AuditReviewServiceStub(service.peers("researcher").channel("audit"))
        with pytest.raises(PermissionDenied):
            stub.RecordReview(self._request(service))


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """An audit service under a supervisor, as after `sotto up`."""
    with Deployment(tmp_path / "home").start("audit") as started:
        yield started
    logging.disable(logging.NOTSET)  # commands silence libraries


class TestByCommand:
    """The same as an officer types it."""

    def test_recorded_verification(
        self, deployment: Deployment, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What is advised where nobody verified clears that advice; without `--record` nothing is.

        The verdict of a copy is not kept as that of the log.
        """
        place = ["--home", str(deployment.root)]

        def advised() -> str:
            facts = log_facts.log(peers, datetime.now(UTC))
            return " ".join(next(one for one in facts if one.name == "verified").lines())

        with deployment.peers(OPERATOR) as peers:
            assert main(["audit", "verify", *place]) == 0
            assert "sotto audit verify --record" in advised()
            assert main(["audit", "verify", "--record", *place]) == 0
            assert "This is entry" in capsys.readouterr().err
            assert "ago" in advised()
            assert "sotto audit verify" not in advised()
        assert main(["audit", "verify", "--record", "--log", str(deployment.root), *place]) == 4

    def test_review_and_report(
        self, deployment: Deployment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """`audit review` verifies, records, and appears in the month's report with sign-ins."""
        place = ["--home", str(deployment.root)]
        now = datetime.now(UTC)
        period = ["--from", f"{now - timedelta(days=20):%Y-%m-%d}", "--to", f"{now:%Y-%m-%d}"]
        done = main(["audit", "review", *period, "--finding", "question-raised", *place])
        assert (done, capsys.readouterr().err.split(":")[-1].strip()) == (0, "question-raised.")
        assert main(["audit", "review", *period, "--finding", "fine", *place]) == 4
        page = tmp_path / "report.html"
        assert main(["audit", "report", "--month", f"{now:%Y-%m}", "--out", str(page), *place]) == 0
        text = page.read_text()
        for words in ("question raised", "Signed in", "Settings seen or changed", "asks none"):
            assert words in text
