# SPDX-License-Identifier: Apache-2.0
"""Approves, builds, signs and exports releases; has access to the research zone only."""
