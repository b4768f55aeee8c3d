# SPDX-License-Identifier: Apache-2.0
"""Handlers of the transcription service, one module a gRPC service."""
