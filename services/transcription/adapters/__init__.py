# SPDX-License-Identifier: Apache-2.0
"""Adapters to ffmpeg, faster-whisper, the clinical zone and transcript formats."""

from __future__ import annotations

import os

from services.common import telemetry

# Before anything imports huggingface_hub, which reads this once: nothing may use the network. It is
# here because this runs before every adapter, in whatever order they are imported.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
telemetry.switch_off()
