# SPDX-License-Identifier: Apache-2.0
"""Presidio, the neural tagger and storage, behind the ports of the domain."""

from __future__ import annotations

from services.common import telemetry

# Here, as this runs before whatever loads a model, in whichever process that is.
telemetry.switch_off()
