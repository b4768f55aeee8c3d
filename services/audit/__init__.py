# SPDX-License-Identifier: Apache-2.0
"""The audit log: append-only, signed, provable to somebody who trusts nobody here."""
