# SPDX-License-Identifier: Apache-2.0
"""How transcripts are to be read, as people say it in options and lists."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence

from services.common.errors import InvalidInput
from services.common.wording import nearest
from services.registry import ids
from services.registry.role_words import INTERVIEWER, PARTICIPANT
from sotto.transcript.v1 import reading_pb2

ROLES = (INTERVIEWER, PARTICIPANT)

MOST_SPEAKERS = 20
"""Most people who speak in a recording, where their number is given."""

_MOST_SPEAKERS = 64
_LONGEST_ENCODING = 40


def reading_options(
    encoding: str, notes: bool, speakers: Iterable[str]
) -> reading_pb2.ReadingOptions:
    """Return the options of reading; raises InvalidInput as the functions below do."""
    return reading_pb2.ReadingOptions(
        encoding=encoding_name(encoding), append_notes=notes, roles=speaker_roles(speakers)
    )


def encoding_name(text: str) -> str:
    """Return the name of an encoding as Python writes it, "" for ""; raises InvalidInput."""
    if not text:
        return ""
    try:
        name = codecs.lookup(text.strip()).name if len(text) <= _LONGEST_ENCODING else ""
        # Some codecs are no encodings of text, such as "zip"; this refuses them.
        "x".encode(name)
    except (LookupError, ValueError, TypeError):
        name = ""
    if not name:
        raise InvalidInput(
            "there is no such encoding; names are such as utf-8, windows-1252, gb18030 or utf-16"
        )
    return name.replace("_", "-").lower()


def speaker_roles(
    given: Iterable[str],
    known: Sequence[str] = ROLES,
    shown_by: str = "the report of --dry-run",
) -> dict[str, str]:
    """Return the role by the label of the speaker, of texts such as "S1=interviewer".

    `known` are the roles that there are, `shown_by` tells in an error where the labels are shown.
    """
    roles: dict[str, str] = {}
    for text in given:
        label, mark, role = (part.strip() for part in text.partition("="))
        label, role = label.upper(), role.lower()
        if not mark or not re.fullmatch(ids.NUMBERED_SPEAKER, label):
            raise InvalidInput(
                "who a speaker is is written as S1=interviewer or S2=participant; S1 is the one who"
                f" speaks first, S2 the next, as {shown_by} shows"
            )
        if role not in known:
            near = nearest(role, known)
            hint = f"is {near} meant?" if near else f"it is one of {', '.join(known)}"
            raise InvalidInput(f"the role of {label} is not known; {hint}")
        if roles.setdefault(label, role) != role:
            raise InvalidInput(f"{label} is given two roles")
    if len(roles) > _MOST_SPEAKERS:
        raise InvalidInput(f"roles of more than {_MOST_SPEAKERS} speakers are given")
    return roles
