# SPDX-License-Identifier: Apache-2.0
"""What can go wrong in de-identification; messages hold ids and places, never content."""

from __future__ import annotations

from services.common.errors import InvalidInput


class PolicyError(InvalidInput):
    """A policy that cannot be followed: unknown entity type or operator, missing field."""


class EngineUnusable(InvalidInput):
    """A configured engine whose packages or models are not here, or do not load."""


class TranscriptError(InvalidInput):
    """A transcript that is not one."""


class TooLarge(InvalidInput):
    """A transcript above the limit on words or turns."""


class RosterError(InvalidInput):
    """A roster that cannot be read."""
