# SPDX-License-Identifier: Apache-2.0
"""Adapters of the audit log: databases, key files, anchors, copies and exports."""
