# SPDX-License-Identifier: Apache-2.0
"""Keys of runs: names that cross into the research zone and into releases, and tell nothing.

What decides a run includes identified text and the day of the interview, of which a reader of a
release knows all but a word or a number. So a plain hash of it would answer guesses.
"""

from __future__ import annotations

import hashlib
import hmac
import struct

from services.storage.domain.keyring import Keyring
from services.storage.domain.names import RecordingRef

_DIGITS = 32  # hexadecimal: 128 bits of the HMAC


class RunKeys:
    """Makes keys of runs under a secret of the clinical zone."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def make(self, ref: RecordingRef, digest: bytes) -> str:
        """Return 32 hexadecimal digits: equal exactly when recording and digest (32 bytes) are.

        HMAC-SHA-256 (RFC 2104) over study, participant, recording and digest, each behind its
        length.
        """
        fields = (
            ref.owner.study.encode(),
            ref.owner.participant.encode(),
            ref.recording_id.encode(),
            digest,
        )
        message = b"".join(struct.pack(">I", len(field)) + field for field in fields)
        return hmac.new(self._keyring.secret("run"), message, hashlib.sha256).hexdigest()[:_DIGITS]
