# SPDX-License-Identifier: Apache-2.0
"""Runs that die in the middle, and runs of one study at the same time."""

from __future__ import annotations

import threading
from typing import Any, cast

import grpc
import pytest

from services.common.errors import Unavailable
from services.deidentification.adapters.zones import ResearchRun, Zones
from services.deidentification.domain.study import RecordingRef
from tests.support.deidentification_zones import (
    TwoZones,
    outcome,
)


class Dying(Zones):
    """Zones whose research side dies after some windows."""

    alive = 1

    def run(self, ref: RecordingRef, key: str, source: Any) -> Any:
        """A run that writes `alive` windows and no more."""
        run = super().run(ref, key, source)
        write = run.write

        def dying(window: int, first: int, lines: Any) -> None:
            if window >= self.alive:
                raise Unavailable("power cut")
            write(window, first, lines)

        run.write = dying  # type: ignore[method-assign]
        assert isinstance(run, ResearchRun)
        return run


class TestDeath:
    """A stage can die at any moment."""

    @pytest.mark.parametrize("alive", [0, 1, 2])
    def test_rerun_ends_as_if_nothing_had_been(self, deployment: TwoZones, alive: int) -> None:
        """Windows written before and after the cut fit together; nothing shows before the
        manifest.
        """
        ref = deployment.transcribed("P07")
        zones = Dying(
            cast(grpc.Channel, deployment.clinical.channel("deidentification")),
            cast(grpc.Channel, deployment.research.channel("deidentification")),
        )
        zones.alive = alive
        with pytest.raises(Unavailable):
            outcome(deployment.runner(zones), ref)
        with pytest.raises(Exception, match=r"\w"):
            deployment.released(ref)
        done = outcome(deployment.runner(), ref)
        assert not done.existed
        assert deployment.texts(ref)[1].startswith("My name is [P07].")


class TestTogether:
    """Transcripts of one study at the same time."""

    def test_no_label_for_two_people(self, deployment: TwoZones) -> None:
        """Two processes name staff at once: every label of the study stands for one person."""
        refs = [
            deployment.transcribed(
                p, (("participant", f"Dr {a} and Dr {b} and Sister Devi came."),)
            )
            for p, a, b in (("P07", "Tan", "Wong"), ("P08", "Lim", "Tan"))
        ]
        faults: list[BaseException] = []

        def work(ref: RecordingRef) -> None:
            try:
                outcome(deployment.runner(), ref)  # a runner each: no lock in common
            except BaseException as error:  # noqa: BLE001 - handed to the test
                faults.append(error)

        threads = [threading.Thread(target=work, args=(ref,)) for ref in refs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        entries = deployment.vault("P07").study.entries
        labels = [e.label for e in entries]
        assert len(labels) == len(set(labels)) == 4
        by_name = {e.forms[0]: e.label for e in entries}
        assert set(by_name) == {("tan",), ("wong",), ("lim",), ("devi",)}
        assert by_name["tan",] in deployment.texts(refs[0])[0]
        assert by_name["tan",] in deployment.texts(refs[1])[0]
