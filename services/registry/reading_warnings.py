# SPDX-License-Identifier: Apache-2.0
"""What a person should look at after a transcript was read: each kind, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping

#: Sentences by kind, of one and of several where they differ; {count} is how often, {place} the
#: first line, cue or paragraph.
READING_WARNINGS: Mapping[str, str | tuple[str, str]] = {
    "one_speaker": (
        "one speaker has everything that was said: if several people talk, their labels were not"
        " recognised"
    ),
    "labels_in_text": (
        "one line looks as if it began with a speaker's label and is read as text, at {place}",
        (
            "{count} lines look as if they began with a speaker's label and are read as text, the"
            " first at {place}"
        ),
    ),
    "stamps_in_text": (
        "one time stamp was not understood and stays in the text, at {place}",
        "{count} time stamps were not understood and stay in the text, the first at {place}",
    ),
    "encoding_guessed": (
        "the encoding of the text was found out by its letters: check that names and accents are"
        " right, and state it with --encoding"
    ),
    "broken_bytes": (
        "one byte does not fit UTF-8 and is read as Windows-1252, in line {place}: check the word",
        (
            "{count} bytes do not fit UTF-8 and are read as Windows-1252, the first in line"
            " {place}: check the words"
        ),
    ),
    "suffix_differs": "the content is of another form than the suffix of the file's name says",
    "cues_skipped": (
        "one cue cannot be read and was left out, at {place}",
        "{count} cues cannot be read and were left out, the first at {place}",
    ),
    "out_of_order": (
        "one turn begins before the one in front of it, at {place}",
        "{count} turns begin before the one in front of them, the first at {place}",
    ),
    "times_guessed": (
        "whether times count seconds or milliseconds was found out by how fast people would talk"
    ),
    "ends_before_start": (
        "one turn ends before it starts; its end was left out",
        "{count} turns end before they start; their ends were left out",
    ),
    "ends_early": (
        "the file breaks off before its form says, so the end of the interview may be missing"
    ),
    "struck_text": (
        "one passage that is struck through by hand is read as text, at {place}",
        "{count} passages that are struck through by hand are read as text, the first at {place}",
    ),
    "hidden_text": (
        "one passage that is hidden in the document was left out, at {place}",
        "{count} passages that are hidden in the document were left out, the first at {place}",
    ),
    "columns_guessed": "what the columns of a table hold was found out by their content",
    "columns_left_out": (
        (
            "one column of a table was left out, such as a translation or notes: if it is what was"
            " said, name it Text in the file"
        ),
        (
            "{count} columns of tables were left out, such as translations and notes: if one of"
            " them is what was said, name it Text in the file"
        ),
    ),
    # Found by `sotto ingest`, which knows the study and what it has.
    "unknown_start": (
        "it begins as no form of recording that is known; the suffix of its name alone says that it"
        " is one"
    ),
    "other_participant": (
        "a label in it is the code of another participant: check that it is the right file"
    ),
    "no_such_speaker": "--speaker names a speaker who is not in it",
    "same_content": "the same content is in the study already: check that it is the right file",
    "same_content_twice": "two of these files have the same content",
    "content_removed": "the same content was there before and was removed",
    "content_withdrawn": (
        "the same content was sealed of a participant who withdrew: ask before it is brought in"
    ),
    "failed_kept": (
        "the failed recording that it stands for could not be removed; see: sotto recordings remove"
    ),
    "session_taken": (
        "another recording is this session of the participant: give the right number with --session"
    ),
}


def sentence(kind: str, count: int, place: int) -> str:
    """Return what is said of a warning; a kind that is not known is said by its name."""
    text = READING_WARNINGS.get(kind, kind.replace("_", " "))
    if isinstance(text, tuple):
        text = text[count != 1]
    return text.format(count=count, place=place)
