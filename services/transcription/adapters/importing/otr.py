# SPDX-License-Identifier: Apache-2.0
"""Importer of oTranscribe's own form: JSON with the text as HTML, and the name of the recording.

https://github.com/oTranscribe/oTranscribe. Values are read one by one, so that nothing is made of
lists and objects, which the form does not have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.transcription.adapters.importing import html
from services.transcription.adapters.importing.properties import file_stem
from services.transcription.adapters.importing.stated_names import know_file_name
from services.transcription.domain.reading import Passage
from services.transcription.errors import BadTranscript

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_KEY = re.compile(r'\s*,?\s*"')
_STRING = json.JSONDecoder(strict=False)
_COLON = re.compile(r"\s*:\s*")
_VALUE = re.compile(r"-?\d{1,30}(?:\.\d{1,60})?(?:[eE][+-]?\d{1,3})?|true|false|null")


def read(source: Source) -> Iterator[Passage]:
    """Yield paragraphs and lines; raises `BadTranscript` where it is not this form."""
    fields = _fields(source.text())
    text = fields.get("text")
    if text is None:
        raise BadTranscript('The transcript is JSON of oTranscribe without its "text".')
    know_file_name(file_stem(fields.get("media", "")), source.findings)
    return html.passages(text, source.findings, source.options.append_notes)


def _fields(document: str) -> dict[str, str]:
    """Return the strings of an object; its other values are passed over."""
    fields: dict[str, str] = {}
    at = document.find("{") + 1
    try:
        while key := _KEY.match(document, at):
            name, at = _STRING.raw_decode(document, key.end() - 1)
            colon = _COLON.match(document, at)
            at = colon.end() if colon else len(document)
            if document.startswith('"', at):
                fields[name], at = _STRING.raw_decode(document, at)
            elif value := _VALUE.match(document, at):
                at = value.end()
            else:
                break
    except ValueError:
        at = len(document)
    if document[at:].strip() != "}":
        raise BadTranscript(
            "The transcript is not an oTranscribe file: it must be one JSON object of strings and "
            "numbers."
        )
    # A lone half of a surrogate pair is no text, and no message can hold it.
    return {name: value.encode("utf-8", "replace").decode() for name, value in fields.items()}
