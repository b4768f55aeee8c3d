# SPDX-License-Identifier: Apache-2.0
"""What an entry of the audit log may say beside its event; any other key is refused.

Values are counts, hashes, versions, states and ids, never content. Each key is declared once, with
its type, the pattern of its texts and its meaning: mypy holds every call to the names and types,
and the audit service holds every entry to them. A pattern leaves no more room than its key needs;
docs/audit.md says what room remains.
"""

from __future__ import annotations

import re
from typing import Annotated, TypedDict, get_args, get_type_hints

from services.registry import ids
from services.registry.events import EVENTS
from services.registry.identities import FLOW, PEOPLE
from services.registry.purposes import Purpose
from services.registry.reasons import STATUSES
from services.registry.removals import RemovalReason
from services.registry.reveals import RevealReason, RevealState

#: Fields of a study's description; a test compares them with the contract.
STUDY_FIELDS = (
    "id", "title", "languages", "policy", "policy_document", "review", "participants",
    "keep_recordings_days", "roster_hotwords", "members", "speakers", "notation", "audio",
    "disguise_voices", "mark_doubtful_words", "quality", "release_terms", "copies_until",
)  # fmt: skip
#: Conditions of a query of the log; a test compares them with the contract.
FILTER_FIELDS = (
    "person", "participant", "study_id", "object", "name", "outcome", "since", "until", "service",
    "request_id", "from_index", "names",
)  # fmt: skip
#: Words on a transcript.
DECISIONS = ("pending", "approved", "rejected")
#: What officers find in the log.
FINDINGS = (
    "nothing-to-report", "question-raised", "access-unexplained", "breach-suspected",
    "log-not-whole",
)  # fmt: skip
#: Kinds of recordings, of corrections, of marks by reviewers and of refused connections; others
#: are entity types.
KINDS = (
    "media", "transcript", "redact", "restore", "retype", "wording", "merge", "accept",
    "nothing_here", "skip", "incoming", "unclear",
)  # fmt: skip


def _one_of(*words: str) -> str:
    return "|".join(map(re.escape, words))


def _list_of(words: tuple[str, ...]) -> str:
    """Return the pattern of names with commas between them, at most as many as there are."""
    one = f"({_one_of(*words)})"
    return f"nothing|{one}(,{one}){{0,{len(words) - 1}}}"


_ENTITY_TYPE = r"[A-Z][A-Z_]{1,31}"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?(Z|[+]00:00)"
# An IP address, or the kind of another socket.
_ADDRESS = r"[0-9a-f.:]{2,45}|unix|unix-abstract|vsock"
_RETENTION = r"[0-9]{1,5}_days_after_release"
_NUMBER = r"-?[0-9]{1,20}([.][0-9]{1,9})?"
_TRUTH = r"true|false"
_SETTING_DIGEST = r"unset|[0-9a-f]{16}"


