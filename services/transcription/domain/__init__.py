# SPDX-License-Identifier: Apache-2.0
"""Transcription as such: what to hear, who spoke, how far to trust it; no transport, no engine."""
