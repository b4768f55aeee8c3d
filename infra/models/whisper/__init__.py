# SPDX-License-Identifier: Apache-2.0
"""Trains the demo model: scripts to speech, speech to a small Whisper, Whisper to CTranslate2."""

from __future__ import annotations

from services.common import telemetry

# Here, as this runs before whatever loads a model, in whichever process that is.
telemetry.switch_off()
