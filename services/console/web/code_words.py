# SPDX-License-Identifier: Apache-2.0
"""Plain words for codes: what files, commands and the log write, as pages say it.

A table for each kind of code, in English; the Malay stands in `texts/ms/codes.toml`. A page shows
the code beside its word, in a `<code>`, only where somebody has to find it in a file or a command.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.console.web.language import say
from services.registry.export_formats import ExportFormat, Style

#: Kinds of identifiers, as policies, certificates and legends write them.
ENTITY_TYPES: Mapping[str, str] = {
    "PERSON": "name of a person",
    "MY_IC": "identity card number",
    "PASSPORT": "passport number",
    "MEDICAL_RECORD_NUMBER": "hospital record number",
    "PHONE_NUMBER": "telephone or fax number",
    "EMAIL_ADDRESS": "e-mail address",
    "USERNAME": "name of an account",
    "URL": "web address",
    "IP_ADDRESS": "internet address (IP)",
    "BANK_ACCOUNT": "bank account number",
    "CREDIT_CARD": "payment card number",
    "VEHICLE_PLATE": "vehicle plate",
    "ID_NUMBER": "other identifying number",
    "ADDRESS": "street address or postcode",
    "FACILITY": "hospital, clinic or house of worship",
    "ORGANIZATION": "school, employer or society",
    "LOCATION": "place",
    "DATE_TIME": "date",
    "AGE": "age",
    "NRP": "nationality, ethnicity or religion",
    "OCCUPATION": "occupation",
}
#: What becomes of a kind of identifier under a policy.
OPERATORS: Mapping[str, str] = {
    "mask": "covered by signs",
    "tag": "replaced by its kind",
    "pseudonym": "replaced by a pseudonym",
    "generalise": "made coarser",
    "keep": "left as it is",
}
#: In which role somebody acts.
ROLES: Mapping[str, str] = {
    "operator": "hospital IT",
    "reviewer": "reviewer",
    "researcher": "researcher",
    "compliance": "compliance officer",
    "flow": "work that goes on by itself",
}
#: For what a call is made.
PURPOSES: Mapping[str, str] = {
    "audit": "looking into the audit log",
    "compliance": "overseeing studies",
    "correction": "correcting a transcript",
    "intake": "bringing recordings in",
    "operations": "running Sotto",
    "oversight": "overseeing quality",
    "research": "research",
    "retention": "keeping and deleting by rule",
    "reveal": "asking who stands behind a pseudonym",
    "review": "reviewing transcripts",
    "security": "signing in, and accounts",
    "withdrawal": "withdrawal of consent",
}
#: Who speaks in a turn, where that is known.
SPEAKERS: Mapping[str, str] = {"interviewer": "interviewer", "participant": "participant"}
#: Stages of a recording.
STAGES: Mapping[str, str] = {
    "ingest": "intake",
    "transcription": "transcription",
    "deidentification": "de-identification",
    "release": "the rule of review",
    "review rule": "the rule of review",
}
#: How transcripts of a study are approved.
REVIEWS: Mapping[str, str] = {
    "required": "A reviewer reads and approves each transcript",
    "automatic": "The rule of the policy may approve by itself",
}
#: How releases mark pauses and overlap.
NOTATIONS: Mapping[str, str] = {
    "none": "not marked",
    "plain": "in plain words",
    "jefferson": "as in conversation analysis (Jefferson)",
}
#: Sound in releases.
SOUNDS: Mapping[str, str] = {
    "none": "no sound",
    "bleeped": "with a tone over what is redacted",
    "muted": "with silence over what is redacted",
}
#: What an officer found who looked through the log.
FINDINGS: Mapping[str, str] = {
    "nothing-to-report": "nothing to report",
    "question-raised": "question raised",
    "access-unexplained": "access unexplained",
    "breach-suspected": "breach suspected",
    "log-not-whole": "log not whole",
}
#: What a transcript was made with, as its manifest names it.
PROVENANCE: Mapping[str, str] = {
    "deidentification.detector": "recognisers",
    "deidentification.engine": "engine of de-identification",
    "deidentification.run": "version of de-identification",
    "diarizer": "telling speakers apart",
    "engine": "engine of transcription",
    "languages": "languages",
    "layout": "layout of the sound",
    "model": "speech model",
    "model_kind": "kind of the speech model",
    "model_sha256": "digest of the speech model",
    "parser": "reader of transcripts",
    "deidentification.policy": "policy",
    "roles": "roles of speakers",
    "roster_hotwords": "names of the roster expected",
    "settings": "settings",
    "speakers": "number of speakers",
    "transcription.run": "version of transcription",
    "voices": "enrolled voices",
    "word_doubts": "model that doubts words",
}
#: Formats of a release's files.
FORMATS: Mapping[str, str] = {
    ExportFormat.TXT: "Plain text",
    ExportFormat.DOCX: "Word",
    ExportFormat.VTT: "Subtitles (WebVTT)",
    ExportFormat.JSONL: "JSON Lines, for programs",
}
#: How close a style is to what was said.
STYLES: Mapping[str, str] = {
    Style.VERBATIM: "every word",
    Style.READABLE: "without fillers and repetitions",
}
#: Every table, by the kind of code that templates name.
TABLES: Mapping[str, Mapping[str, str]] = {
    "entity type": ENTITY_TYPES,
    "operator": OPERATORS,
    "role": ROLES,
    "purpose": PURPOSES,
    "speaker": SPEAKERS,
    "stage": STAGES,
    "review": REVIEWS,
    "notation": NOTATIONS,
    "sound": SOUNDS,
    "provenance": PROVENANCE,
    "finding": FINDINGS,
    "format": FORMATS,
    "style": STYLES,
}

_FORMS: Mapping[str, tuple[str, str]] = {
    style.of(form): (FORMATS[form], STYLES[style]) for form in ExportFormat for style in Style
}


def word(code: str, kind: str) -> str:
    """Return what a code of a kind means, in the language of the page.

    A code that this version does not know stands for itself.
    """
    return say(TABLES[kind].get(code, code))


def form(code: str) -> str:
    """Return in which form a release was taken, such as "txt" or "txt-readable"."""
    return ": ".join(map(say, _FORMS[code])) if code in _FORMS else code


def options(kind: str) -> list[tuple[str, str]]:
    """Return the codes of a kind and their words, for somebody to choose from."""
    return [(code, word(code, kind)) for code in TABLES[kind]]
