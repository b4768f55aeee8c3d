# SPDX-License-Identifier: Apache-2.0
"""Compares transcripts with references: `sotto transcribe evaluate`."""
