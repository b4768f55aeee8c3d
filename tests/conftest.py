# SPDX-License-Identifier: Apache-2.0
"""What holds for every test: a busy machine is no defect, so Hypothesis looks at no clock; and
recordings are heard by a small model.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from tests.support import speech_model

settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# No speech model ships; a test that means to have none takes the setting away.
os.environ.setdefault(speech_model.SETTING, str(speech_model.DEMO_FOLDER))
