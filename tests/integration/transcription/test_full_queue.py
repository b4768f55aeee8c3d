# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from prefect.states import Failed

from flows import task_context
from flows.due import RecordingIds
from flows.recording_flow import is_retryable
from flows.settings import FlowSettings
from flows.stage_calls import StageCalls
from flows.task_context import TaskContext
from flows.work_board import WorkBoard
from services.common import identity
from services.common.client import Peers
from services.common.errors import Exhausted
from services.common.rooms import UNDER_WAY_FOR_EACH_SERVED
from services.registry.identities import FLOWS, TRANSCRIPTION
from services.transcription import wiring
from services.transcription.domain.waiting_line import WaitingLine
from tests.support import transcription_service

SERVED = 2
MOST = SERVED * UNDER_WAY_FOR_EACH_SERVED


def test_full_queue_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls of a flow beyond those that may wait end with RESOURCE_EXHAUSTED, which a flow retries;
    those that waited are served, and the next try is as well.

    Over one connection gRPC lets no more calls out than the server takes, so there are two.
    """
    line = WaitingLine(1)
    monkeypatch.setattr(wiring, "WaitingLine", lambda _parallel: line)
    deployment = transcription_service.start(tmp_path / "home", workers=SERVED)
    ref = deployment.upload(b"I: How are you?\nP: Better.\n", media=False, name="talk.txt")
    recording = RecordingIds(ref.study_id, ref.participant, ref.recording_id)
    unused: Any = None
    with ExitStack() as stack:
        stack.callback(deployment.stop)
        flows = []
        for _ in range(2):
            shown = identity.load(tmp_path / "home/pki" / FLOWS)
            peers = Peers(shown, {TRANSCRIPTION: f"127.0.0.1:{deployment.port}"})
            stack.callback(peers.close)
            flows.append(StageCalls(peers, threading.Event()))
        context = TaskContext(
            peers, FlowSettings(home=tmp_path), threading.Event(), WorkBoard(peers, "test-1", 1)
        )
        stack.enter_context(task_context.provided(context))
        pool = stack.enter_context(ThreadPoolExecutor(2 * MOST))

        with line.join():  # nobody behind it has their turn
            calls: list[Future[str]] = [
                pool.submit(flow.transcribe, recording, lambda _progress: None)
                for flow in flows
                for _ in range(MOST)
            ]
            ended = wait(calls, 60, FIRST_COMPLETED).done
            errors = [call.exception() for call in ended]
        keys = {call.result() for call in calls if not isinstance(call.exception(), Exhausted)}

        assert ended
        for error in errors:
            assert isinstance(error, Exhausted)
            assert (error.status, error.reason) == ("RESOURCE_EXHAUSTED", "too_many_calls")
            state: Any = Failed(data=error)
            assert is_retryable(unused, unused, state)
        assert sum(call.exception() is None for call in calls) >= MOST
        assert keys == {flows[0].transcribe(recording, lambda _progress: None)}
    denied = [one.reason for one in deployment.log.events if one.name == "access:call:denied"]
    assert set(denied) == {"too_many_calls"}
