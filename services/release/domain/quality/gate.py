# SPDX-License-Identifier: Apache-2.0
"""What a study asks of a round of quality before its transcripts may be released."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from services.common.records import Count, Record

Share = Annotated[float, Field(ge=0, le=1)]
#: Below so many marked places, agreement of two readers says nothing; it is stated and not judged.
FEWEST_MARKS = 5


class Gate(Record):
    """The gate of a study.

    `bound` is the largest share of segments with something missed that may be left, at the level
    `alpha`; with `sample` instead, so many are drawn, and the bound is stated and not judged.
    `second_reader` is the share of passages that a second person reads, `planted` how many items
    are planted for a reader, of which the share `detection` must be found, `agreement` the least F1
    of overlapping marks. `other_signer`: whoever signs has read nothing of the sample.
    """

    bound: Share | None = None
    sample: Count | None = None
    alpha: Annotated[float, Field(ge=0.0001, le=0.5)]
    second_reader: Share
    planted: Count
    detection: Share
    agreement: Share
    other_signer: bool

    @model_validator(mode="after")
    def _says_how_much(self) -> Self:
        if (self.bound is None) is (self.sample is None):
            raise ValueError("say either a bound or the size of a sample")
        return self
