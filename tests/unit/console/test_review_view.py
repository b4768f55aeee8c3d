# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.console.web.review_view import KINDS, Spot
from services.release_client.review_places import Place
from sotto.transcript.v1 import transcript_pb2


def spot(reason: str = "", entity_type: str = "") -> Spot:
    """Return a place that is doubtful for a reason, or replaced as a kind."""
    doubts = [transcript_pb2.Doubt(start=0, end=3, reason=reason, weight=0.7)] if reason else []
    place = Place(0, 1, 0, 3, None, doubts, None)
    return Spot(place, "", "827", "", (), entity_type, None)


class TestKind:
    @pytest.mark.parametrize(
        ("reason", "kind"),
        [("number", "ID_NUMBER"), ("date_or_age", "DATE_TIME"), ("name_like", "PERSON")],
    )
    def test_the_likeliest_is_chosen_at_first(self, reason: str, kind: str) -> None:
        """One key redacts a doubtful number as a number and not as a person."""
        assert spot(reason).kind == kind

    def test_what_stands_there_can_be_chosen(self) -> None:
        """A replacement of a rarer kind is shown as that kind."""
        assert spot(entity_type="VEHICLE").kinds == ("VEHICLE", *KINDS)
