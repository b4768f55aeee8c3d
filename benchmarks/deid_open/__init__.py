# SPDX-License-Identifier: Apache-2.0
"""Generator of the open benchmark of synthetic Malaysian interviews."""
