# SPDX-License-Identifier: Apache-2.0
"""What the word probabilities of each model are worth, from `word_doubts.json`.

`infra/models/word_doubts` makes that file, and says how.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from services.common.errors import Internal
from services.common.records import Record
from services.transcription.domain.word_doubts import WordCalibration

_TABLE = Path(__file__).parents[1] / "word_doubts.json"
_Share = Annotated[float, Field(ge=0, le=1)]
_Count = Annotated[int, Field(ge=0)]


class _Fitted(Record):
    """The logistic regression, and what it was fitted on."""

    words: _Count
    wrong: _Count
    intercept: float
    slope: float


class _Measured(Record):
    """What the marks are worth on talk that the regression has not seen."""

    words: _Count
    wrong: _Count
    auc: _Share
    found: _Share
    marked: _Share
    right: _Share


class _Calibration(Record):
    name: str
    below: _Share
    fitted: _Fitted
    measured: _Measured


class _Table(Record):
    """Calibrations by the name of a model; the last one is for all that have none."""

    format: Literal["sotto word doubts 1"]
    least_error: _Share
    models: tuple[_Calibration, ...]


def word_calibration(known: str) -> WordCalibration:
    """Return what is known of a model by the name that its files are known by, or of others."""
    table = _table().models
    found = next((one for one in table if one.name == known), table[-1])
    return WordCalibration(found.name, found.below)


@functools.cache
def _table() -> _Table:
    return _Table.parse(_TABLE.read_bytes(), _TABLE.name, Internal, canonical=False)
