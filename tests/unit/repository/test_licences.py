# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from infra.dev import licences, pins


class TestLicences:
    def test_the_notice_lists_what_is_installed(self) -> None:
        """The table in NOTICE is what `make licences` writes."""
        text = licences.NOTICE.read_text("utf-8")

        assert text == licences.kept(text) + licences.table()

    def test_every_package_states_a_licence(self) -> None:
        """No package is taken whose licence nobody knows."""
        found = licences.licences()

        assert [name for name, text in found.items() if text == "not stated"] == []
        assert [name for name, text in found.items() if "Proprietary" in text] == []

    def test_the_licence_is_in_the_repository(self) -> None:
        """The terms of Sotto itself are in full beside the code."""
        assert "TERMS AND CONDITIONS FOR USE" in (pins.ROOT / "LICENSE").read_text("utf-8")
