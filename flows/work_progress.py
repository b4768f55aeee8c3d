# SPDX-License-Identifier: Apache-2.0
"""How far the recordings are that runs hold: what is done, how long still, the place in the line.

It is for show: nothing waits for it, and where the scheduler does not answer there is none. It
is in percent, since the flows do not learn how long a recording is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from flows import work_queue
from flows.prefect_api import PrefectApi
from flows.settings import prefect_environment, settings_of
from services.common.errors import SottoError
from services.recordings_client.stages import Stage, StageProgress, progress_key

if TYPE_CHECKING:
    from services.common.installation import Installation

_DOING = {Stage.TRANSCRIPTION: "transcribing", Stage.DEIDENTIFICATION: "de-identifying"}


@dataclass(frozen=True, slots=True)
class WorkProgress:
    """How far a recording is.

    `stage` is empty, and `percent` 0, while it waits, and between stages; `seconds_left`, those of
    the stage, is None where no pace is known; `before` is how many have their turn first.
    """

    stage: str = ""
    percent: float = 0.0
    seconds_left: int | None = None
    before: int = 0

    @property
    def label(self) -> str:
        """What people read of it, such as "transcribing 45 %, about 2 min left"."""
        if self.before:
            return f"waiting, {self.before} before it"
        if not self.stage:
            return "in progress"
        told = f"{_DOING[Stage(self.stage)]} {self.percent:.0f} %"
        if self.seconds_left is None:
            return told
        return f"{told}, about {work_queue.duration(self.seconds_left)} left"

    def as_record(self) -> dict[str, object]:
        """Return it as programs read it."""
        return asdict(self)


def read(installation: Installation) -> dict[str, WorkProgress]:
    """Return how far each recording is that a run holds, by its id."""
    try:
        api = PrefectApi(prefect_environment(settings_of(installation)))
        places = work_queue.places(api)
        stages = api.progress() if places else {}
    except SottoError:
        return {}
    return {one: _progress(one, before, stages) for one, before in places.items()}


def _progress(recording_id: str, before: int, stages: Mapping[str, StageProgress]) -> WorkProgress:
    if before:
        return WorkProgress(before=before)
    for stage in reversed(_DOING):
        found = stages.get(progress_key(recording_id, stage))
        # What is at its end may be of an earlier run.
        if found is not None and found.percent < 100.0:
            return WorkProgress(stage, found.percent, found.seconds_left, found.before)
    return WorkProgress()
