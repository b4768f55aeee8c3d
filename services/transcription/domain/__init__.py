# SPDX-License-Identifier: Apache-2.0
"""Transcription without transport and engine: segments, speakers, evidence, runs."""
