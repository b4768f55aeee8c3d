# SPDX-License-Identifier: Apache-2.0
"""Marks of pauses, overlap and what was not understood, in the notation of a study.

They are put into text that is de-identified already, so that they hide no name from that; none
stands inside a replacement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.registry.notations import Notation
from services.release.domain.marks import Overlap, Pause, Piece, Place

_INAUDIBLE = re.compile(r"\[(inaudible [0-9:]+-[0-9:]+)\]")


@dataclass(frozen=True, slots=True)
class _Signs:
    """Signs of a notation: `pause` of seconds, `overlap` around words of who speaks on and of who
    comes in, `inaudible` around the times.
    """

    shortest_pause_ms: int
    pause: str
    overlap: tuple[tuple[str, str], tuple[str, str]]
    inaudible: str


_SIGNS: Mapping[Notation, _Signs] = {
    # From a second on a silence is heard as one (Jefferson 1989, as in `transcript.py`).
    Notation.PLAIN: _Signs(
        1000,
        "[pause {:.1f} s]",
        (("[overlap] ", " [overlap ends]"), ("[overlap] ", " [overlap ends]")),
        "[{}]",
    ),
    # Jefferson 2004, "Glossary of transcript symbols with an introduction": seconds in round
    # brackets, what the transcriber says in two. Her square brackets of overlap would be taken for
    # pseudonyms: those of CHAT stand for them (MacWhinney and Wagner 2010, "Transcribing, searching
    # and data sharing: The CLAN software and the TalkBank data repository").
    Notation.JEFFERSON: _Signs(500, "({:.1f})", (("⌈", "⌉"), ("⌊", "⌋")), "(({}))"),
}


def marked(
    text: str,
    replaced: Sequence[Place],
    pauses: Sequence[Pause],
    overlaps: Sequence[Overlap],
    doubtful: Sequence[Place],
    notation: Notation,
) -> Iterator[Piece]:
    """Yield `text` in pieces with the marks of a notation; `replaced` are the places of
    replacements, and `doubtful` those of words that may be misheard, each of which is one piece
    where no mark is inside it.
    """
    signs = _SIGNS.get(notation)
    if signs is not None and not replaced and (found := _INAUDIBLE.fullmatch(text)):
        yield Piece(signs.inaudible.format(found[1]))
        return
    cuts = sorted(_signs(text, replaced, pauses, overlaps, signs)) if signs is not None else []
    cuts += [(at, 1, "") for word in doubtful for at in (word.start, word.end)]
    last, joined = 0, ""
    for at, _, sign in [*sorted(cuts), (len(text), 3, "")]:
        piece = text[last:at]
        if piece and any(word.start <= last and at <= word.end for word in doubtful):
            if joined:
                yield Piece(joined)
            yield Piece(piece, doubtful=True)
            joined = ""
            piece = ""
        joined += piece + sign
        last = at
    if joined:
        yield Piece(joined)


def _signs(
    text: str,
    replaced: Sequence[Place],
    pauses: Sequence[Pause],
    overlaps: Sequence[Overlap],
    signs: _Signs,
) -> Iterator[tuple[int, int, str]]:
    """Yield offset, order at that offset, and sign."""
    for pause in pauses:
        if pause.duration_ms < signs.shortest_pause_ms or _within(replaced, pause.at):
            continue
        before = "" if pause.at == 0 or text[pause.at - 1] == " " else " "
        yield pause.at, 1, f"{before}{signs.pause.format(pause.duration_ms / 1000)} "
    for overlap in overlaps:
        opened, closed = signs.overlap[overlap.comes_in]
        inside = [place for place in replaced if place.touches(overlap.start, overlap.end)]
        yield min([overlap.start, *(place.start for place in inside)]), 2, opened
        yield max([overlap.end, *(place.end for place in inside)]), 0, closed


def _within(replaced: Sequence[Place], at: int) -> bool:
    return any(place.start < at < place.end for place in replaced)
