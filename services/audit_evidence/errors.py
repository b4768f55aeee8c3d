# SPDX-License-Identifier: Apache-2.0
"""Errors of whoever reads a log: what does not follow its format, or does not verify."""

from __future__ import annotations

from services.common.errors import Corrupted, InvalidInput, NotFound


class InvalidFormat(InvalidInput):
    """A note, checkpoint, key, proof, policy or entry does not follow its format."""


class SignatureRefused(Corrupted):
    """A signature of a known key does not fit the text, or no known key signed it."""


class ProofRefused(Corrupted):
    """A Merkle proof does not lead to the root that it claims."""


class NoSuchEntry(NotFound):
    """The log holds no entry, tile or checkpoint of that number."""
