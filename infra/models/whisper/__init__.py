# SPDX-License-Identifier: Apache-2.0
"""Trains the demo model: scripts to speech, speech to a small Whisper, Whisper to CTranslate2."""