class Attributes(TypedDict, total=False):
    """Attributes of an entry: type, pattern of a text, meaning.

    A number is written in decimal, a truth value as true or false.
    """

    accept: Annotated[bool, "whether what was rolled back was to count from then on"]
    account: Annotated[
        str, ids.APPROVER, "account name that an act concerned, where it is not the acting person"
    ]
    address: Annotated[str, _ADDRESS, "network address that a call came from"]
    asked_participant: Annotated[str, ids.PARTICIPANT_CODE, "participant that a query asked for"]
    asked_study: Annotated[str, ids.STUDY_ID, "study that a query asked for"]
    carried: Annotated[int, "number of corrections of an earlier run that have a place in this one"]
    certificate: Annotated[str, ids.SHA256_HEX, "hash of a certificate"]
    changed: Annotated[str, _list_of(STUDY_FIELDS), "names of the fields that changed"]
    checkpoint_root: Annotated[str, r"[A-Za-z0-9+/]{43}=", "root hash of a checkpoint, base64"]
    checkpoint_size: Annotated[int, "size of a log at a checkpoint"]
    claimed_person: Annotated[
        str, ids.PERSON, "person that a caller named and that its certificate is not of"
    ]
    claimed_role: Annotated[
        str,
        _one_of(*PEOPLE, FLOW, "unknown"),
        "role that a caller gave and that its certificate may not carry",
    ]
    console_session: Annotated[str, ids.SHA256_HEX, "hash of the name of a session of the console"]
    copy_id: Annotated[str, ids.COPY_ID, "copy of a release that somebody took"]
    count: Annotated[int, "how many"]
    decided_by: Annotated[
        str, ids.APPROVER, "account, or policy:name, that decided on a transcript"
    ]
    decision: Annotated[str, _one_of(*DECISIONS, *FINDINGS), "what a reviewer or a policy decided"]
    entries: Annotated[int, "number of log entries"]
    event: Annotated[str, _one_of(*EVENTS), "event that a client may not write"]
    existed: Annotated[bool, "whether the same thing was there already"]
    expires: Annotated[str, _TIME, "when something ends, RFC 3339"]
    failed_open: Annotated[bool, "whether opening after erasure failed, as it must"]
    files: Annotated[int, "number of files"]
    filter: Annotated[
        str, _list_of(FILTER_FIELDS), "conditions of a query: names of the fields that were set"
    ]
    findings: Annotated[int, "number of findings"]
    format: Annotated[str, ids.FILE_FORMAT, "format of an export"]
    frame: Annotated[str, ids.SHA256_HEX, "digest of what a sample is drawn from: ids and counts"]
    from_index: Annotated[int, "first index of a range"]
    generation: Annotated[int, "number of a generation of an object or key"]
    heard_again: Annotated[
        int, "number of places where redacted words were heard in bleeped sound, then muted"
    ]
    instance: Annotated[int, "number of a process among several of one service"]
    key_id: Annotated[str, r"(hsm-)?[0-9a-f]{8,64}", "id of a key"]
    kind: Annotated[str, rf"{_one_of(*KINDS)}|{_ENTITY_TYPE}", "kind of an object"]
    lost: Annotated[int, "number of corrections of an earlier run that have no place in this one"]
    made_at: Annotated[str, _TIME, "when a backup was made, RFC 3339"]
    moved_from: Annotated[str, ids.RECORDING_ID, "recording that this one was before a move"]
    moved_to: Annotated[str, ids.RECORDING_ID, "recording that this one became by a move"]
    muted_share: Annotated[float, "share of a recording that is muted, 0 to 1"]
    objects: Annotated[int, "number of objects"]
    objects_deleted: Annotated[int, "number of objects deleted"]
    objects_failed: Annotated[int, "number of objects that could not be deleted"]
    objects_retained: Annotated[int, "number of objects that retention holds"]
    old_origin: Annotated[
        str, r"[A-Za-z0-9./+_-]{1,128}", "origin of the log that this log goes on from"
    ]
    part: Annotated[int, "number of a part of an upload, from 0"]
    participants: Annotated[int, "number of participants"]
    person_proof: Annotated[
        str,
        _one_of("certificate", "session"),
        "what proves the person's name, a certificate or a sign-in to the console; without it, it"
        " is the word of a machine account",
    ]
    policy: Annotated[str, ids.POLICY_NAME, "name of a policy"]
    policy_version: Annotated[str, r"[0-9a-f]{16}", "hash of a policy"]
    provider: Annotated[str, _one_of("local-file", "pkcs11"), "kind of a key provider"]
    reason: Annotated[str, _one_of(*STATUSES), "machine-readable reason of a failure"]
    redactions: Annotated[int, "number of redactions"]
    release_id: Annotated[str, ids.RELEASE_ID, "release id"]
    removal: Annotated[str, _one_of(*RemovalReason), "why a recording was removed"]
    repair: Annotated[bool, "whether repair was asked for"]
    residual_risk: Annotated[float, "estimated risk that an identifier is left, 0 to 1"]
    retention: Annotated[str, _RETENTION, "rule of retention"]
    reveal_reason: Annotated[
        str, _one_of(*RevealReason), "why somebody asked what a pseudonym stands for"
    ]
    rewrapped: Annotated[int, "number of keys wrapped again"]
    round: Annotated[int, "number of a round of quality"]
    run_key: Annotated[str, ids.RUN_KEY, "name of a run made from its inputs"]
    seconds: Annotated[int, "length of what was heard, rounded up to whole seconds"]
    seed: Annotated[str, ids.SHA256_HEX, "seed that a sample is drawn by"]
    segments: Annotated[int, "number of segments"]
    service_version: Annotated[str, r"[0-9][0-9a-z.+]{0,31}|unknown", "version of a service"]
    since: Annotated[str, _TIME, "begin of a period, RFC 3339"]
    session: Annotated[int, "number of the interview with a participant"]
    size: Annotated[
        int,
        "length of a file in bytes; of a recording the next power of two",
    ]
    stage: Annotated[
        str,
        _one_of("ingest", "transcription", "deidentification", "release"),
        "stage of a recording's processing",
    ]
    step: Annotated[int, "number of a step in the journal of a review"]
    state: Annotated[
        str,
        _one_of(*DECISIONS, *list(RevealState)[1:], "held", "free"),
        "state that an object is in",
    ]
    taken_for: Annotated[str, _one_of(*Purpose), "what a release was taken for"]
    terms: Annotated[str, ids.SHA256_HEX, "digest of the terms that were accepted"]
    threshold: Annotated[float, "residual risk, 0 to 1, below which a rule may approve"]
    unopened: Annotated[int, "number of key records that do not open"]
    until: Annotated[str, _TIME, "end of a period, RFC 3339"]
    verdict: Annotated[str, _one_of("whole", "not-whole", "not-checked"), "result of a check"]
    version: Annotated[str, r"[0-9a-f]{16}", "version"]
    window: Annotated[int, "number of a window of audio"]
    windows: Annotated[int, "number of windows of audio"]


