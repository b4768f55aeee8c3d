# SPDX-License-Identifier: Apache-2.0
"""Sealed objects, keys and erasure; one process for each zone."""
