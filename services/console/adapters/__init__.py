# SPDX-License-Identifier: Apache-2.0
"""What keeps accounts and sessions, and calls the other services."""
