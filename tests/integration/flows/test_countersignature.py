# SPDX-License-Identifier: Apache-2.0
"""A policy that waits for its countersignature, from the first refusal to the work that is done."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator

import pytest

from flows import task_context
from flows.due import RecordingIds, list_pending
from flows.recording_flow import run_stages
from flows.settings import FlowSettings
from flows.stage_calls import StageCalls
from flows.task_context import TaskContext
from flows.work_board import WorkBoard
from services.common import context, identity
from services.common.client import Peers
from services.common.errors import NotReady
from services.recordings_client import redo
from services.recordings_client.stages import Stage
from services.registry import identities
from services.storage_client import chunks
from services.storage_client.catalog import CatalogClient
from services.storage_client.recordings import put_recording
from services.studies import studies
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    pending_service_pb2_grpc,
    recording_pb2,
)
from sotto.study.v1 import study_pb2
from tests.support.members import member
from tests.support.one_process import OneProcess, make_home
from tests.support.speaking import spoken

WAITS, GOES = "waits-2026", "goes-2026"
KEEP = "name: keep-all\nversion: 1\nthreshold: 0.99\ndefault: keep\nentities:\n  PERSON: keep\n"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneProcess]:
    """An installation with a study whose policy waits, and one whose policy ships."""
    home = tmp_path_factory.mktemp("waits") / "home"
    make_home(home)
    with OneProcess(home) as running:
        for study, document in ((WAITS, KEEP), (GOES, "")):
            put_study(running, study, document)
            ingest(running, study)
        yield running


def put_study(running: OneProcess, study_id: str, document: str) -> None:
    """Describe a study in both zones."""
    study = study_pb2.Study(
        id=study_id,
        title="Waiting",
        languages=["en"],
        policy="keep-all" if document else "research-default",
        policy_document=document,
        review=study_pb2.REVIEW_MODE_REQUIRED,
        participants=["P01"],
        members=[member("dr.lim")],
    )
    with running.calling(identities.OPERATOR, "it.admin") as to:
        for zone in (identities.RESEARCH, identities.CLINICAL):
            catalog_service_pb2_grpc.CatalogWriterServiceStub(to(zone)).PutStudy(
                catalog_pb2.PutStudyRequest(study=study)
            )


def ingest(running: OneProcess, study_id: str) -> None:
    """Bring in an interview in writing."""
    content = b"I: How do you sleep?\nP: Not so well, these days.\n"
    header = recording_pb2.RecordingHeader(
        study_id=study_id,
        participant="P01",
        session=1,
        kind=recording_pb2.RECORDING_KIND_TRANSCRIPT,
        file_name="interview.txt",
        size=len(content),
        content_sha256=hashlib.sha256(content).digest(),
    )
    with running.calling(identities.OPERATOR, "it.admin") as to:
        put_recording(to(identities.CLINICAL), header, chunks.of_bytes(content))


@contextlib.contextmanager
def speaking(running: OneProcess, client: str, person: str = "") -> Iterator[Peers]:
    """Call as a client, for a person or as the orchestrator."""
    peers = Peers(identity.load(running.home / "pki" / client), running.addresses)
    try:
        with context.acting(**spoken(client, person), purpose="research", request_id="t-1"):
            yield peers
    finally:
        peers.close()


def _unseen(percent: float) -> None:
    """Report progress to nobody."""


def work(running: OneProcess) -> dict[str, str]:
    """Do what is on the list of pending work, as runs do; return by study how each went."""
    settings = FlowSettings(home=running.home, addresses={"scheduler": "127.0.0.1:1"})
    stopping = threading.Event()
    done: dict[str, str] = {}
    with (
        speaking(running, identities.FLOWS) as peers,
        task_context.provided(
            TaskContext(peers, settings, stopping, WorkBoard(peers, "test-1", 1))
        ),
    ):
        calls = StageCalls(peers, stopping)

        def settle(one: RecordingIds, key: str, mark: int) -> None:
            calls.apply_review_rule(one, key)
            calls.settle(one, mark)

        stub = pending_service_pb2_grpc.PendingServiceStub(peers.channel(identities.CLINICAL))
        for due in list(list_pending(stub)):
            try:
                run_stages(
                    due,
                    transcribe=lambda one: calls.transcribe(one, _unseen),
                    deidentify=lambda one, key: calls.deidentify(one, key, _unseen),
                    apply_review_rule=settle,
                )
            except NotReady as error:
                done[due.study_id] = error.reason
            else:
                done[due.study_id] = "done"
    return done


def states(running: OneProcess, zone: str) -> dict[str, catalog_pb2.RecordingState]:
    """Return the recording of each study as a zone lists it."""
    with running.calling(identities.OPERATOR, "it.admin") as to:
        return {one.ref.study_id: one for one in CatalogClient(to(zone)).recordings()}


class TestCountersignature:
    """What waits for a compliance officer holds up nothing else, and goes on after the word."""

    def test_whole_way(self, installation: OneProcess) -> None:
        """Refused, told, passed by, countersigned, taken up again by itself, done."""
        assert work(installation) == {WAITS: "not_countersigned", GOES: "done"}
        assert work(installation) == {}
        failure = states(installation, identities.CLINICAL)[WAITS].failure
        assert (failure.stage, failure.reason) == ("deidentification", "FAILED_PRECONDITION")
        assert f"sotto study countersign {WAITS}" in failure.message
        assert WAITS not in states(installation, identities.RESEARCH)
        with speaking(installation, identities.OPERATOR, "it.admin") as peers:
            [due] = redo.find_due(peers)
            assert (due.recording.study_id, due.stage) == (WAITS, Stage.DEIDENTIFICATION)
            redo.mark(peers, due)
        assert work(installation) == {WAITS: "not_countersigned"}
        with speaking(installation, identities.COMPLIANCE, "puan.aishah") as peers:
            study, _ = studies.countersignatures(peers, WAITS)
            assert not studies.countersign(peers, WAITS, studies.validate(peers, study).digest)
        assert work(installation) == {WAITS: "done"}
        with speaking(installation, identities.OPERATOR, "it.admin") as peers:
            assert redo.find_due(peers) == []
        assert len(states(installation, identities.RESEARCH)[WAITS].transcripts) == 1
