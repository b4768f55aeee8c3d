# SPDX-License-Identifier: Apache-2.0
"""What an entry of the audit log may say beside its event; any other key is refused.

Values are counts, hashes, versions, states and ids, never content. Each key is declared once, with
its type and meaning: mypy holds every call to the names and types, and the audit service holds
every entry to them.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, TypedDict, get_args, get_type_hints


class Attributes(TypedDict, total=False):
    """Attributes of an entry. A number is written in decimal, a truth value as true or false."""

    account: Annotated[str, "account name that an act concerned, where it is not the acting person"]
    address: Annotated[str, "network address that a call came from"]
    asked_participant: Annotated[str, "participant that a query asked for"]
    asked_study: Annotated[str, "study that a query asked for"]
    carried: Annotated[int, "number of corrections of an earlier run that have a place in this one"]
    certificate: Annotated[str, "hash of a certificate"]
    changed: Annotated[str, "names of the fields that changed"]
    checkpoint_root: Annotated[str, "root hash of a checkpoint, base64"]
    checkpoint_size: Annotated[int, "size of a log at a checkpoint"]
    claimed_person: Annotated[str, "person that a caller named and that its certificate is not of"]
    claimed_role: Annotated[str, "role that a caller gave and that its certificate may not carry"]
    count: Annotated[int, "how many"]
    decided_by: Annotated[str, "account, or policy:name, that decided on a transcript"]
    decision: Annotated[str, "what a reviewer or a policy decided"]
    entries: Annotated[int, "number of log entries"]
    event: Annotated[str, "event that a client may not write"]
    existed: Annotated[bool, "whether the same thing was there already"]
    expires: Annotated[str, "when something ends, RFC 3339"]
    failed_open: Annotated[bool, "whether opening after erasure failed, as it must"]
    files: Annotated[int, "number of files"]
    filter: Annotated[str, "conditions of a query: names of the fields that were set"]
    findings: Annotated[int, "number of findings"]
    format: Annotated[str, "format of an export"]
    from_index: Annotated[int, "first index of a range"]
    generation: Annotated[int, "number of a generation of an object or key"]
    instance: Annotated[int, "number of a process among several of one service"]
    key_id: Annotated[str, "id of a key"]
    kind: Annotated[str, "kind of an object"]
    lost: Annotated[int, "number of corrections of an earlier run that have no place in this one"]
    objects: Annotated[int, "number of objects"]
    objects_deleted: Annotated[int, "number of objects deleted"]
    objects_failed: Annotated[int, "number of objects that could not be deleted"]
    objects_retained: Annotated[int, "number of objects that retention holds"]
    old_origin: Annotated[str, "origin of the log that this log goes on from"]
    participants: Annotated[int, "number of participants"]
    person_proof: Annotated[
        str, "what proves the person's name; without it, it is the word of a machine account"
    ]
    policy: Annotated[str, "name of a policy"]
    policy_version: Annotated[str, "hash of a policy"]
    provider: Annotated[str, "kind of a key provider"]
    reason: Annotated[str, "machine-readable reason of a failure"]
    redactions: Annotated[int, "number of redactions"]
    release_id: Annotated[str, "release id"]
    repair: Annotated[bool, "whether repair was asked for"]
    residual_risk: Annotated[float, "estimated risk that an identifier is left, 0 to 1"]
    retention: Annotated[str, "rule of retention"]
    rewrapped: Annotated[int, "number of keys wrapped again"]
    run_key: Annotated[str, "name of a run made from its inputs"]
    segments: Annotated[int, "number of segments"]
    service_version: Annotated[str, "version of a service"]
    since: Annotated[str, "begin of a period, RFC 3339"]
    size: Annotated[
        int,
        "length of a file in bytes; of a recording the next power of two",
    ]
    stage: Annotated[str, "stage of a recording's processing"]
    state: Annotated[str, "state that an object is in"]
    threshold: Annotated[float, "residual risk, 0 to 1, below which a rule may approve"]
    unopened: Annotated[int, "number of key records that do not open"]
    until: Annotated[str, "end of a period, RFC 3339"]
    verdict: Annotated[str, "result of a check"]
    version: Annotated[str, "version"]
    window: Annotated[int, "number of a window of audio"]
    windows: Annotated[int, "number of windows of audio"]


class ValueKind(StrEnum):
    """What the text of a value may be."""

    NUMBER = "a number"
    WORD = "one word of letters, digits and plain signs"


#: Keys with one more word behind their dot, as in `field.workers`: kind and meaning.
FAMILIES: dict[str, tuple[ValueKind, str]] = {
    "field.": (ValueKind.WORD, "digests of a setting before and after; its name follows"),
}

_PATTERNS = {
    ValueKind.NUMBER: re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,9})?"),
    # No space, so that no sentence and no full name fits.
    ValueKind.WORD: re.compile(r"[A-Za-z0-9_.,:;/+=@-]{0,512}"),
}
_TAIL = re.compile(r"[a-z0-9_]{1,64}")


def _declared() -> dict[str, tuple[ValueKind, str]]:
    table = {}
    for key, hint in get_type_hints(Attributes, include_extras=True).items():
        kind, meaning = get_args(hint)
        table[key] = (ValueKind.NUMBER if kind in {int, float} else ValueKind.WORD, meaning)
    return table


#: Key: kind of its value, and its meaning.
KEYS: dict[str, tuple[ValueKind, str]] = _declared()


def kind_of(key: str) -> ValueKind | None:
    """Return the kind of a key's value, or None when the key is not declared."""
    if key in KEYS:
        return KEYS[key][0]
    head, dot, tail = key.partition(".")
    if dot and head + dot in FAMILIES and _TAIL.fullmatch(tail):
        return FAMILIES[head + dot][0]
    return None


def is_of_kind(kind: ValueKind, text: str) -> bool:
    """Return whether a value's text is of a kind."""
    return _PATTERNS[kind].fullmatch(text) is not None


def to_text(value: object) -> str:
    """Return a value as the log holds it: truth values as true or false, shares to 4 digits."""
    if isinstance(value, float):
        return f"{value:.4f}"
    return str(value).lower() if isinstance(value, bool) else str(value)
