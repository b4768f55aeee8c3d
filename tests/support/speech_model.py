# SPDX-License-Identifier: Apache-2.0
"""The speech model of the tests: so small that it knows a few recordings alone, by heart."""

from __future__ import annotations

from pathlib import Path

DEMO_FOLDER = Path(__file__).parents[1] / "data" / "demo_speech_model"
SETTING = "SOTTO_SPEECH_MODEL"
"""Names it to a process, which has none otherwise."""
