# SPDX-License-Identifier: Apache-2.0
"""The gRPC services of the audit log: messages of the contract in, calls of the domain out."""
