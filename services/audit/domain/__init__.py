# SPDX-License-Identifier: Apache-2.0
"""The audit log without its transport: hashing, notes, entries, proofs, verification."""
