# SPDX-License-Identifier: Apache-2.0
"""Undoing a pseudonym over real stores: who gets what, and what the log has of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import grpc
import pytest

from services.common import context
from services.common.audit import AuditTrail
from services.common.errors import (
    Erased,
    InvalidInput,
    NotFound,
    NotReady,
    PermissionDenied,
    SottoError,
)
from services.deidentification.adapters.presidio import PresidioDetector
from services.deidentification.adapters.reveals import ClinicalReveals
from services.deidentification.domain.reveals import Reveals as Rules
from services.deidentification.domain.study import RecordingRef
from services.deidentification.handlers.reveals import (
    RevealDecisionHandlers,
    RevealHandlers,
    RevealReaderHandlers,
)
from services.registry.events import Event
from services.registry.reveals import RevealReason
from services.release_client.reveals import Reveals, state_of
from services.storage_client.catalog import CatalogClient
from sotto.storage.v1 import admin_pb2, admin_service_pb2_grpc
from tests.support.deidentification_zones import STUDY, TwoZones, outcome, start
from tests.support.fake_audit_log import FakeAuditLog
from tests.support.in_process import InProcessChannel

REVIEWER, OFFICER = ("dr.lim", "reviewer"), ("puan.aishah", "compliance")
WHY = RevealReason.INCIDENTAL_FINDING


class Service:
    """The service's handlers over running stores."""

    def __init__(self, zones: TwoZones) -> None:
        clinical = cast(grpc.Channel, zones.clinical.channel("deidentification"))
        self.zones, self.log = zones, FakeAuditLog()
        zone, catalog = ClinicalReveals(clinical), CatalogClient(clinical)
        trail = AuditTrail(self.log)
        package = "sotto.deidentification.v1."
        self._channel = InProcessChannel.to(
            {
                f"{package}RevealService": RevealHandlers(Rules(zone), catalog, trail),
                f"{package}RevealDecisionService": RevealDecisionHandlers(
                    Rules(zone), catalog, trail
                ),
                f"{package}RevealReaderService": RevealReaderHandlers(zone, catalog),
            }
        )

    @contextmanager
    def of(self, who: tuple[str, str]) -> Iterator[Reveals]:
        """The service as a person in a role calls it."""
        person, role = who
        with context.acting(person=person, role=role):
            yield Reveals(self._channel)


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, detector: PresidioDetector
) -> Iterator[Service]:
    """A study with one de-identified transcript of P07, and one of P08."""
    zones = start(tmp_path_factory.mktemp("reveals"), detector)
    for participant in ("P07", "P08"):
        outcome(zones.runner(), zones.transcribed(participant))
    yield Service(zones)
    zones.stop()


def asked(service: Service, label: str, participant: str = "P07") -> str:
    """Ask as the reviewer, and return the id."""
    with service.of(REVIEWER) as reveals:
        return reveals.request(STUDY, participant, label, WHY).reveal.reveal_id


