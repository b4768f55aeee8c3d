# SPDX-License-Identifier: Apache-2.0
"""No deadlines for examples: a busy machine is no defect."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
