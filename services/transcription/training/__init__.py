# SPDX-License-Identifier: Apache-2.0
"""Makes the demo model: scripts to voices, voices to a small Whisper, Whisper to CTranslate2."""
