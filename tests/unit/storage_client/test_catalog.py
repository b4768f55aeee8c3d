# SPDX-License-Identifier: Apache-2.0
"""Names of recordings as the contract writes them."""

from __future__ import annotations

from services.storage_client.catalog import recording_ref


def test_recording_ref() -> None:
    """The three names are in their fields."""
    ref = recording_ref("peer-2026", "P07", "rec-" + "a" * 26)
    assert (ref.study_id, ref.participant, ref.recording_id) == (
        "peer-2026",
        "P07",
        "rec-" + "a" * 26,
    )
