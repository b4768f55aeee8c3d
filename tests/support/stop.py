# SPDX-License-Identifier: Apache-2.0
"""Stops code between two of its steps, as a kill would."""

from __future__ import annotations

import pytest


class Stopped(BaseException):
    """Stands for a kill: nothing of ours catches it."""


def stop_before(monkeypatch: pytest.MonkeyPatch, owner: object, method: str, call: int) -> None:
    """End everything just before a method is called for the n-th time."""
    real = getattr(owner, method)
    calls = iter(range(1, 1000))

    def counted(*args: object, **more: object) -> object:
        if next(calls) == call:
            raise Stopped
        return real(*args, **more)

    monkeypatch.setattr(owner, method, counted)
