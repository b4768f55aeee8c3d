# SPDX-License-Identifier: Apache-2.0
"""Intake of many files: which they are, what they are said to be, what is found in them."""
