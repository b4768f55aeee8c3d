# SPDX-License-Identifier: Apache-2.0
"""The client of review, for whoever shows a transcript to a reviewer."""
