# SPDX-License-Identifier: Apache-2.0
"""Plain text: what every analysis program reads."""

from __future__ import annotations

from services.release.domain.transcript import Transcript, turns


def render_txt(transcript: Transcript, title: str) -> bytes:  # noqa: ARG001 - one signature for all
    """Write a paragraph a turn, `LABEL: text`, parted by blank lines; UTF-8, no BOM, LF.

    There is no heading: focus-group imports would take its first words for a speaker. A BOM or CR
    would shift every coding made on the text in QualCoder.
    """
    return "\n".join(f"{turn.label}: {turn.marked}\n" for turn in turns(transcript)).encode()