class TestReveal:
    def test_the_whole_way(self, service: Service) -> None:
        """Asked with brackets, granted by another, seen once by who asked: as transcribed."""
        reveal = asked(service, "[P07's brother]")
        with service.of(OFFICER) as officer:
            assert [one.label for one in officer.list(STUDY) if one.reveal_id == reveal] == [
                "P07's brother"
            ]
            officer.grant(STUDY, reveal, times=1)
        with service.of(REVIEWER) as reviewer:
            [found] = reviewer.show(STUDY, reveal).revealed
            assert (found.study_wide, list(found.forms)) == (False, ["faizal"])
            with pytest.raises(NotReady, match="as often"):
                reviewer.show(STUDY, reveal)
            states = {one.reveal_id: state_of(one) for one in reviewer.list()}
        assert states[reveal] == "shown"

    def test_a_label_of_the_study_without_a_participant(self, service: Service) -> None:
        """Staff and places are shared; a participant's own label is not found that way."""
        reveal = asked(service, "Nurse 1", "")
        with service.of(OFFICER) as officer:
            officer.grant(STUDY, reveal)
        with service.of(REVIEWER) as reviewer:
            [found] = reviewer.show(STUDY, reveal).revealed
            assert (found.study_wide, "devi" in found.forms) == (True, True)
            with pytest.raises(NotFound):
                reviewer.request(STUDY, "", "P07's brother", WHY)

    def test_needs_two_people_and_each_in_their_role(self, service: Service) -> None:
        """By person: an officer of the reviewer's own name grants nothing."""
        reveal = asked(service, "Doctor 1")
        with (
            service.of(("dr.lim", "compliance")) as officer,
            pytest.raises(PermissionDenied) as refusal,
        ):
            officer.grant(STUDY, reveal)
        assert refusal.value.reason == "somebody_else"
        with service.of(("dr.odd", "reviewer")) as stranger:
            for call in (
                lambda: stranger.request(STUDY, "P07", "Doctor 1", WHY),
                lambda: stranger.show(STUDY, reveal),
            ):
                with pytest.raises(PermissionDenied):
                    call()
            assert list(stranger.list()) == []

    def test_is_in_the_log_of_both_without_label_or_name(self, service: Service) -> None:
        """Each step by its person, an opaque id as its object."""
        service.log.events.clear()
        service.zones.clinical.log.events.clear()
        reveal = asked(service, "Hospital 1", "")
        with service.of(OFFICER) as officer:
            officer.grant(STUDY, reveal, hours=2)
        with service.of(REVIEWER) as reviewer:
            reviewer.show(STUDY, reveal)
            with pytest.raises(NotFound):
                reviewer.request(STUDY, "P07", "Siti Aminah", WHY)
        done = [(one.name, one.person) for one in service.log.events if one.object == reveal]
        assert list(dict.fromkeys(done)) == [
            (Event.REVEAL_REQUESTED, "dr.lim"),
            (Event.REVEAL_GRANTED, "puan.aishah"),
            (Event.PSEUDONYM_REVEALED, "dr.lim"),
        ]
        kept = [one for one in service.zones.clinical.log.events if one.object == reveal]
        assert {one.attributes["state"] for one in kept} >= {"pending", "granted"}
        told = repr([*service.log.events, *service.zones.clinical.log.events]).lower()
        assert not any(word in told for word in ("hospital 1", "permai", "aminah"))

    @pytest.mark.parametrize(
        ("study", "participant", "label", "recording", "error"),
        [
            ("nowhere", "P07", "Nurse 1", "", NotFound),
            (STUDY, "P99", "Nurse 1", "", NotFound),
            (STUDY, "P07", "Nurse 1", "rec-" + "z" * 26, NotFound),
            (STUDY, "", "Nurse 1", "rec-" + "z" * 26, InvalidInput),
        ],
    )
    def test_what_is_not_known_is_named(
        self,
        service: Service,
        study: str,
        participant: str,
        label: str,
        recording: str,
        error: type[SottoError],
    ) -> None:
        """Nothing is kept of it."""
        with service.of(REVIEWER) as reviewer:
            before = len(reviewer.list())
            with pytest.raises(error):
                reviewer.request(study, participant, label, WHY, recording)
            assert len(reviewer.list()) == before

    def test_the_occasion_is_kept(self, service: Service) -> None:
        """A recording of the participant; that of another one is none of theirs."""
        ref: RecordingRef = service.zones.transcribed("P07", (("participant", "Again."),))
        with service.of(REVIEWER) as reviewer:
            made = reviewer.request(STUDY, "P07", "P07", WHY, ref.recording).reveal
            assert made.recording_id == ref.recording
            with pytest.raises(NotFound):
                reviewer.request(STUDY, "P08", "P08", WHY, ref.recording)

    def test_of_who_withdrew_nothing_is_left(self, service: Service) -> None:
        """A grant is worth nothing any more, and a new request says why."""
        reveal = asked(service, "P08's brother", "P08")
        with service.of(OFFICER) as officer:
            officer.grant(STUDY, reveal)
        stub = admin_service_pb2_grpc.ErasureServiceStub(
            cast(grpc.Channel, service.zones.clinical.channel("compliance"))
        )
        stub.EraseParticipant(admin_pb2.EraseParticipantRequest(study_id=STUDY, participant="P08"))
        with service.of(REVIEWER) as reviewer:
            with pytest.raises(NotFound, match="withdrew"):
                reviewer.show(STUDY, reveal)
            with pytest.raises(Erased):
                reviewer.request(STUDY, "P08", "P08's brother", WHY)
        with service.of(OFFICER) as officer:
            assert reveal not in {one.reveal_id for one in officer.list(STUDY)}
