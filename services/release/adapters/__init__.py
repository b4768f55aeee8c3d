# SPDX-License-Identifier: Apache-2.0
"""Adapters: other services over gRPC, the signing key file, an exported folder."""
