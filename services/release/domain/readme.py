# SPDX-License-Identifier: Apache-2.0
"""The README of a release, for the researcher who opens the folder."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.common.wording import counted
from services.registry.export_formats import ExportFormat
from services.registry.notations import Notation
from services.release.domain.certificate import InputAudio
from services.release.domain.naming import CERTIFICATE, LEGEND, SIGNATURE, LeftOut
from services.release.domain.ports import AudioMode, Study
from services.release.domain.quality.statement import QualityStatement
from services.release.domain.quality.telling import in_words
from services.release.domain.transcript import INTERVIEWER

_TEXT = """\
De-identified interview transcripts
===================================

Study:    {study}
Release:  {release}

This folder holds the transcripts of the release in one or more of these formats. All formats carry
the same words.

{formats}

Styles: a file such as P07_S1.txt is verbatim, with every word of the transcript; one such as
P07_S1_readable.txt goes without fillers (um), words that were said twice by mistake and words that
were broken off.
{marks}
Labels: "{interviewer}" asks, a participant code such as P07 answers; S1, S2, ... are speakers whose
role is not known. Where words were taken out, a mark such as [Hospital 1] stands in their place, or
what else the study's policy puts there.
{labels}{untimed}{invented}{unread}{audio}{quality}
Transcripts
-----------
{table}
{withdrawn}
What vouches for these files
----------------------------
{certificate} lists every file with its SHA-256, the transcripts that they were made from, the
models and rules that were used, how much was replaced and corrected, which person or rule approved
each transcript at which residual risk, how few people fit what is said of a participant, what was
left out, and the state of the audit log when the release was built. {signature} is its
Ed25519 signature. Get the study team's public key from the team itself, not from this folder, and
check offline:

  sotto release verify FOLDER --key release-key.pem

or, with OpenSSL 3 and coreutils alone:

  openssl pkeyutl -verify -pubin -inkey release-key.pem -rawin -in {certificate} \\
      -sigfile {signature}
  sha256sum *        (compare with "outputs" in {certificate})

Do not change, add or rename files in this folder: copy what you want to work on.

Automatic de-identification can miss something. If you come upon a name or anything else that points
to a person, do not pass it on, and tell the study team which file and turn it is in.
"""

_MARKS = {
    Notation.NONE: "",
    Notation.PLAIN: """\
In verbatim files [pause 2.3 s] is a silence of a second or more before what follows, and what
stands between [overlap] and [overlap ends] was said while another speaker spoke. Both are measured
from the times of words, good to some tenths of a second.
""",
    Notation.JEFFERSON: """\
In verbatim files (2.3) is a silence of so many seconds, half a second or more, before what follows.
What stands between \u2308 and \u2309 was said while another speaker came in, whose words then stand
between \u230a and \u230b; ((inaudible ...)) is speech of which no word was understood. All are
measured from the times of words, good to some tenths of a second.
""",
}

_DOUBTFUL = """\
In verbatim files words that may be misheard are marked: with a dotted line under them in docx, as
<c.doubtful> in vtt, and as doubtful_words, by code points of the text, in jsonl.
"""

_INVENTED = """
INVENTED WORDS: nobody said what is in these files. A demo model, which knows a few samples alone,
made it up from other recordings. They are for trying things out, and no data:

{files}"""

_LABELS = """
{legend} lists all labels: kind, how often, in which interviews, and where first. Those whose scope
is "study" mean the same person, place or body in all interviews; all others mean the same in those
of one participant only: [Person 1] of P07 and [Person 1] of P08 are two people. It does not say
who they are.

{counts}"""

_UNREAD = """
These were transcripts made elsewhere. Their files held more than is here: each kind that was left
out, and how often.

{files}"""

_QUALITY = """
Quality: before this release people read a sample of the transcripts in it.

{rounds}
"""

_AUDIO = """
Sound: P07_S1.flac is the sound of P07_S1, made anew from the samples at 16 kHz. Only words that
stand in the transcript can be heard in it, in the voices of those who said them{voices}
{over} stands over words that were taken out, a quarter of a second longer on both sides, and
silence over all that nobody wrote down, pauses among it. Times are those of the .vtt and .jsonl
files. A model that transcribed it again heard none of the words that were taken out; listening, you
may still know who speaks, and hear what no model heard. It goes once the study's time for keeping
recordings is over.

