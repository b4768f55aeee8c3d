# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import PermissionDenied
from services.common.study_limits import OutsideOfSession, StudyLimit, studies_in
from sotto.audit.v1 import entry_pb2
from sotto.release.v1 import review_pb2
from sotto.storage.v1 import catalog_pb2, pending_pb2, recording_pb2
from sotto.study.v1 import study_pb2

LIST = "/sotto.storage.v1.CatalogReaderService/ListRecordings"


def _recording(study_id: str) -> catalog_pb2.RecordingState:
    return catalog_pb2.RecordingState(ref=recording_pb2.RecordingRef(study_id=study_id))


class TestStudiesIn:
    @pytest.mark.parametrize(
        ("message", "found"),
        [
            (catalog_pb2.GetStudyRequest(study_id="s1"), ["s1"]),
            (catalog_pb2.PutStudyRequest(study=study_pb2.Study(id="s1", title="x")), ["s1"]),
            (catalog_pb2.ListStudiesResponse(study_ids=["s1", "s2"]), ["s1", "s2"]),
            (review_pb2.GetReviewRequest(ref=recording_pb2.RecordingRef(study_id="s1")), ["s1"]),
            (entry_pb2.ListEntriesRequest(filter=entry_pb2.EntryFilter(study_id="s1")), ["s1"]),
            (entry_pb2.Event(study_id="s1", attributes={"asked_study": "s2"}), ["s1", "s2"]),
            (entry_pb2.Event(attributes={"count": "2"}), []),
            (catalog_pb2.ListRecordingsRequest(), []),
        ],
    )
    def test_finds_each_at_any_depth(self, message: Message, found: list[str]) -> None:
        """Ids of studies are told by the names of fields."""
        assert sorted(studies_in(message)) == found


class TestStudyLimit:
    @given(
        own=st.sets(st.sampled_from(["s1", "s2", "s3"]), min_size=1),
        listed=st.lists(st.sampled_from(["s0", "s1", "s2", "s3", "s4"]), max_size=12),
    )
    def test_leaves_others_out(self, own: set[str], listed: list[str]) -> None:
        """Exactly what is of the session's studies is left of a list, in its order."""
        answer = catalog_pb2.ListRecordingsResponse(
            recordings=map(_recording, listed), next_page_token="more"
        )
        before = answer.SerializeToString()

        kept = StudyLimit(LIST, own).limited(answer)

        assert [one.ref.study_id for one in kept.recordings] == [
            one for one in listed if one in own
        ]
        assert kept.next_page_token == "more"
        assert answer.SerializeToString() == before  # whoever made it may use it again

    def test_leaves_out_ids_and_entries(self) -> None:
        """Bare ids are limited, and entries of the log with what they asked for."""
        limit = StudyLimit(LIST, ["s1"])
        ids = catalog_pb2.ListStudiesResponse(study_ids=["s1", "s2"])
        assert list(limit.limited(ids).study_ids) == ["s1"]
        events = [
            entry_pb2.Event(study_id="s1"),
            entry_pb2.Event(study_id="s2"),
            entry_pb2.Event(attributes={"asked_study": "s2"}),
            entry_pb2.Event(name="service:process:started"),
        ]
        entries = [entry_pb2.Entry(index=at, event=one) for at, one in enumerate(events)]
        kept = limit.limited(entry_pb2.ListEntriesResponse(entries=entries))
        assert [one.index for one in kept.entries] == [0, 3]

    def test_an_answer_of_another_is_none(self) -> None:
        """What is itself of another study is like a missing one."""
        answer = catalog_pb2.GetRecordingStateResponse(state=_recording("s2"))
        with pytest.raises(OutsideOfSession):
            StudyLimit(LIST, ["s1"]).limited(answer)

    def test_a_request_for_all_needs_an_answer_that_can_be_limited(self) -> None:
        """What acts on all studies where none is named is refused, and a list is not."""
        mark = StudyLimit("/sotto.storage.v1.PendingService/MarkPending", ["s1"])
        with pytest.raises(PermissionDenied, match="concerns all studies"):
            mark.check(pending_pb2.MarkPendingRequest())
        mark.check(pending_pb2.MarkPendingRequest(study_id="s1"))
        with pytest.raises(OutsideOfSession):
            mark.check(pending_pb2.MarkPendingRequest(study_id="s2"))
        StudyLimit(LIST, ["s1"]).check(catalog_pb2.ListRecordingsRequest())

    @pytest.mark.parametrize(
        "method",
        [
            "sotto.audit.v1.AuditQueryService/ExportEntries",
            "sotto.storage.v1.StoreAdminService/RotateZoneKey",
        ],
    )
    def test_what_concerns_the_installation_is_refused(self, method: str) -> None:
        """A session for some studies exports no log and re-keys no store."""
        with pytest.raises(PermissionDenied) as caught:
            StudyLimit(method, ["s1"]).check(entry_pb2.ExportEntriesRequest())
        assert caught.value.reason == "studies_limited"
