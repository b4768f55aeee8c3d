# SPDX-License-Identifier: Apache-2.0
"""The text fields of an entry: their names, and what each may hold.

Declared once; the canonical form, the scanner, the export to a table and the conversion from the
contract derive theirs from here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.registry import ids


@dataclass(frozen=True, slots=True)
class TextField:
    """A text of an event: `name` in `ReportedEvent` and the contract, `key` in the canonical JSON.

    `pattern` is what a value may hold. Where the field is not required it may also be empty, and is
    then left out of the canonical JSON.
    """

    name: str
    key: str
    pattern: str
    required: bool = False

    @property
    def whole_pattern(self) -> str:
        """Pattern of every value that `ReportedEvent` may have, the empty one included."""
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
    TextField("name", "event", ids.EVENT_NAME, required=True),
    TextField("reason", "reason", ids.REASON),
    TextField("person", "person", ids.PERSON),
    TextField("role", "role", ids.ROLE),
    TextField("purpose", "purpose", ids.PURPOSE),
    TextField("caller", "caller", ids.CALLER),
    TextField("object", "object", ids.OBJECT),
    TextField("study_id", "study", ids.STUDY_ID),
    TextField("participant", "participant", ids.PARTICIPANT_CODE),
    TextField("zone", "zone", ids.ZONE),
    TextField("request_id", "request", ids.REQUEST_ID),
)
#: Their names in `ReportedEvent` and in the contract.
TEXT_NAMES = tuple(field.name for field in TEXT_FIELDS)
