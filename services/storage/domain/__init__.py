# SPDX-License-Identifier: Apache-2.0
"""The domain of storage: names, sealing, keys, recordings, transcripts, erasure."""
