# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.registry.notations import Notation
from services.release.domain.naming import release_id, stems
from services.release.domain.transcript import Writing
from tests.support.release_builders import (
    LEFT_OUT,
    NOON,
    STUDY,
    WRITING,
    draft,
    rendered,
    transcript,
    two,
)


class TestStems:
    """File names."""

    def test_come_from_code_and_session(self) -> None:
        """Nothing but the participant's code and the session's number is in a file name."""
        assert set(stems([one.summary for one in two()]).values()) == {"P07_S1", "P08_S2"}

    def test_number_recordings_of_one_session(self) -> None:
        """Two recordings of one session stay apart, whatever order they come in."""
        summaries = [transcript(number=number).summary for number in (2, 0, 1)]
        assert [stems(summaries)[one.recording_id] for one in summaries] == [
            "P07_S1_3",
            "P07_S1",
            "P07_S1_2",
        ]


def _id(*inputs: Any) -> str:
    return release_id(*inputs, WRITING)


class TestReleaseId:
    """Release ids."""

    def test_is_the_same_for_the_same_inputs_in_any_order(self) -> None:
        """Building twice gives one release."""
        one, other = (part.summary for part in two())
        late = replace(LEFT_OUT, session=2)
        found = _id(STUDY, [(one, 0), (other, 3)], ["P03", "P04"], [LEFT_OUT, late])
        assert found == _id(STUDY, [(other, 3), (one, 0)], ["P04", "P03"], [late, LEFT_OUT])
        assert re.fullmatch("rel-[a-z2-7]{26}", found)

    def test_changes_with_every_input(self) -> None:
        """Another run, correction, participant, withdrawal, omission, notation or language."""
        one = transcript().summary
        ids = {
            _id(STUDY, [(one, 0)], [], []),
            _id("other-study", [(one, 0)], [], []),
            _id(STUDY, [(one, 0)], ["P03"], []),
            _id(STUDY, [(one, 0)], [], [LEFT_OUT]),
            _id(STUDY, [(one, 0)], [], [replace(LEFT_OUT, reason="rejected")]),
            _id(STUDY, [(one, 1)], [], []),
            _id(STUDY, [(one, 2)], [], []),
            _id(STUDY, [(replace(one, run_key="0" * 32), 0)], [], []),
            _id(STUDY, [(replace(one, session=2), 0)], [], []),
            _id(STUDY, [(replace(one, participant="P08"), 0)], [], []),
            release_id(STUDY, [(one, 0)], [], [], Writing(notation=Notation.PLAIN)),
            release_id(STUDY, [(one, 0)], [], [], Writing(language="ms")),
        }
        assert len(ids) == 12

    def test_holds_no_hash_of_what_was_redacted(self) -> None:
        """The text of the run, and the key of a run of an earlier version, are not in it."""
        one = replace(transcript().summary, committed_at=NOON)
        old = replace(one, is_keyed=False)
        assert _id(STUDY, [(one, 1)], [], []) == _id(
            STUDY, [(replace(one, content_sha256="0" * 64), 1)], [], []
        )
        assert _id(STUDY, [(old, 1)], [], []) == _id(
            STUDY, [(replace(old, run_key="0" * 32), 1)], [], []
        )
        again = replace(old, committed_at=NOON + timedelta(seconds=1))
        assert _id(STUDY, [(old, 1)], [], []) != _id(STUDY, [(again, 1)], [], [])


class TestDraft:
    """The files of a release."""

    def test_holds_every_transcript_in_every_format(self) -> None:
        """Four files a style and transcript, under its participant's key, a legend and a README."""
        files = rendered(two())
        assert [file.output.name for file in files] == [
            *(
                f"{stem}{style}.{suffix}"
                for stem in ("P07_S1", "P08_S2")
                for style in ("", "_readable")
                for suffix in ("docx", "jsonl", "txt", "vtt")
            ),
            *("legend.csv", "README.txt"),
        ]
        assert {file.participant for file in files} == {"P07", "P08", ""}

    def test_invented_words_are_said_by_every_file(self) -> None:
        """Each file's name says it, and so do the header of those that have one and the README."""
        one, other = two()
        made_up = replace(one, summary=replace(one.summary, invented=True))
        files = {file.output.name: file.data for file in rendered((made_up, other))}
        assert {f"P07_S1_invented.{name}" for name in ("docx", "jsonl", "txt", "vtt")} <= set(files)
        assert b"INVENTED" in files["P07_S1_invented.docx"]
        assert b"INVENTED" in files["P07_S1_invented.vtt"]
        readme = files["README.txt"].decode()
        assert "INVENTED WORDS" in readme
        assert "\n  P07_S1_invented\n" in readme
        assert b"INVENTED" not in files["P08_S2.docx"] + rendered(two())[-1].data

    def test_what_was_left_out_of_a_source_is_said(self) -> None:
        """The README tells each kind and how often; files with a header point there."""
        one, other = two()
        told = replace(
            one, summary=replace(one.summary, source_form="docx", left_out={"footnotes": 3})
        )
        files = {file.output.name: file.data for file in rendered((told, other))}
        assert "\n  P07_S1, from docx: footnotes (3)\n" in files["README.txt"].decode()
        assert b"left out, see README.txt" in files["P07_S1.docx"]
        assert b"left out, see README.txt" in files["P07_S1.vtt"]
        assert b"left out, see" not in files["P08_S2.docx"] + files["P07_S1.txt"]
        assert b"made elsewhere. Their" not in rendered(two())[-1].data

    def test_is_byte_identical_on_rerun(self) -> None:
        """A rerun after a crash renders the very same files."""
        assert rendered(two()) == rendered(two())

    def test_readme_names_files_withdrawn_and_the_way_to_check(self) -> None:
        """A researcher learns what is there, who is not, and how to verify."""
        text = rendered(two())[-1].data.decode()
        assert re.search(r"P08_S2 +P08 +2 +3 +yes\n", text)
        assert "withdrew and were erased: P03." in text
        assert "openssl pkeyutl -verify" in text
        assert "P09 session 1: waits for review" in text
        assert draft(two()).release_id in text
