# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from infra.dev import picture
from services.registry import identities
from services.registry.access import ALLOWED


class TestPicture:
    def test_the_page_shows_what_the_code_says(self) -> None:
        """The pictures of the architecture are those that `make docs` draws now."""
        text = picture.PAGE.read_text("utf-8")

        assert picture.drawn(text) == text

    def test_every_grpc_service_has_a_contract(self) -> None:
        """The access table names services that the contracts declare, and no other."""
        listed = {service for services in ALLOWED.values() for service in services}

        assert listed == set(picture.rpcs())

    def test_a_step_that_nobody_may_take_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A picture cannot show a researcher who reads the clinical zone."""
        step = (identities.RESEARCHER, identities.CLINICAL, "SegmentReaderService.GetTranscript")
        monkeypatch.setattr(picture, "WALK", {"steal": (step,)})

        with pytest.raises(ValueError, match="may not call"):
            picture.walk()
