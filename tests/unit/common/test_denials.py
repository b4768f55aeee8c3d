# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from services.common import context
from services.common.audit import AuditTrail
from services.common.denials import Denials
from services.common.entry_budget import MOST_SINGLE
from tests.support.fake_audit_log import FakeAuditLog

METHOD = "/sotto.storage.v1.CatalogReaderService/GetStudy"


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def _refuse(denials: Denials, times: int, *, caller: str = "researcher", person: str = "") -> None:
    for number in range(times):
        call = context.CallContext(
            caller=caller, person=person or f"p{number}", request_id=f"r-{number}"
        )
        with context.acting(person=call.person, caller=caller, request_id=call.request_id):
            denials.record(METHOD, "not_on_the_list")


class TestDenials:
    def test_few_have_an_entry_each(self) -> None:
        """A refusal has an entry with whom, what and why."""
        log = FakeAuditLog()
        _refuse(Denials(AuditTrail(log)), 2, person="nur")

        assert [(one.caller, one.person, one.request_id, one.object) for one in log.events] == [
            ("researcher", "nur", "r-0", METHOD[1:]),
            ("researcher", "nur", "r-1", METHOD[1:]),
        ]
        assert all(not one.attributes for one in log.events)

    def test_thousands_do_not_fill_the_log(self) -> None:
        """Whatever a caller varies, all beyond its share is one entry with their number."""
        log = FakeAuditLog()
        denials = Denials(AuditTrail(log))
        _refuse(denials, 5000)
        assert len(log.events) == MOST_SINGLE

        denials.flush()
        (counted,) = log.events[MOST_SINGLE:]
        assert dict(counted.attributes) == {"count": str(5000 - MOST_SINGLE)}
        assert (counted.caller, counted.reason) == ("researcher", "not_on_the_list")
        denials.flush()
        assert len(log.events) == MOST_SINGLE + 1

    def test_other_clients_keep_their_share(self) -> None:
        """One client's flood does not hide another's refusal."""
        log = FakeAuditLog()
        denials = Denials(AuditTrail(log))
        _refuse(denials, 1000)
        _refuse(denials, 1, caller="release")

        assert log.events[-1].caller == "release"

    def test_share_grows_again(self) -> None:
        """A client that was quiet for a while has entries of its own again."""
        log, clock = FakeAuditLog(), Clock()
        denials = Denials(AuditTrail(log), clock=clock)
        _refuse(denials, 1000)
        clock.now = 120.0
        _refuse(denials, 10)

        assert len(log.events) == MOST_SINGLE + 2

    def test_counts_wait_for_the_log(self) -> None:
        """What was counted while the log was away is recorded once it is back, and once."""
        log = FakeAuditLog()
        denials = Denials(AuditTrail(log))
        _refuse(denials, MOST_SINGLE + 3)
        log.down = True
        denials.flush()
        log.down = False
        denials.flush()

        assert dict(log.events[-1].attributes) == {"count": "3"}
        assert len(log.events) == MOST_SINGLE + 1
