# SPDX-License-Identifier: Apache-2.0
"""Hypothesis without clocks: the machine that runs the tests may be slow."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "release", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("release")
