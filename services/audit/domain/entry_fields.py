# SPDX-License-Identifier: Apache-2.0
"""The text fields of an entry: their names, and what each may hold.

Declared once; the canonical form, the scanner, the export to a table and the conversion from the
contract derive theirs from here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextField:
    """A text of an event: `name` in `Event` and in the contract, `key` in the canonical JSON.

    `pattern` is what a value may hold. Where the field is not required it may also be empty, and is
    then left out of the canonical JSON.
    """

    name: str
    key: str
    pattern: str
    required: bool = False

    @property
    def whole_pattern(self) -> str:
        """Pattern of every value that `Event` may have, the empty one included."""
        return self.pattern if self.required else f"(?:{self.pattern})?"

    @property
    def scan_pattern(self) -> str:
        """The pattern without upper lengths, possessive, so that a scanner never goes back.

        No value holds the quotation mark that ends it. An old entry stays readable when a length
        changes.
        """
        endless = re.sub(r"\]\{0,\d+\}", "]*+", self.pattern)
        return re.sub(r"\](?:\{1,\d+\}|\+)", "]++", endless)


TEXT_FIELDS = (
    TextField("name", "event", r"[a-z_]+:[a-z_]+:[a-z_]+", required=True),
    TextField("reason", "reason", r"[A-Za-z0-9_.:-]{1,64}"),
    TextField("person", "person", r"[A-Za-z0-9_.@+-]{1,64}"),
    TextField("role", "role", r"[a-z_-]{1,32}"),
    TextField("purpose", "purpose", r"[a-z_-]{1,32}"),
    TextField("caller", "caller", r"[a-z0-9.-]{1,64}"),
    TextField("object", "object", r"[A-Za-z0-9_./:-]{1,256}"),
    TextField("study_id", "study", r"[a-z0-9][a-z0-9-]{1,38}"),
    TextField("participant", "participant", r"[A-Z0-9][A-Z0-9-]{0,15}"),
    TextField("zone", "zone", r"clinical|research"),
    TextField("request_id", "request", r"[a-z0-9-]{1,64}"),
)
#: Their names in `Event` and in the contract.
TEXT_NAMES = tuple(field.name for field in TEXT_FIELDS)
