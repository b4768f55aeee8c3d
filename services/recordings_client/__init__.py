# SPDX-License-Identifier: Apache-2.0
"""Recordings for command and console: their states, what is due, removals, what is known."""
