# SPDX-License-Identifier: Apache-2.0
"""Approvals of version 0.1, which had no reviews: those of a person still count."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.common.records import RunKey
from services.storage.domain.stored_record import StoredRecord

_BY_POLICY = "policy:"


class Approval(StoredRecord):
    """The approval of a run by a person, or by a policy."""

    format: Literal["sotto approval 1"] = "sotto approval 1"
    run_key: RunKey = Field(alias="run")
    approver: str
    time: str

    @property
    def counts(self) -> bool:
        """Whether it was a person's; policies approved whatever the residual risk was."""
        return not self.approver.startswith(_BY_POLICY)

    @classmethod
    def decode(cls, data: bytes, run_key: str) -> Approval:
        """Read an approval that must belong to this run; raises `DataCorrupted`."""
        return cls.read(data, f"approval of run {run_key}", run_key=run_key)
