# SPDX-License-Identifier: Apache-2.0
"""What `sotto transcribe evaluate` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.transcription.evaluation.intervals import ROUNDS, SEED, SHARE, Rate
from services.transcription.evaluation.measuring import DoubtRates, Figures, TimeRate, WordRate
from services.transcription.evaluation.normalising import ENGLISH

_RULES = {
    True: "Whisper's rules for English, since all of the reference is English",
    False: "letters, marks and digits in lower case, since not all of the reference is known to be"
    " English (--language states what it does not)",
}
_NAMES = {"wer": "WER", "cer": "CER", "cpwer": "cpWER", "der": "DER", "doubts": "doubts"}


def as_json(figures: Figures, collar: float) -> dict[str, Any]:
    """Return the figures as one object; rates from 0 on, times in seconds, null for what is not
    known.
    """
    return {
        "files": figures.files,
        "text_rules": figures.rules,
        "collar": collar,
        "interval": {"share": SHARE, "rounds": ROUNDS, "seed": SEED, "over": figures.over},
        "wer": _words(figures.wer),
        "cer": _words(figures.cer),
        "cpwer": _words(figures.cpwer),
        "der": _times(figures.der),
        "by_speaker": {name: _words(one) for name, one in figures.by_speaker.items()},
        "by_language": {name: _words(one) for name, one in figures.by_language.items()},
        "doubts": _doubts(figures.doubts),
        "not_measured": figures.missing,
    }


def render(figures: Figures, collar: float) -> str:
    """Return the figures for people."""
    lines = [
        f"Recordings: {figures.files}",
        f"Text is compared by {_RULES[figures.rules == ENGLISH]}.",
        f"In brackets: {SHARE:.0%} intervals, bootstrap over {figures.over}"
        + (", for the DER over stretches of 30 s." if figures.files == 1 else "."),
        "",
    ]
    for name, one in (("wer", figures.wer), ("cer", figures.cer), ("cpwer", figures.cpwer)):
        if one:
            lines.append(_word_line(_NAMES[name], one, "characters" if name == "cer" else "words"))
    if figures.der:
        parts = figures.der.parts
        lines.append(
            f"{'DER':<8} {_rate(figures.der.rate)}  {parts.missed:.1f} s missed,"
            f" {parts.false_alarm:.1f} s added, {parts.confusion:.1f} s confused of"
            f" {parts.speech:.1f} s; collar {collar:g} s"
        )
    for title, rows in (("speaker", figures.by_speaker), ("language", figures.by_language)):
        lines += (
            [_word_line(f"WER of {title} {name}", one, "words") for name, one in rows.items()]
            if len(rows) > 1
            else []
        )
    if doubts := figures.doubts:
        lines.append(f"Doubts   {doubts.doubtful} of {doubts.segments} segments")
        lines += [f"  right  {_rate(doubts.right)}  of these have an error"] if doubts.right else []
        lines += (
            [f"  found  {_rate(doubts.found)}  of the segments with an error"]
            if doubts.found
            else []
        )
    lines += [f"{_NAMES[name]:<8} not measured: {why}" for name, why in figures.missing.items()]
    return "\n".join(lines) + "\n"


def _word_line(name: str, one: WordRate, of: str) -> str:
    errors = one.errors
    return (
        f"{name:<8} {_rate(one.rate)}  {errors.substitutions} replaced, {errors.deletions} left"
        f" out, {errors.insertions} put in of {errors.length} {of}"
    )


def _rate(one: Rate) -> str:
    if one.low is None or one.high is None:
        return f"{one.value:6.1%} (no interval)"
    return f"{one.value:6.1%} ({one.low:.1%} to {one.high:.1%})"


def _rate_fields(one: Rate) -> dict[str, Any]:
    return {"rate": one.value, "low": one.low, "high": one.high, "units": one.units}


def _words(one: WordRate | None) -> dict[str, Any] | None:
    if one is None:
        return None
    errors = one.errors
    return {
        **_rate_fields(one.rate),
        "substitutions": errors.substitutions,
        "deletions": errors.deletions,
        "insertions": errors.insertions,
        "length": errors.length,
    }


def _times(one: TimeRate | None) -> dict[str, Any] | None:
    if one is None:
        return None
    parts = one.parts
    return {
        **_rate_fields(one.rate),
        "speech": parts.speech,
        "missed": parts.missed,
        "false_alarm": parts.false_alarm,
        "confusion": parts.confusion,
    }


def _doubts(one: DoubtRates | None) -> Mapping[str, Any] | None:
    if one is None:
        return None
    return {
        "segments": one.segments,
        "doubtful": one.doubtful,
        "right": _rate_fields(one.right) if one.right else None,
        "found": _rate_fields(one.found) if one.found else None,
    }
