# SPDX-License-Identifier: Apache-2.0
"""The rules of accounts, sessions and signing in; no web, no files."""
