# SPDX-License-Identifier: Apache-2.0
"""Speech, or transcripts made elsewhere, to identified segments in the clinical zone."""
