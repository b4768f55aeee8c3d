# SPDX-License-Identifier: Apache-2.0
"""The services that clients call, as the tests of flows have them."""

from __future__ import annotations

from tests.unit.flows.conftest import _running, services

__all__ = ["_running", "services"]
