# SPDX-License-Identifier: Apache-2.0
"""Names that come with a recording."""

from __future__ import annotations

import pytest

from services.transcription.domain.reading import KnownName, Reading, with_file_name

LABEL = KnownName(name="Sinar Kekwa", source="label", role="participant")


class TestFileName:
    """The file's name is among them, whatever was read."""

    @pytest.mark.parametrize(
        ("file_name", "name"),
        [
            ("sinar interview.2.vtt", "sinar interview.2"),
            ("kekwa", "kekwa"),
            (".wav", ".wav"),
            (" a \n b.mp3", "a b"),
            ("x" * 300 + ".mp3", "x" * 200),
        ],
    )
    def test_of_media(self, file_name: str, name: str) -> None:
        """Without its suffix, and not longer than a name may be."""
        assert with_file_name(None, file_name) == (KnownName(name=name, source="file_name"),)

    def test_with_what_was_read(self) -> None:
        """Behind the names of the reading, of which the last may have to go."""
        assert with_file_name(Reading(form="vtt", names=(LABEL,)), "a.vtt")[0] == LABEL
        assert with_file_name(Reading(form="vtt", names=(LABEL,)), "") == (LABEL,)
        full = Reading(form="vtt", names=(LABEL,) * 500)
        assert with_file_name(full, "a.vtt")[-1].source == "file_name"
        assert len(with_file_name(full, "a.vtt")) == 500
