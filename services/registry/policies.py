# SPDX-License-Identifier: Apache-2.0
"""The policies that ship. Their names are taken: no study's own policy may bear one."""

from __future__ import annotations

SHIPPED = ("research-default", "safe-harbor")
