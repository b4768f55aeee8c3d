# SPDX-License-Identifier: Apache-2.0
"""What holds for every test: a busy machine is no defect, so Hypothesis looks at no clock."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")
