# SPDX-License-Identifier: Apache-2.0
"""One Word document with all that goes wrong in transcripts that went through many hands.

A cover page, labels in three styles, soft breaks, tracked changes and moves, hidden and struck
text, a footnote, comments, a header, a picture, a box, and a numbered table with a translation.
All of it is invented. Written to a file with:

    python -m tests.support.ugly_word interview.docx
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.word_documents import (
    deleted,
    document,
    inserted,
    line_break,
    moved,
    note,
    notes,
    paragraph,
    picture,
    run,
    style,
    tab,
    table,
    text_box,
)

_BOLD = "<w:b/>"

_COVER = table(
    ("Study:", "Living with voices"),
    ("Interviewee", "Zaiton binti Ramli"),
    ("Interviewer", "Dr Kavitha Menon"),
    ("Date of interview", "14 February 2026"),
    ("Place", "Klinik Kesihatan Seri Bayu"),
)

_TALK = (
    paragraph("Interview 2 of 3", style="Title"),
    _COVER,
    paragraph("Part 1: Sleep", style="Heading1"),
    # Labels in bold, with soft breaks between the turns.
    paragraph(
        run("Interviewer: ", _BOLD),
        "How have you been sleeping since we last met?",
        line_break(),
        run("Participant: ", _BOLD),
        "Not so well, doctor. Maybe four hours",
        note("footnote", 2),
        ".",
        line_break(),
        run("Interviewer: ", _BOLD),
        "And what keeps you awake?",
    ),
    paragraph(
        run("Participant: ", _BOLD),
        "The neighbour's ",
        deleted("dogs and the "),
        inserted(run("motorbike, ")),
        "and then I start to think ",
        run("about Ramli again ", "<w:strike/>"),
        "about my son.",
        note("comment", 1),
    ),
    paragraph(run("check this against the audio, 00:04:10", "<w:vanish/>")),
    # Labels in capitals, not bold.
    paragraph("INTERVIEWER:", tab(), "Does anybody help you at night?"),
    paragraph(
        "PARTICIPANT:",
        tab(),
        "My sister ",
        text_box(paragraph("Family tree: see drawing")),
        "comes on Fridays. ",
        moved("She sleeps in the front room.", here=False),
    ),
    paragraph("INTERVIEWER:", tab(), "Is there room for her?"),
    paragraph("PARTICIPANT:", tab(), moved("She sleeps in the front room.", here=True)),
    paragraph(picture()),
    # Labels with the time on a line of their own.
    paragraph("Part 2: Medicines", style="Heading1"),
    paragraph("Interviewer  00:12:05"),
    paragraph("Which tablets do you take now?"),
    paragraph("Participant  00:12:11"),
    paragraph("The white one in the morning: ten milligram. The other one I stopped."),
    paragraph("Interviewer  00:12:24"),
    paragraph("Since when?"),
    # A table that somebody made of the rest.
    table(
        ("No.", "Time", "Speaker", "What was said", "Translation (English)"),
        ("1", "00:12:30", "Participant", "Sejak bulan puasa.", "Since the fasting month."),
        ("2", "00:12:36", "Interviewer", "Did you tell the clinic?", ""),
        ("3", "00:12:40", "Participant", "Tak, saya takut nanti kena marah.", "No, I was afraid."),
        ("4", "", "", "So I kept quiet.", ""),
        ("5", "00:12:52", "Interviewer", "Thank you for telling me.", ""),
    ),
    paragraph("[End of recording]"),
)


def ugly_word_document() -> bytes:
    """Return the document."""
    return document(
        *_TALK,
        styles=style("Title", "Title") + style("Heading1", "heading 1"),
        footnotes=notes("footnote", {2: "She showed three fingers first."}),
        comments=notes("comment", {1: "Ask her again next time?"}, author="Kavitha Menon"),
        header=paragraph("Confidential: Zaiton binti Ramli, second interview"),
        core="<dc:creator>Kavitha Menon</dc:creator><dc:title>Interview Zaiton</dc:title>",
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(ugly_word_document())
