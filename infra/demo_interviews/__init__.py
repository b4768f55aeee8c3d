# SPDX-License-Identifier: Apache-2.0
"""Renders the sample interviews of the demonstration from their scripts."""
