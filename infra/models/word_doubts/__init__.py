# SPDX-License-Identifier: Apache-2.0
"""Makes `services/transcription/word_doubts.json`: which words of a model are likely to be wrong."""
