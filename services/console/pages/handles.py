# SPDX-License-Identifier: Apache-2.0
"""The handles of a visit's session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from services.console.domain.handles import Handles
from services.console.errors import SignInNeeded
from services.console.web.visit import Visit


def keep(visit: Visit, values: Mapping[str, str]) -> str:
    """Keep values for the session and return the handle that stands for them in an address."""
    return _handles(visit).keep(_session(visit), values)


def read(visit: Visit, handle: str) -> Mapping[str, str]:
    """Return what a handle stands for; raises NotFound."""
    return _handles(visit).read(_session(visit), handle)


def _handles(visit: Visit) -> Handles:
    return cast("Handles", visit.request.app.state.handles)


def _session(visit: Visit) -> str:
    if visit.session is None:
        raise SignInNeeded("/")
    return visit.session.handle
