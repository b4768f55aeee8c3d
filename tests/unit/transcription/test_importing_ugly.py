# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from services.transcription.domain.reading import ReadingOptions
from tests.support.reading import read_all
from tests.support.ugly_word import ugly_word_document


class TestUglyDocument:
    def test_what_is_left_out_is_told(self) -> None:
        """Each kind is counted, with a warning for what a person should look at."""
        _, reading = read_all(ugly_word_document())
        assert reading.form == "docx"
        assert {
            "headers_footers": 1, "footnotes": 1, "deleted_text": 1, "comments": 1,
            "hidden_text": 1, "pictures": 1, "table_columns": 2,
        }.items() <= reading.left_out.items()  # fmt: skip
        assert {"struck_text", "hidden_text", "columns_left_out"} <= {
            one.kind for one in reading.warnings
        }
        assert {"Kavitha Menon", "Zaiton"} <= {one.name for one in reading.names}

    def test_what_is_read(self) -> None:
        """Inserted, moved and struck words are read once; hidden and deleted ones are not."""
        turns, _ = read_all(ugly_word_document())
        said = " ".join(turn.text for turn in turns)
        for once in ("motorbike", "She sleeps in the front room.", "Ramli again", "Sejak bulan"):
            assert said.count(once) == 1
        for never in ("dogs", "check this", "fasting month", "three fingers", "Confidential"):
            assert never not in said

    def test_notes_by_option(self) -> None:
        """Footnotes and comments come with the talk where that is asked for."""
        turns, reading = read_all(ugly_word_document(), options=ReadingOptions(append_notes=True))
        said = " ".join(turn.text for turn in turns)
        assert "three fingers" in said
        assert not {"footnotes", "comments"} & reading.left_out.keys()
