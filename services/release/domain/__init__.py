# SPDX-License-Identifier: Apache-2.0
"""A release: transcripts as files, and the signed certificate over them."""
