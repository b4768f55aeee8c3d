# SPDX-License-Identifier: Apache-2.0
"""Names that a recording brings with it are found; codes and roles are no names."""

from __future__ import annotations

import pytest

from services.deidentification.domain.engine import Engine
from services.deidentification.domain.study_codes import StudyCodes
from services.deidentification.domain.transcript import Transcript, Turn


def _talk(engine: Engine, label: str, text: str) -> str:
    turns = (Turn("good morning", label), Turn(text, "I"), Turn("and then we stop here", "I"))
    return engine.deidentify(Transcript(turns)).texts[1]


class TestLabels:
    """A label that is an ordinary word is found where it is a name."""

    @pytest.mark.parametrize(
        ("label", "text", "left"),
        [
            ("Man", "how are you man", "how are you"),
            ("Man", "like man said, the man at the shop is a good man", "the man at the shop"),
            ("Sinar Kekwa", "ya like kekwa say to sinar yesterday", "say to"),
            ("Joy Hope", "i agree with joy, thank you hope", "i agree with"),
            ("Joy Hope", "i hope so, it is a joy to hope", "i hope so, it is a joy to hope"),
            ("Kak Long", "how long, ask kak long", "how long, ask"),
            ("Long", "okay long you wait, thanks long", "okay"),
            ("siti_88", "siti_88 and Siti both", "both"),
            ("SuriaNet", "suria came home", "came home"),
            ("\u9648\u5c0f\u82ac", "\u6211\u662f\u5c0f\u82ac", "\u6211\u662f"),
            ("Mei \u6b27\u9633\u660e\u534e", "\u660e\u534e here", "here"),
            (
                "\u0b95\u0bae\u0bb2\u0bbe",
                "\u0b95\u0bae\u0bb2\u0bbe\u0bb5\u0bc1\u0b95\u0bcd\u0b95\u0bc1 ok",
                "ok",
            ),
            ("Suppiah, Kekwa (Guest)", "every guest saw kekwa", "every guest saw"),
        ],
    )
    def test_found_where_it_is_a_name(
        self, engine: Engine, label: str, text: str, left: str
    ) -> None:
        """The name goes, and the word stays."""
        told = _talk(engine, label, text)
        assert left in told
        assert ("[" in told) == (told != left)
        for word in (
            "kekwa",
            "sinar",
            "siti",
            "suria",
            "\u5c0f\u82ac",
            "\u660e\u534e",
            "\u0b95\u0bae",
        ):
            assert word not in told.casefold()

    @pytest.mark.parametrize("label", ["Everyone", "Me", "Guest 2", "Speaker 1", "Mother", "Zoom"])
    def test_no_name(self, engine: Engine, label: str) -> None:
        """Roles and groups are not looked for."""
        text = "everyone met me and mother, the guest and the speaker on zoom"
        assert _talk(engine, label, text) == text

    @pytest.mark.parametrize("label", ["\u7f8e\u51e4", "Al", "Siti88", "Gobi's iPhone", "a@b.my"])
    def test_label_goes(self, engine: Engine, label: str) -> None:
        """Every label goes but roles and codes, however short it is and with digits."""
        turns = (Turn("ok", label), Turn("ok", "Interviewer 2"), Turn("ok", "SPEAKER_00"))
        speakers = engine.deidentify(Transcript(turns)).speakers
        assert speakers[0].startswith("[")
        assert speakers[1:] == ("Interviewer 2", "SPEAKER_00")


class TestCodes:
    """The codes of the study stay."""

    CODES = StudyCodes(("P03", "IDI-07", "KL-01-003", "S2", "123456", "017"))

    @pytest.mark.parametrize(
        "text",
        [
            "Hello P04 and p03, this is P 12",
            "we ask idi 07 and IDI-8",
            "KL-01-004 said so",
            "hello P zero four how are you",
            "S1 and S2 were late",
        ],
    )
    def test_stay(self, engine: Engine, text: str) -> None:
        """As they are written, or said; of participants who join later too."""
        talk = Transcript((Turn(text, "P03"), Turn("ok", "IDI-07")))
        result = engine.deidentify(talk, codes=self.CODES)
        assert result.texts[0] == text
        assert result.speakers == ("P03", "IDI-07")

    @pytest.mark.parametrize(
        ("text", "gone"),
        [
            ("call P 012 345 6789 now", "345"),
            ("my file is P/0456/2019 there", "0456"),
            ("write to p03@example.com please", "example"),
            ("the record number is 123456", "123456"),
            ("Hello P04 Kamsiah how are you", "Kamsiah"),
        ],
    )
    def test_hide_nothing(self, engine: Engine, text: str, gone: str) -> None:
        """A number, an address or a name beside a code is found as without it."""
        (told,) = engine.deidentify(Transcript((Turn(text),)), codes=self.CODES).texts
        assert gone not in told

    def test_shapes_decide(self) -> None:
        """A participant more changes no run; codes that look like records are not known."""
        assert self.CODES.shapes == ("IDI-00", "KL-00-000", "P00", "S00")
        assert StudyCodes(("P3", "P11")).shapes == StudyCodes(("P03",)).shapes
