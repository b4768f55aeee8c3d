# SPDX-License-Identifier: Apache-2.0
"""Roles by a reviewer in a release: labels and roles follow them, and nothing else changes."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.corrections.model import RoleCorrection
from services.release.domain.approved import ApprovedText, approved_text
from services.release.domain.render.docx import render_docx
from services.release.domain.render.jsonl import render_jsonl
from services.release.domain.render.plain import render_txt
from services.release.domain.render.webvtt import render_vtt
from services.release.domain.transcript import Transcript
from tests.support.release_builders import approved, hard_transcripts, transcript

ROLES = st.dictionaries(
    st.sampled_from(["S1", "S2", "S3"]),
    st.sampled_from(["interviewer", "participant"]).map(RoleCorrection),
)
SWAPPED = {"S1": RoleCorrection("participant"), "S2": RoleCorrection("interviewer")}


def released(one: Transcript, roles: dict[str, RoleCorrection]) -> ApprovedText:
    """The transcript as it is released."""
    return approved_text(replace(approved(one), roles=roles), one.segments)


class TestRoles:
    """What a reviewer said of speakers is in every format."""

    @given(hard_transcripts(), ROLES)
    def test_nothing_but_roles_changes(
        self, one: Transcript, roles: dict[str, RoleCorrection]
    ) -> None:
        """Words, redactions, times and marks are as they were, and the hash of the text too."""
        before, after = released(one, {}), released(one, roles)
        assert (after.sha256, after.redactions) == (before.sha256, before.redactions)
        for was, made in zip(one.segments, after.transcript.segments, strict=True):
            role = roles[was.speaker].role if was.speaker in roles else was.role
            assert made == replace(was, role=role)

    def test_in_every_format(self) -> None:
        """Labels of the text, and the role of jsonl."""
        made = released(transcript(), SWAPPED).transcript
        first = json.loads(render_jsonl(made, "t").decode().splitlines()[0])
        assert first["role"] == "participant"
        assert render_txt(made, "t").decode().splitlines()[0].startswith("P07: What does")
        assert "<v P07>What does recovery mean to you?" in render_vtt(made, "t").decode()
        with zipfile.ZipFile(io.BytesIO(render_docx(made, "t"))) as archive:
            body = archive.read("word/document.xml").decode()
        assert body.index("P07") < body.index("What does") < body.index("Interviewer")
