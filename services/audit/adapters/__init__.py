# SPDX-License-Identifier: Apache-2.0
"""What the audit log stands on: databases, key files, exported folders."""
