# SPDX-License-Identifier: Apache-2.0
"""What a copy of the audit log says, as pure functions: entries, proofs, answers, reports."""
