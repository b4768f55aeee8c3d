# SPDX-License-Identifier: Apache-2.0
"""Proof that one entry is in the log, complete in one file (C2SP tlog-proof, `.tlog-proof`)."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.audit_evidence import merkle
from services.audit_evidence.checkpoint import Checkpoint, open_checkpoint
from services.audit_evidence.errors import InvalidFormat, ProofRefused
from services.audit_evidence.keys import VerifierKey, strict_base64
from services.audit_evidence.policy import WitnessPolicy

_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9]\d{0,19})", re.ASCII)
_MAX_HASHES = 63
_MAX_BYTES = 1_100_000


@dataclass(frozen=True)
class LogProof:
    """Index of an entry, hashes from its sibling upward, and the checkpoint they lead to.

    `extra` is what the maker added; nothing vouches for it.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    @classmethod
    def parse(cls, data: bytes) -> LogProof:
        """Read a proof file; raises InvalidFormat for any but the one right form."""
        if len(data) > _MAX_BYTES:
            raise InvalidFormat("the proof is larger than a proof can be")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise InvalidFormat("the proof is not UTF-8") from None
        head, gap, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if not gap or not checkpoint or lines.pop(0) != _HEADER:
            raise InvalidFormat(f"the file does not begin with {_HEADER}, or has no checkpoint")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = strict_base64(lines.pop(0).removeprefix("extra "), "the extra line")
        match = _INDEX.fullmatch(lines.pop(0)) if lines else None
        if match is None:
            raise InvalidFormat("the proof has no index line in its one spelling")
        if len(lines) > _MAX_HASHES:
            raise InvalidFormat("the proof has more hashes than a tree has levels")
        hashes = tuple(strict_base64(line, "a hash of the proof") for line in lines)
        if any(len(value) != merkle.HASH_SIZE for value in hashes):
            raise InvalidFormat("a hash of the proof is not 32 bytes long")
        return cls(int(match[1]), hashes, checkpoint, extra)

    def __str__(self) -> str:
        extra = [] if self.extra is None else [f"extra {base64.b64encode(self.extra).decode()}"]
        hashes = [base64.b64encode(value).decode() for value in self.hashes]
        lines = [_HEADER, *extra, f"index {self.index}", *hashes]
        return "\n".join(lines) + "\n\n" + self.checkpoint


def check_proof(
    proof: LogProof,
    entry: bytes,
    keys: Sequence[VerifierKey],
    policy: WitnessPolicy | None = None,
) -> Checkpoint:
    """Check that an entry is in the log of a proof's checkpoint, and return the checkpoint.

    Order after the format's text: leaf hash, log signature, cosignatures, inclusion.
    Raises SignatureRefused, ProofRefused or InvalidFormat.
    """
    leaf = merkle.leaf_hash(entry)
    logs = (*keys, *(policy.logs if policy else ()))
    witnesses = tuple(policy.witnesses.values()) if policy else ()
    opened = open_checkpoint(proof.checkpoint, logs, witnesses)
    signed = [key for key, _line in opened.note.verified]
    if opened.checkpoint.origin not in {key.name for key in signed if key in logs}:
        raise ProofRefused("the log that signed is not the one that the checkpoint names")
    if policy and not policy.satisfied(signed):
        raise ProofRefused("too few witnesses of the policy cosigned this checkpoint")
    state = opened.checkpoint
    merkle.verify_inclusion(leaf, proof.index, state.size, proof.hashes, state.root)
    return state
