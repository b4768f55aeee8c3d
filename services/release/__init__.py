# SPDX-License-Identifier: Apache-2.0
"""Approval, building, signing and export of releases, in the research zone alone."""
