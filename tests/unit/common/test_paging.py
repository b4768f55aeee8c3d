# SPDX-License-Identifier: Apache-2.0
"""Paging through lists."""

from __future__ import annotations

from types import SimpleNamespace

from services.common.paging import pages


class TestPages:
    def test_follows_tokens_to_the_end(self) -> None:
        """Each page is asked for by the token of the one before; an empty token ends the list."""
        tokens = {"": "b", "b": "c", "c": ""}
        asked = []

        def fetch(token: str) -> SimpleNamespace:
            asked.append(token)
            return SimpleNamespace(next_page_token=tokens[token])

        assert len(list(pages(fetch))) == 3
        assert asked == ["", "b", "c"]

    def test_asks_for_a_page_only_when_it_is_wanted(self) -> None:
        """A reader that stops after the first page costs one call."""
        asked = []

        def fetch(token: str) -> SimpleNamespace:
            asked.append(token)
            return SimpleNamespace(next_page_token="more")

        next(pages(fetch))
        assert asked == [""]
