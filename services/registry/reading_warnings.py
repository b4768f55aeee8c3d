# SPDX-License-Identifier: Apache-2.0
"""What a person should look at after a transcript was read: each kind, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping

#: Sentences by kind; {count} is how often, {place} the first line, cue or paragraph.
READING_WARNINGS: Mapping[str, str] = {
    "one_speaker": (
        "one speaker has everything that was said: if several people talk, their labels were not"
        " recognised"
    ),
    "labels_in_text": (
        "{count} lines look as if they began with a speaker's label and are read as text, the first"
        " at {place}"
    ),
    "stamps_in_text": (
        "{count} time stamps were not understood and stay in the text, the first at {place}"
    ),
    "encoding_guessed": (
        "the encoding of the text was found out by its letters: check that names and accents are"
        " right, and state it with --encoding"
    ),
    "suffix_differs": "the content is of another form than the suffix of the file's name says",
    "cues_skipped": "{count} cues cannot be read and were left out, the first at {place}",
    "out_of_order": "{count} turns begin before the one in front of them, the first at {place}",
    "ends_before_start": "{count} times end before they start, the first at {place}",
    "struck_text": "{count} passages that are struck through by hand are read as text",
    "hidden_text": "{count} passages that are hidden in the document were left out",
    "columns_guessed": "what the columns of a table hold was found out by their content",
}


def sentence(kind: str, count: int, place: int) -> str:
    """Return what is said of a warning; a kind that is not known is said by its name."""
    text = READING_WARNINGS.get(kind, kind.replace("_", " "))
    return text.format(count=count, place=place)
