# SPDX-License-Identifier: Apache-2.0
"""Transcripts made elsewhere: their importers by form.

An importer turns a source into passages, in order. `structure` finds turns in them, whatever the
form. Both note in `Findings` what they leave out and what a person should look at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from services.registry.left_out import told
from services.transcription.adapters.importing import (
    cha,
    delimited,
    docx,
    eaf,
    exb,
    html,
    json_forms,
    jsonl,
    md,
    odt,
    otr,
    rtf,
    sbv,
    srt,
    structure,
    textgrid,
    ttml,
    txt,
    vtt,
)
from services.transcription.adapters.importing.forms import differs, form_of
from services.transcription.adapters.importing.source import Importer, Source
from services.transcription.domain.languages import LanguageTally
from services.transcription.domain.reading import Reading
from services.transcription.domain.turns import SpeakerTally, Turn
from services.transcription.errors import BadTranscript, TooLarge

_LONGEST_TURN = 10_000_000
"""Characters of the longest turn: 300 hours of speech without a break."""

IMPORTERS: Mapping[str, Importer] = {
    "txt": txt.read,
    "md": md.read,
    "docx": docx.read,
    "odt": odt.read,
    "vtt": vtt.read,
    "srt": srt.read,
    "sbv": sbv.read,
    "ttml": ttml.read,
    "json": json_forms.read,
    "jsonl": jsonl.read,
    "eaf": eaf.read,
    "exb": exb.read,
    "textgrid": textgrid.read,
    "csv": delimited.read,
    "tsv": delimited.read,
    "cha": cha.read,
    "rtf": rtf.read,
    "html": html.read,
    "otr": otr.read,
}
"""The importer of each form of `services.registry.import_formats`, by its name."""


def read(source: Source) -> Iterator[Turn | Reading]:
    """Yield the turns of a transcript in one of the forms that are read, and last what was found.

    The content decides the form. Raises `BadTranscript` where it is none of them or does not follow
    its form, and `TooLarge` above a limit; messages name places, never content.
    """
    _check_size(source)
    source, findings = replace(source, importers=IMPORTERS), source.findings
    form = form_of(source.data, source.file_name, source.text, tuple(IMPORTERS))
    if differs(form, source.file_name):
        findings.warn("suffix_differs")
    tally, languages = SpeakerTally(source.options.roles), LanguageTally()
    for turn in structure.find_turns(IMPORTERS[form](source), findings):
        if len(turn.text) > _LONGEST_TURN:
            raise TooLarge(
                f"Turn {tally.turns + 1} of the transcript has more than {_LONGEST_TURN} "
                "characters, so it is no interview; look at the file."
            )
        if turn.text.strip():
            tally.add(turn)
            languages.add(turn.text)
            if tally.turns > source.limits.max_turns:
                raise TooLarge(
                    f"The transcript has more than {source.limits.max_turns} turns; "
                    "split it or raise the limit in the settings."
                )
            yield turn
    if not tally.turns:
        left_out = told(findings.left_out)
        raise BadTranscript(
            f"The transcript contains no talk; left out were: {left_out}."
            if left_out
            else "The transcript contains no text."
        )
    yield Reading(
        form=form,
        encoding=findings.encoding,
        encoding_guessed=findings.encoding_guessed,
        turns=tally.turns,
        timed_turns=tally.timed_turns,
        words=tally.words,
        speakers=tally.shares(),
        speaker_count=tally.speakers,
        languages=languages.shares(),
        left_out=dict(findings.left_out),
        words_left_out=findings.words_left_out,
        warnings=findings.warnings,
        codes=findings.codes,
        names=findings.names,
    )


def _check_size(source: Source) -> None:
    if len(source.data) > source.limits.max_bytes:
        raise TooLarge(
            f"The transcript has {len(source.data)} bytes and the limit is "
            f"{source.limits.max_bytes}; split it or raise the limit in the settings."
        )
    if not source.data.strip():
        raise BadTranscript("The transcript is empty.")
