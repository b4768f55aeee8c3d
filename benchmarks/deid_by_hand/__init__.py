# SPDX-License-Identifier: Apache-2.0
"""Interviews written and marked by hand, apart from the templates and the generator."""
