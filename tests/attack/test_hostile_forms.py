# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.sandbox.limits import Limits
from services.common.sandbox.parent import Sandbox
from services.registry.import_formats import IMPORT_FORMATS, format_by_suffix
from services.transcription.errors import BadTranscript, TooLarge
from tests.support import forms
from tests.support.read_many import FAULT
from tests.support.reading import confined_turns
from tests.support.traps import TRAPS

_LIMITS = Limits(memory_bytes=512 * 1024**2, cpu_seconds=10, wait_seconds=240.0)
"""What one large input, or all small ones of a form, may take. Linear readers take a third of it at
most; the time that is limited is the processor's, so that a busy machine is no fault."""

_HIT = re.compile("of processor time|of memory|of time|parser broke")
"""How a refusal is worded that no reader made."""

_FLOODS = {
    "letters": b"a",
    "tabs": b"\t",
    "empty lines": b"\n",
    "paragraphs": b"bb\n\n",
    "names": b"Name ",
    "labels": b"Name: ",
    "round": b"(",
    "stamps": b"[00:",
    "times": b"00:00:01 ",
    "overlaps": b"//",
    "overlapping": b"//S01: ",
    "hashes": b"#",
    "stars": b"**",
    "references": b"&#",
    "escaped": b"&amp;",
    "tags": b"<",
    "voices": b"<v a>",
    "nested": b"<b>",
    "tables": b"<table><tr><td colspan=100000>",
    "backslashes": b"\\",
    "groups": b"{",
    "hidden": b"{\\v ",
    "binary": b"\\bin9 ",
    "characters": b"\\u-9?",
    "bytes": b"\\'e9",
    "quotes": b'"',
    "pipes": b"|",
    "commas": b",",
    "brackets": b"[",
    "objects": b'{"a":',
    "arrows": b" --> ",
    "cues": b"\n\n1\n00:00:01,000 --> 00:00:02,000\na",
    "marks": b"\xcc\x81",
    "joiners": b"\xe2\x80\x8b",
    "separators": b"\xe2\x80\xa8",
}
_FLOOD_BYTES = 150_000


def read_all(contents: list[tuple[str, bytes]]) -> Iterator[tuple[bool, str]]:
    """Whether each content broke its reader, and what refused it, read by one sandbox."""
    order = {"files": [(name, len(content)) for name, content in contents]}
    everything = io.BytesIO(b"".join(content for _, content in contents))
    for number, said in Sandbox("tests.support.read_many", _LIMITS).run(everything, order):
        yield number == FAULT, said.decode()


class TestSeeds:
    def test_each_form_has_a_good_one(self) -> None:
        """No form is added without a seed, from which hostile files of it are made."""
        known = {name: form.name for name in forms.names() if (form := format_by_suffix(name))}
        found = read_all([(name, forms.seed(name)) for name in known])
        read = {
            form
            for form, outcome in zip(known.values(), found, strict=True)
            if outcome == (False, "")
        }
        assert read == {form.name for form in IMPORT_FORMATS}


class TestForms:
    @pytest.mark.parametrize("name", forms.names())
    def test_broken_files(self, name: str) -> None:
        """Damaged, cut, disguised and glued files end in turns or in a refusal without content."""
        contents = list(forms.broken(name, random.Random(name), 400))
        found = list(read_all(contents))
        assert len(found) == len(contents)
        faults = [
            (message, *content)
            for content, (broke, message) in zip(contents, found, strict=True)
            if broke or any(secret in message for secret in forms.SECRETS)
        ]
        assert faults == []

    @pytest.mark.parametrize("name", {Path(name).suffix: name for name in forms.names()}.values())
    def test_floods(self, name: str) -> None:
        """No unit repeated without end, as it is or as something said, takes more than linear time.

        All of them together have the time of one.
        """
        contents = []
        for unit in _FLOODS.values():
            flood = unit * (_FLOOD_BYTES // len(unit))
            spelled = forms.spelled(name, flood)
            contents += [(name, forms.seed(name, one)) for one in {flood, spelled}]
        found = list(read_all(contents))
        assert len(found) == len(contents)
        assert [message for broke, message in found if broke] == []


@pytest.mark.parametrize("name", sorted({name for name, _ in TRAPS}))
class TestTraps:
    def test_end_by_the_reader_itself(self, name: str) -> None:
        """What is made to grow, nest or turn in circles is read, or refused by the reader's limits.

        Those of the sandbox behind it are hit by none.
        """
        hit = [
            (number, refusal)
            for number, make in enumerate(make for of, make in TRAPS if of == name)
            if _HIT.search(refusal := _refusal(make(), name))
        ]
        assert hit == []


def _refusal(content: bytes, name: str) -> str:
    """What is said of a content that is refused, or nothing."""
    try:
        confined_turns(content, name, sandbox=_LIMITS)
    except (BadTranscript, TooLarge) as refusal:
        return refusal.message
    return ""
