# SPDX-License-Identifier: Apache-2.0
"""Singling out: how many people fit all that an interview says of its participant."""
