# SPDX-License-Identifier: Apache-2.0
"""Paging through lists."""

from __future__ import annotations

from types import SimpleNamespace

from services.storage_client.catalog import pages, recording_ref


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


def test_recording_ref() -> None:
    """The three names are in their fields."""
    ref = recording_ref("peer-2026", "P07", "rec-" + "a" * 26)
    assert (ref.study_id, ref.participant, ref.recording_id) == (
        "peer-2026",
        "P07",
        "rec-" + "a" * 26,
    )
