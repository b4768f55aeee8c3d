# SPDX-License-Identifier: Apache-2.0
"""The running services, shared with the integration tests."""

from __future__ import annotations

from tests.integration.release.conftest import house

__all__ = ["house"]
