# SPDX-License-Identifier: Apache-2.0
"""Copies of an installation: made while it runs, checked, and put back on an empty machine."""
