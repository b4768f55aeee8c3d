# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common import context
from services.common.context import CallContext

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class TestMetadata:
    @unhurried
    @given(
        person=st.from_regex(r"[A-Za-z0-9_.@+-]{0,64}", fullmatch=True),
        role=st.from_regex(r"[a-z_-]{0,32}", fullmatch=True),
        request_id=st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True),
    )
    def test_survives_the_way(self, person: str, role: str, request_id: str) -> None:
        """What a caller says arrives as it was said; the caller's own name never does."""
        sent = CallContext(person=person, role=role, request_id=request_id, caller="operator")
        received = CallContext.from_metadata(sent.to_metadata(), "flows")

        assert received == CallContext(
            person=person, role=role, request_id=request_id, caller="flows"
        )

    @unhurried
    @given(st.text(), st.sampled_from(["person", "role", "purpose", "request-id"]))
    def test_anything_else_is_refused_by_name(self, value: str, field: str) -> None:
        """A value is taken whole or refused with the field's name; never anything else."""
        try:
            context.CallContext.from_metadata([(f"sotto-{field}", value)], "flows")
        except ValueError as error:
            assert str(error) == f"metadata sotto-{field} is malformed"  # noqa: PT017 - one of two outcomes of the same text

    @pytest.mark.parametrize("value", ["dr lim", "a" * 65, "lim\n", "<b>", b"lim", "\u0661"])
    def test_malformed_person(self, value: str | bytes) -> None:
        """Spaces, markup, line ends, bytes and foreign digits are no account name."""
        with pytest.raises(ValueError, match="sotto-person"):
            CallContext.from_metadata([("sotto-person", value)], "flows")

    def test_request_gets_an_id(self) -> None:
        """A request without an id, or with an empty one, is given one."""
        assert len(CallContext.from_metadata([], "flows").request_id) == 16
        assert CallContext.from_metadata([("sotto-request-id", "")], "flows").request_id

    def test_field_given_twice_is_refused(self) -> None:
        """Two persons for one call: nobody can say which is meant."""
        with pytest.raises(ValueError, match="sotto-person"):
            CallContext.from_metadata([("sotto-person", "lim"), ("sotto-person", "nur")], "flows")

    def test_other_metadata_is_left_alone(self) -> None:
        """Metadata of the transport and of others does not disturb."""
        call = CallContext.from_metadata([("user-agent", "x"), ("sotto-other", " ")], "flows")

        assert call.person == ""

    def test_caller_cannot_be_said(self) -> None:
        """The client's name comes from its certificate; metadata cannot replace it."""
        call = CallContext.from_metadata([("sotto-caller", "operator")], "flows")

        assert call.caller == "flows"


class TestCurrent:
    def test_changes_end_with_the_block(self) -> None:
        """Acting under a changed context ends where the block ends, whatever happens in it."""
        with context.acting(person="lim", request_id="r"):
            with contextlib.suppress(KeyError), context.acting(role="reviewer"):
                assert context.current() == CallContext(
                    person="lim", role="reviewer", request_id="r"
                )
                raise KeyError
            assert context.current().role == ""

        assert context.current().person == ""

    def test_is_not_shared_between_threads(self) -> None:
        """A thread of its own does not act for somebody else's person."""
        seen: list[str] = []
        with context.acting(person="lim"):
            thread = threading.Thread(target=lambda: seen.append(context.current().person))
            thread.start()
            thread.join()

        assert seen == [""]
