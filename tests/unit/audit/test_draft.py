# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.domain.attributes import ATTRIBUTE_KEYS, NUMBERS
from services.audit.domain.draft import Draft
from services.audit.domain.entry import Event, Outcome, Phase, decode, encode, format_time
from services.audit.errors import InvalidFormat
from tests.support.audit_events import fact

WORDS = sorted(key for key in ATTRIBUTE_KEYS if not key.endswith(".") and key not in NUMBERS)


def _text(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(pattern, fullmatch=True)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Events that may enter the log, of all three phases."""
    phase = draw(st.sampled_from(Phase))
    done = st.sampled_from([Outcome.SUCCESS, Outcome.FAILURE, Outcome.DENIED])
    return Event(
        name=draw(_text(r"[a-z_]{1,9}:[a-z_]{1,9}:[a-z_]{1,9}")),
        phase=phase,
        outcome=Outcome.UNKNOWN if phase is Phase.INTENT else draw(done),
        intent_index=draw(st.integers(0, 2**53 - 1)) if phase is Phase.OUTCOME else None,
        reason=draw(_text(r"[A-Za-z0-9_.:-]{0,64}")),
        person=draw(_text(r"[A-Za-z0-9_.@+-]{0,64}")),
        role=draw(_text(r"[a-z_-]{0,32}")),
        purpose=draw(_text(r"[a-z_-]{0,32}")),
        caller=draw(_text(r"[a-z0-9.-]{0,64}")),
        object=draw(_text(r"[A-Za-z0-9_./:-]{0,99}")),
        study_id=draw(_text(r"([a-z0-9][a-z0-9-]{1,38})?")),
        participant=draw(_text(r"([A-Z0-9][A-Z0-9-]{0,15})?")),
        zone=draw(st.sampled_from(["", "clinical", "research"])),
        request_id=draw(_text(r"[a-z0-9-]{0,64}")),
        attributes={
            **draw(st.dictionaries(st.sampled_from(WORDS), _text(r"[A-Za-z0-9_.,:;/+=@-]{0,40}"))),
            **draw(st.dictionaries(st.sampled_from(sorted(NUMBERS)), _text(r"-?[0-9]{1,20}"))),
        },
    )


class TestDraft:
    """The quick way to an entry's bytes is the canonical one."""

    @given(events(), st.integers(0, 2**53 - 1), st.integers(0, 4_000_000_000_000_000))
    def test_gives_what_encode_gives(self, event: Event, index: int, moment: int) -> None:
        """For every event that may enter, byte for byte, and it reads back."""
        time = format_time(moment)
        leaf = Draft(event, "storage-clinical").at(index, time.encode())
        assert leaf == encode(event, index, time, "storage-clinical")
        assert decode(leaf).event == event

    def test_refuses_what_may_not_enter(self) -> None:
        """No draft is made of an unsound event, a strange service or one that is too large."""
        with pytest.raises(InvalidFormat, match="participant"):
            Draft(fact(participant="Siti Aminah"), "storage-clinical")
        with pytest.raises(InvalidFormat, match="service"):
            Draft(fact(), 'audit","v":2')
        many = {f"count.{'x' * 60}{n}": "1" * 20 for n in range(1000)}
        with pytest.raises(InvalidFormat, match="65,535"):
            Draft(fact(attributes=many), "storage-clinical")
