# SPDX-License-Identifier: Apache-2.0
"""The attribute keys that an entry may carry; any other is refused, so that no content slips in.

Values are counts, hashes, versions, states and ids. A key that ends in a dot allows one more word
behind it, as in `count.person`.
"""

from __future__ import annotations

import re

from services.audit.errors import InvalidFormat

#: Key, and what its value says.
ATTRIBUTE_KEYS: dict[str, str] = {
    "account": "account name that an act concerned, where it is not the acting person",
    "address": "network address that a call came from",
    "approver": "account or policy that approved",
    "attempt": "number of the try",
    "backend": "kind of store or engine behind the service",
    "bytes": "size in bytes",
    "certificate": "serial number or hash of a certificate",
    "changed": "names of the fields that changed",
    "checkpoint_root": "root hash of a checkpoint, base64",
    "checkpoint_size": "size of a log at a checkpoint",
    "compute": "arithmetic and device of an engine",
    "count": "how many",
    "count.": "how many of one kind; the kind follows",
    "decision": "what a reviewer or a policy decided",
    "destroyed_at": "when a key was destroyed, RFC 3339",
    "duration_ms": "how long it took, in milliseconds",
    "engine": "name of an engine",
    "engine_version": "version of an engine",
    "entries": "number of log entries",
    "errors": "number of errors",
    "existed": "whether the same thing was there already: true or false",
    "expires": "when something ends, RFC 3339",
    "failed_open": "whether opening after erasure failed, as it must",
    "field.": "digests of a setting before and after; its name follows",
    "files": "number of files",
    "filter": "conditions of a query: names of the fields that were set",
    "findings": "number of findings",
    "format": "format of an export",
    "from_index": "first index of a range",
    "from_size": "earlier size of a log",
    "generation": "number of a generation of an object or key",
    "key_id": "id of a key",
    "key_version": "version of a key",
    "keys": "number of keys",
    "kind": "kind of an object",
    "language": "language tag",
    "languages": "number or tags of languages",
    "manifest": "hash of a manifest",
    "media_type": "media type of an object",
    "method": "name of an RPC",
    "model": "name of a model",
    "model_version": "version or hash of a model",
    "name_version": "version of an object under its name",
    "objects": "number of objects",
    "objects_deleted": "number of objects deleted",
    "objects_retained": "number of objects that retention holds",
    "old_origin": "origin of the log that this log goes on from",
    "pages": "number of pages",
    "participants": "number of participants",
    "peer": "name in a client certificate",
    "policy": "name of a policy",
    "policy_version": "version or hash of a policy",
    "protocol_version": "version of the study protocol",
    "provider": "kind of a key provider",
    "reason": "machine-readable reason of a failure",
    "recogniser_version": "version of a set of recognisers",
    "recording": "recording id",
    "recording_id": "recording id",
    "recordings": "number of recordings",
    "redactions": "number of redactions",
    "release": "release id",
    "release_id": "release id",
    "repair": "whether repair was asked for: true or false",
    "retained_until": "until when retention holds what is left, RFC 3339",
    "retention": "rule of retention",
    "rewrapped": "number of keys wrapped anew",
    "risk": "number that a risk check gave",
    "run": "name of a run made from its inputs",
    "run_key": "name of a run made from its inputs",
    "segments": "number of segments",
    "service_version": "version of a service",
    "session": "number of an interview session",
    "sha256": "hash of an object's sealed bytes or of a published file",
    "since": "begin of a period, RFC 3339",
    "size": "size in the unit of the kind",
    "stage": "stage of a recording's way",
    "state": "state that an object is in",
    "status": "status code of a call",
    "to_index": "last index of a range",
    "to_size": "later size of a log",
    "turns": "number of turns of talk",
    "until": "end of a period, RFC 3339",
    "verdict": "result of a check",
    "verified_unreadable": "whether opening after erasure failed, as it must",
    "version": "version",
    "window": "number of a window of audio",
    "windows": "number of windows of audio",
    "words": "number of words",
    "zone": "zone that something came from",
    "zone_key_rotated": "whether the zone key was replaced: true or false",
}

#: Keys whose value is a number and nothing else.
NUMBERS = frozenset(
    "attempt bytes checkpoint_size count duration_ms entries errors files findings from_index"
    " from_size generation keys objects objects_deleted objects_retained pages participants"
    " recordings redactions rewrapped risk segments session size to_index to_size turns window"
    " windows words".split()
)

_WHOLE = frozenset(key for key in ATTRIBUTE_KEYS if not key.endswith("."))
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,9})?")
# One word: no space, so that no sentence and no full name fits.
_WORD = re.compile(r"[A-Za-z0-9_.,:;/+=@-]{0,512}")
_TAIL = re.compile(r"[a-z0-9_]{1,64}")


def check_key(key: str) -> None:
    """Raise InvalidFormat when an attribute key is not on the list."""
    if key in _WHOLE:
        return
    head, dot, tail = key.partition(".")
    if dot and head + dot in ATTRIBUTE_KEYS and _TAIL.fullmatch(tail):
        return
    raise InvalidFormat(f"the attribute {key[:64]!r} is not on the list that the audit log allows")


def check_value(key: str, value: str) -> None:
    """Raise InvalidFormat when a value is not of the kind that its key asks for."""
    numeric = key in NUMBERS or key.startswith("count.")
    if not (_NUMBER if numeric else _WORD).fullmatch(value):
        kind = "a number" if numeric else "one word of letters, digits and plain signs"
        raise InvalidFormat(f"the attribute {key} holds something else than {kind}")
