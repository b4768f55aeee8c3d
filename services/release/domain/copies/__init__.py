# SPDX-License-Identifier: Apache-2.0
"""Copies of releases that people took: on which terms, and what concerns them since."""
