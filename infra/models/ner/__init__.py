# SPDX-License-Identifier: Apache-2.0
"""Training of the bundled entity model: offline, never imported by a service."""
