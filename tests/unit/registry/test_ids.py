# SPDX-License-Identifier: Apache-2.0
"""The contracts spell ids as the registry does."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor import FieldDescriptor

import sotto
from buf.validate import validate_pb2
from services.registry import ids

_RULES = validate_pb2.field

# What a field's name says about its form, in every message.
BY_NAME = {
    "study_id": ids.STUDY_ID,
    "participant": ids.PARTICIPANT_CODE,
    "participants": ids.PARTICIPANT_CODE,
    "recording_id": ids.RECORDING_ID,
    "release_id": ids.RELEASE_ID,
    "copy_id": ids.COPY_ID,
    "run_key": ids.RUN_KEY,
    "source_run_key": ids.RUN_KEY,
    "decided_by": ids.APPROVER,
    "corrected_by": ids.PERSON,
    "carried_from": ids.RUN_KEY,
    "policy": ids.POLICY_NAME,
    "languages": ids.LANGUAGE,
    "session_date": ids.DATE,
    "path": ids.BUNDLE_PATH,
}
# And the fields whose name says something else elsewhere.
BY_FULL_NAME = {
    "sotto.study.v1.Study.id": ids.STUDY_ID,
    "sotto.study.v1.Member.person": ids.PERSON,
    "sotto.storage.v1.Reveal.reveal_id": ids.REVEAL_ID,
    "sotto.storage.v1.Reveal.label": ids.PSEUDONYM_LABEL,
    "sotto.storage.v1.Reveal.requested_by": ids.PERSON,
    "sotto.storage.v1.Reveal.decided_by": ids.PERSON,
    "sotto.audit.v1.Event.name": ids.EVENT_NAME,
    "sotto.audit.v1.Event.reason": ids.REASON,
    "sotto.audit.v1.Event.person": ids.PERSON,
    "sotto.audit.v1.Event.role": ids.ROLE,
    "sotto.audit.v1.Event.purpose": ids.PURPOSE,
    "sotto.audit.v1.Event.caller": ids.CALLER,
    "sotto.audit.v1.Event.object": ids.OBJECT,
    "sotto.audit.v1.Event.request_id": ids.REQUEST_ID,
    "sotto.audit.v1.Event.attributes": ids.ATTRIBUTE_TEXT,
}


def string_fields() -> Iterator[tuple[FieldDescriptor, str]]:
    """Yield every field of our contracts that has a pattern, with it."""
    root = Path(next(iter(sotto.__path__)))
    for path in sorted(root.rglob("*_pb2.py")):
        name = ".".join(path.relative_to(root.parent).with_suffix("").parts)
        file = importlib.import_module(name).DESCRIPTOR
        for message in file.message_types_by_name.values():
            for field in message.fields:
                rules = field.GetOptions().Extensions[_RULES]
                for one in (rules.string, rules.repeated.items.string, rules.map.values.string):
                    if one.pattern:
                        yield field, one.pattern


def test_every_pattern_of_the_contracts_is_that_of_the_registry() -> None:
    """A field of a contract has the pattern that the registry gives for its name."""
    found = set()
    for field, pattern in string_fields():
        wanted = BY_FULL_NAME.get(field.full_name) or BY_NAME.get(field.name)
        if wanted is not None:
            spellings = {wanted, ids.or_empty(wanted), wanted.replace("{1,", "{0,")}
            assert pattern in {f"^{one}$" for one in spellings}, field.full_name
            found |= {field.name, field.full_name}
    assert {*BY_NAME, *BY_FULL_NAME} <= found


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (ids.STUDY_ID, "knee-2026", "Knee"),
        (ids.PARTICIPANT_CODE, "P07", "p07"),
        (ids.RECORDING_ID, "rec-" + "a2" * 13, "rec-" + "a1" * 13),
        (ids.RELEASE_ID, "rel-" + "a2" * 13, "rec-" + "a2" * 13),
        (ids.RUN_KEY, "0a" * 16, "0A" * 16),
        (ids.EVENT_NAME, "audit:log:read", "audit:log"),
        (ids.POLICY_NAME, "strict", "strict.yaml"),
        (ids.or_empty(ids.STUDY_ID), "", "x"),
    ],
)
def test_a_pattern_takes_its_own_and_nothing_else(pattern: str, good: str, bad: str) -> None:
    """A pattern takes a well-formed value and refuses another."""
    assert re.fullmatch(pattern, good)
    assert not re.fullmatch(pattern, bad)
