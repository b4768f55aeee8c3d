# SPDX-License-Identifier: Apache-2.0
"""Each parser at a trust boundary: what is not refused has one spelling; nothing else raises."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.domain.tiles import pack_bundle, unpack_bundle
from services.audit.domain.witness import Request
from services.audit.errors import LogDamaged
from services.audit_evidence.checkpoint import Checkpoint, sign_checkpoint
from services.audit_evidence.errors import InvalidFormat
from services.audit_evidence.keys import SignatureType, SigningKey, VerifierKey
from services.audit_evidence.note import Note, parse_note
from services.audit_evidence.policy import WitnessPolicy
from services.audit_evidence.proof_file import LogProof

LOG = SigningKey("log.example/sotto", bytes(32))
WITNESS = SigningKey("witness.example/w", bytes(range(32)), SignatureType.COSIGNATURE)
STATE = Checkpoint(LOG.name, 300, bytes(range(32)))
NOTE = sign_checkpoint(STATE, [LOG, SigningKey(LOG.name, bytes(range(1, 33)))])
REQUEST = Request(7, (bytes(32), bytes(range(32))), NOTE)
POLICY = (
    f"log {LOG.verifier}\nwitness w {WITNESS.verifier} https://w.example\n"
    "# those whom we trust\ngroup g any w\nquorum g\n"
)

#: What reads a text, a good one, and what writes it back (None: more than one spelling is right).
Parser = tuple[Callable[[str], object], str, Callable[[object], str] | None]
PARSERS: dict[str, Parser] = {
    "vkey": (VerifierKey.parse, str(LOG.verifier), str),
    "cosigner": (VerifierKey.parse, str(WITNESS.verifier), str),
    "signing key": (SigningKey.parse, LOG.secret_text(), SigningKey.secret_text),
    "checkpoint": (Checkpoint.parse, str(STATE), str),
    "note": (parse_note, NOTE, Note.__str__),
    "request": (lambda text: Request.parse(text.encode("utf-8", "replace")), str(REQUEST), str),
    "proof": (
        lambda text: LogProof.parse(text.encode("utf-8", "replace")),
        str(LogProof(5, (bytes(32),), NOTE)),
        str,
    ),
    "policy": (WitnessPolicy.parse, POLICY, None),
}


@st.composite
def edits(draw: st.DrawFn, text: str) -> str:
    """A good text with a few characters changed, added or taken away."""
    for _ in range(draw(st.integers(1, 3))):
        at, until = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        until = min(until, at + draw(st.integers(0, 4)))
        put = draw(st.text(st.sampled_from("+ \n\r\t—=/A0a19\x00\u00a0é"), max_size=3))
        text = text[:at] + put + text[until:]
    return text


class TestParsers:
    """Read back to the same text, or refused in our words."""

    @pytest.mark.parametrize("name", PARSERS)
    def test_the_good_one(self, name: str) -> None:
        """What we write ourselves is read, and written the same."""
        parse, good, write = PARSERS[name]
        found = parse(good)
        assert write is None or write(found) == good

    @pytest.mark.parametrize("name", PARSERS)
    @settings(max_examples=150)
    @given(data=st.data())
    def test_edited(self, name: str, data: st.DataObject) -> None:
        """A text with a few changes is refused, or has exactly the spelling that it came in."""
        parse, good, write = PARSERS[name]
        text = data.draw(st.one_of(edits(good), st.text(max_size=80)))
        try:
            found = parse(text)
        except InvalidFormat:
            return
        assert write is None or write(found) == text

    @settings(max_examples=150)
    @given(st.data())
    def test_bundles(self, data: st.DataObject) -> None:
        """A bundle of entries with changed bytes is refused, or packs to the same bytes."""
        good = pack_bundle([b"one", b"", b"three" * 60])
        at = data.draw(st.integers(0, len(good)))
        raw = good[:at] + data.draw(st.binary(max_size=4)) + good[at + 1 :]
        try:
            entries = unpack_bundle(raw)
        except (InvalidFormat, LogDamaged):
            return
        assert pack_bundle(entries) == raw
