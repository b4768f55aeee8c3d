# SPDX-License-Identifier: Apache-2.0
"""Where the domain meets ffmpeg, faster-whisper, sealed files and foreign transcript formats."""

from __future__ import annotations

import os

# Before anything imports huggingface_hub, which reads this once: nothing may look outside. Here,
# because this runs before every adapter, in whatever order they are imported.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
