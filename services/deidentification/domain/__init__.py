# SPDX-License-Identifier: Apache-2.0
"""The engine without its frame: no Presidio, no gRPC, no environment."""
