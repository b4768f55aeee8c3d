# SPDX-License-Identifier: Apache-2.0
"""De-identification of interview transcripts: detection, closure, pseudonyms, residual risk."""
