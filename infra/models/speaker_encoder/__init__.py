# SPDX-License-Identifier: Apache-2.0
"""Makes the bundled speaker encoder from published weights: offline, never imported by a service."""

from __future__ import annotations

from services.common import telemetry

# Here, as this runs before whatever loads a model, in whichever process that is.
telemetry.switch_off()
