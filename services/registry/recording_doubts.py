# SPDX-License-Identifier: Apache-2.0
"""What the manifest of a transcript says of its recording: where sound was lost or not understood.

Counts of these kinds say nothing of the words, so that lists of recordings show them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

#: Sentences by kind, of one and of several where they differ; {count} is how often.
RECORDING_DOUBTS: Mapping[str, str | tuple[str, str]] = {
    "nothing_heard": "there is sound in it, and no word was understood: listen to it",
    "inaudible": (
        "one passage was not understood: it says [inaudible] and its times",
        "{count} passages were not understood: they say [inaudible] and their times",
    ),
    "quiet_speech": (
        (
            "in half a minute of it something sounds like a voice that is far away or filtered, and"
            " was not taken for speech: listen to what has no words"
        ),
        (
            "in {count} half minutes of it something sounds like a voice that is far away or"
            " filtered, and was not taken for speech: listen to what has no words"
        ),
    ),
    "interviewer_unknown": (
        "nobody in it clearly has the voice of an enrolled interviewer, so that roles came another"
        " way: see who is who"
    ),
    "bad_packets": (
        (
            "one piece of the file is damaged and was left out: words may be missing there, and"
            " later times too early"
        ),
        (
            "{count} pieces of the file are damaged and were left out: words may be missing there,"
            " and later times too early"
        ),
    ),
    "cut_short": "the recording ends before its header says, so the end may be missing",
}


def doubt_sentences(doubts: Mapping[str, int]) -> Iterator[str]:
    """Yield what is said of a recording's doubts, in the order above; other kinds say nothing."""
    for kind, text in RECORDING_DOUBTS.items():
        if count := doubts.get(kind, 0):
            yield (text if isinstance(text, str) else text[count != 1]).format(count=count)
