# SPDX-License-Identifier: Apache-2.0
"""Switches that keep libraries from reporting to their makers."""

from __future__ import annotations

import os
from collections.abc import Mapping

#: Variables by which libraries are told; they are read when a library is imported.
OFF: Mapping[str, str] = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}


def switch_off() -> None:
    """Switch telemetry off in this process and those that it starts; before other imports."""
    os.environ.update(OFF)
