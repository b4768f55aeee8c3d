# SPDX-License-Identifier: Apache-2.0
"""Between the messages of the contract and the log."""
