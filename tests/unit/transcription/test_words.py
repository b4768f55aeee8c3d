# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.transcription.domain.turns import SpeakerTally, Turn
from services.transcription.domain.words import count_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("how are you", 3),
        ("你好吗", 2),
        ("我很好，谢谢你。", 3),
        ("then 我妈妈 cook lah", 5),
        ("好 我很好", 3),
        ("好 - ok", 3),
        ("நான் நலம்", 2),
    ],
)
def test_words_of_every_script_count(text: str, words: int) -> None:
    """Chinese, which has no spaces, counts two characters for a word."""
    assert count_words(text) == words


def test_shares_of_mixed_talk_are_fair() -> None:
    """A speaker of Chinese has a share of the talk like that of a speaker of English."""
    tally = SpeakerTally()
    tally.add(Turn("I", "how are you today"))
    tally.add(Turn("P", "我今天感觉很好"))
    assert [one.share for one in tally.shares()] == [500, 500]