#: Keys with one more word behind their dot, as in `field.workers`: pattern and meaning.
FAMILIES: dict[str, tuple[str, str]] = {
    "field.": (
        f"({_SETTING_DIGEST}):({_SETTING_DIGEST})",
        "digests of a setting before and after; its name follows",
    ),
}
_TAIL = re.compile(r"[a-z0-9_]{1,48}")


def _declared() -> dict[str, tuple[str, str]]:
    table = {}
    for key, hint in get_type_hints(Attributes, include_extras=True).items():
        kind, *pattern, meaning = get_args(hint)
        if kind is str:  # an empty text says that it does not apply
            table[key] = (ids.or_empty(pattern[0]), meaning)
        else:
            table[key] = (_TRUTH if kind is bool else _NUMBER, meaning)
    return table


#: Key: pattern of its whole value, and its meaning.
KEYS: dict[str, tuple[str, str]] = _declared()
_PATTERNS = {key: re.compile(pattern) for key, (pattern, _) in (*KEYS.items(), *FAMILIES.items())}


def is_declared(key: str) -> bool:
    """Return whether an entry of some event may have this key."""
    return _pattern(key) is not None


def fits(key: str, text: str) -> bool:
    """Return whether a key is declared and its value may be this text."""
    pattern = _pattern(key)
    return pattern is not None and pattern.fullmatch(text) is not None


def _pattern(key: str) -> re.Pattern[str] | None:
    head, dot, tail = key.partition(".")
    if dot:
        return _PATTERNS.get(head + dot) if _TAIL.fullmatch(tail) else None
    return _PATTERNS.get(key)


def to_text(value: object) -> str:
    """Return a value as the log holds it: truth values as true or false, shares to 4 digits."""
    if isinstance(value, float):
        return f"{value:.4f}"
    return str(value).lower() if isinstance(value, bool) else str(value)
