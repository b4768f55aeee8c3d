# SPDX-License-Identifier: Apache-2.0
"""Entries in the formats that spreadsheets, health records and monitoring systems read."""