{files}"""

_DISGUISED = """, made
deeper. That anonymises nobody: it can be turned back, and people are known by how they talk."""
_OVER = {AudioMode.NONE: "", AudioMode.BLEEPED: "A tone", AudioMode.MUTED: "Silence"}
_NO_AUDIO = {
    "made_elsewhere": "none, the transcript was made elsewhere",
    "deleted": "none, the recording was deleted by the study's rule",
    "invented": "none, the words are invented",
    "not_approved": "none, the approval is older than the study's wish for sound",
}

_REASONS = {
    "pending": "waits for review",
    "rejected": "a reviewer decided that it must not be released",
    "quality": "approved, and not through the study's gate of quality",
    "sealed": "nothing was made of it yet",
    "transcribing": "it is being transcribed",
    "transcribed": "it is not de-identified yet",
    "failed": "it could not be processed",
}
_WIDTH = 98
_REVIEWED = frozenset({"pending", "rejected", "quality"})


@dataclass(frozen=True)
class ReadmeRow:
    """A row of the README's table: one transcript, with what is said of it elsewhere.

    `left_out` is what its source of the form `form` holds beside it, for people; empty for nothing.
    `audio` is what became of its sound; None where the release has none.
    """

    stem: str
    participant: str
    session: int
    turns: int
    timed: bool
    invented: bool
    form: str = ""
    left_out: str = ""
    audio: InputAudio | None = None

    def cells(self) -> tuple[str, ...]:
        """Return the row as text."""
        times = "yes" if self.timed else "no"
        return (self.stem, self.participant, str(self.session), str(self.turns), times)


def render_readme(
    study_id: str,
    release: str,
    rows: Sequence[ReadmeRow],
    withdrawn: Sequence[str],
    left_out: Sequence[LeftOut],
    labels: Mapping[str, tuple[int, int]],
    notation: Notation,
    study: Study,
    quality: Sequence[QualityStatement] | None = None,
) -> bytes:
    """Write the README; UTF-8, LF.

    `quality` is what rounds say of the transcripts; `labels` are, by kind, the number of
    pseudonyms, and of those that are the whole study's.
    """
    sound = "".join(f"  {row.stem}: {_told(row.audio)}\n" for row in rows if row.audio)
    cells = [("file", "participant", "session", "turns", "times"), *(row.cells() for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(5)]
    table = "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )
    untimed = (
        '\nTranscripts with "no" under times were made elsewhere without them: their .vtt\n'
        "cues count seconds in the order of speech and say nothing about when it was said.\n"
        if any(not row.timed for row in rows)
        else ""
    )
    made_up = [f"  {row.stem}\n" for row in rows if row.invented]
    invented = _INVENTED.format(files="".join(made_up)) if made_up else ""
    unread = [f"  {row.stem}, from {row.form}: {row.left_out}\n" for row in rows if row.left_out]
    gone = (
        f"\nLeft out, because they withdrew and were erased: {', '.join(withdrawn)}.\n"
        if withdrawn
        else ""
    )
    gone += _omitted(
        "Not in this release, though transcripts of them exist:",
        [one for one in left_out if one.reason in _REVIEWED],
    )
    gone += _omitted(
        "Not in this release, since there is no de-identified transcript of them:",
        [one for one in left_out if one.reason not in _REVIEWED],
    )
    counts = [
        f"  {kind:24}labels: {every}, of the whole study: {wide}\n"
        for kind, (every, wide) in labels.items()
    ]
    return _TEXT.format(
        labels=_LABELS.format(legend=LEGEND, counts="".join(counts)) if counts else "",
        study=study_id,
        release=release,
        marks=_MARKS[notation] + (_DOUBTFUL if study.writing.doubtful_words else ""),
        formats="\n".join(_described(one) for one in ExportFormat),
        interviewer=INTERVIEWER,
        untimed=untimed,
        invented=invented,
        unread=_UNREAD.format(files="".join(unread)) if unread else "",
        audio=_AUDIO.format(
            over=_OVER[study.audio],
            voices=_DISGUISED if study.disguise_voices else ".",
            files=sound,
        )
        if sound
        else "",
        quality=_QUALITY.format(rounds="\n\n".join(map(_quality, quality))) if quality else "",
        table=table,
        withdrawn=gone,
        certificate=CERTIFICATE,
        signature=SIGNATURE,
    ).encode()


def _quality(one: QualityStatement) -> str:
    """Return what a round says, in lines of the README."""
    return "\n".join(
        textwrap.fill(line, _WIDTH, initial_indent="  ", subsequent_indent="  ")
        for line in in_words(one).splitlines()
    )


def _told(audio: InputAudio) -> str:
    """Return what became of the sound of a recording."""
    if audio.missing is not None:
        return _NO_AUDIO[audio.missing]
    muted = 100 * (audio.muted_ms or 0) / (audio.duration_ms or 1)
    stretches = counted(audio.redacted_stretches or 0, "stretch", "stretches")
    return f"{stretches} redacted, {muted:.0f} % of it muted in all"


def _omitted(heading: str, left_out: Sequence[LeftOut]) -> str:
    """Return the paragraph about what is left out; nothing where nothing is."""
    if not left_out:
        return ""
    lines = (
        f"  {one.participant} session {one.session}: {_REASONS[one.reason]}" for one in left_out
    )
    return "\n".join(("", heading, *lines, ""))


def _described(one: ExportFormat) -> str:
    """Return the lines about a format: its suffix in a column, the description beside it."""
    return f"  {one.suffix:8}" + one.description.replace("\n", "\n" + " " * 10)
