# SPDX-License-Identifier: Apache-2.0
"""gRPC handlers of the release service; each action lies between its audit intent and outcome."""
