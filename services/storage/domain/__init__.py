# SPDX-License-Identifier: Apache-2.0
"""What storage knows: names, sealing, keys, recordings, transcripts, erasure."""
