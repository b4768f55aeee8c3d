# SPDX-License-Identifier: Apache-2.0
"""The engine without Presidio, gRPC and environment."""
