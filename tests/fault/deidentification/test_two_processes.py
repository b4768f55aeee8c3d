# SPDX-License-Identifier: Apache-2.0
"""Two processes of the service at work on one study. Slow: each of them loads the engine."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.common import identity
from services.common.client import Peers
from services.deidentification.adapters.presidio import PresidioDetector
from services.deidentification.domain.policy import load
from services.deidentification.domain.study import RecordingRef
from services.deidentification.domain.transcript import Transcript, Turn
from services.deidentification.engine_factory import make_engine
from services.registry.identities import AUDIT, CLINICAL, DEIDENTIFICATION, RESEARCH
from services.registry.processes import instance_name
from sotto.deidentification.v1 import deidentification_pb2, deidentification_service_pb2_grpc
from tests.support import deidentification_zones, transcription_service
from tests.support.deidentification_zones import TwoZones
from tests.support.deployment import ROOT, wait_for_address

pytestmark = pytest.mark.timeout(600)

DOCTORS = ("Tan", "Wong", "Lim", "Ravi", "Faizal", "Kumar", "Halimah", "Ong")


def talk(first: int) -> tuple[tuple[str, str], ...]:
    """An interview that names all doctors, beginning with another one, and two hospitals."""
    names = DOCTORS[first:] + DOCTORS[:first]
    lines = [f"Dr {name} came, and then Dr {name} left again." for name in names]
    places = ("Hospital Permai", "Hospital Seremban")
    lines += [f"That was at {place}." for place in (places if first % 2 else places[::-1])]
    return tuple(("participant", line) for line in lines)


class ServiceProcess:
    """The de-identification service as a process of its own, with a number."""

    def __init__(self, deployment: TwoZones, audit: str, number: int) -> None:
        home = deployment.clinical.home
        (home / "run").mkdir(mode=0o700, exist_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "services.deidentification"],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}",
                "SOTTO_HOME": str(home),
                "SOTTO_INSTANCE": str(number),
                "SOTTO_NEURAL": "false",
                "SOTTO_DEIDENTIFICATION_PARALLEL": "2",
                "SOTTO_ADDRESSES": (
                    f'{{"{AUDIT}": "{audit}",'
                    f' "{CLINICAL}": "127.0.0.1:{deployment.clinical.port}",'
                    f' "{RESEARCH}": "127.0.0.1:{deployment.research.port}"}}'
                ),
            },
            stderr=subprocess.DEVNULL,
        )
        name = instance_name(DEIDENTIFICATION, number)
        address = wait_for_address(home, name, self._process, seconds=300)
        self._peers = Peers(identity.load(home / "pki" / "flows"), {DEIDENTIFICATION: address})

    def deidentify(self, ref: RecordingRef) -> deidentification_pb2.DeidentifyResult:
        """Work to the end."""
        channel = self._peers.channel(DEIDENTIFICATION)
        stub = deidentification_service_pb2_grpc.DeidentificationServiceStub(channel)
        request = deidentification_pb2.DeidentifyRequest(ref=TwoZones.message(ref))
        *_, last = stub.Deidentify(request)
        return last.result

    def stop(self) -> None:
        """Stop it."""
        self._peers.close()
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[TwoZones]:
    """Both zones."""
    running = deidentification_zones.start(tmp_path, PresidioDetector())
    yield running
    running.stop()


def test_no_label_is_given_twice(deployment: TwoZones) -> None:
    """Two processes de-identify transcripts of one study at once: all end, each label is that of
    one person or place, and a rerun of each ends with the same text.
    """
    refs = [
        deployment.transcribed(participant, talk(first))
        for participant, first in zip(itertools.cycle(("P07", "P08")), range(6), strict=False)
    ]
    audit = transcription_service.start_audit(deployment.clinical.home)
    workers: list[ServiceProcess] = []
    try:
        workers += [ServiceProcess(deployment, audit.address, number) for number in (1, 2)]
        with ThreadPoolExecutor(len(refs)) as pool:
            pairs = zip(itertools.cycle(workers), refs, strict=False)
            results = list(pool.map(lambda pair: pair[0].deidentify(pair[1]), pairs))
        again = [workers[0].deidentify(ref) for ref in refs]
    finally:
        for worker in workers:
            worker.stop()
        audit.stop()
    assert not any(result.existed for result in results)
    assert [(one.existed, one.run_key) for one in again] == [(True, one.run_key) for one in results]

    entries = deployment.vault("P07").study.entries
    labels = [entry.label for entry in entries]
    assert len(set(labels)) == len(labels) == len(DOCTORS) + 2
    forms = [form for entry in entries for form in entry.forms]
    assert len(set(forms)) == len(forms)

    engine = make_engine(load("research-default"), deployment.detector)
    for ref, first in zip(refs, range(6), strict=True):
        turns = tuple(Turn(text, "S1", role) for role, text in talk(first))
        transcript = Transcript(turns, ref.participant)
        made = engine.deidentify(transcript, deployment.vault(ref.participant))
        assert list(made.texts) == deployment.texts(ref)
        assert made.vault == deployment.vault(ref.participant)
