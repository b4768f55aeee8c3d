# SPDX-License-Identifier: Apache-2.0
"""A witness (C2SP tlog-witness v1.0.0): cosigns a checkpoint only if the log has just grown.

It has a key of its own, remembers the newest checkpoint of each log that it knows, and so makes it
impossible for a log to show different histories to different people.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from services.audit_evidence import merkle
from services.audit_evidence.checkpoint import Checkpoint
from services.audit_evidence.errors import InvalidFormat, ProofRefused, SignatureRefused
from services.audit_evidence.keys import SigningKey, VerifierKey, strict_base64
from services.audit_evidence.note import Note, cosign, open_note, parse_note

SIZE_TYPE = "text/x.tlog.size"
_OLD = re.compile(r"old (0|[1-9]\d{0,19})", re.ASCII)
_MAX_HASHES = 63


class Memory(Protocol):
    """What a witness remembers: the newest cosigned checkpoint of each origin, as a whole note."""

    def locked(self) -> AbstractContextManager[None]:
        """Exclude every other request, of other processes too, until the block ends."""
        ...

    def latest(self, origin: str) -> str | None:
        """Return the newest note; None for a log never seen."""
        ...

    def remember(self, origin: str, note: str) -> None:
        """Keep a note. MUST be durable on return."""
        ...


@dataclass(frozen=True)
class WitnessResponse:
    """HTTP status, body and media type."""

    status: int
    body: str
    media_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """What a log sends: the size that it believes the witness holds, a proof, a checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    @classmethod
    def parse(cls, data: bytes) -> Request:
        """Read the body of add-checkpoint; raises InvalidFormat."""
        try:
            head, gap, note = data.decode("utf-8").partition("\n\n")
        except UnicodeDecodeError:
            raise InvalidFormat("the request is not UTF-8") from None
        first, *lines = head.split("\n")
        match = _OLD.fullmatch(first)
        if not gap or match is None or len(lines) > _MAX_HASHES:
            raise InvalidFormat("the request is no old size, proof and checkpoint")
        proof = tuple(strict_base64(line, "a hash of the proof") for line in lines)
        if any(len(value) != merkle.HASH_SIZE for value in proof):
            raise InvalidFormat("a hash of the proof is not 32 bytes long")
        return cls(int(match[1]), proof, note)

    def __str__(self) -> str:
        import base64

        lines = [f"old {self.old}", *(base64.b64encode(value).decode() for value in self.proof)]
        return "\n".join(lines) + "\n\n" + self.note


class Witness:
    """A witness of the logs whose keys it was given (key name = origin)."""

    def __init__(
        self,
        key: SigningKey,
        logs: Sequence[VerifierKey],
        memory: Memory,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._key = key
        self._logs = tuple(logs)
        self._memory = memory
        self._clock = clock

    def add_checkpoint(self, data: bytes) -> WitnessResponse:
        """Check, store, and only then cosign: status 200 with the signature line, or why not."""
        try:
            request = Request.parse(data)
            note = parse_note(request.note)
        except InvalidFormat as error:
            return WitnessResponse(400, f"invalid input: {error.message}\n")
        origin = note.text.split("\n", 1)[0]
        keys = [key for key in self._logs if key.name == origin]
        if not keys:
            return WitnessResponse(404, "unknown log\n")
        try:
            open_note(note, keys)
        except SignatureRefused as error:
            return WitnessResponse(403, f"invalid signature: {error.message}\n")
        try:
            state = Checkpoint.parse(note.text)
            if state.extensions:
                raise InvalidFormat("this witness takes no extension lines")
        except InvalidFormat as error:
            return WitnessResponse(400, f"invalid checkpoint: {error.message}\n")
        if request.old > state.size:
            return WitnessResponse(
                400, "invalid input: the old size is larger than the checkpoint's\n"
            )
        with self._memory.locked():
            return self._advance(request, note, state)

    def _advance(self, request: Request, note: Note, state: Checkpoint) -> WitnessResponse:
        known = self._memory.latest(state.origin)
        before = Checkpoint.parse(parse_note(known).text) if known else None
        held = before.size if before else 0
        if request.old != held:
            return WitnessResponse(409, f"{held}\n", SIZE_TYPE)
        try:
            _check_growth(before, state, request.proof)
        except ProofRefused as error:
            return WitnessResponse(422, f"invalid consistency proof: {error.message}\n")
        line = cosign(note.text, self._key, int(self._clock()))
        self._memory.remember(state.origin, f"{request.note}{line}")
        return WitnessResponse(200, str(line))


def _check_growth(before: Checkpoint | None, state: Checkpoint, proof: Sequence[bytes]) -> None:
    if before is None or before.size == 0:
        if proof:
            raise ProofRefused("a first checkpoint needs no proof")
        return
    merkle.verify_consistency(before.size, state.size, before.root, state.root, proof)
