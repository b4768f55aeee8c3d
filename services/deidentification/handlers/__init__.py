# SPDX-License-Identifier: Apache-2.0
"""gRPC handlers of de-identification."""
