# SPDX-License-Identifier: Apache-2.0
"""Presidio recognisers for spoken Malaysian interviews, one family a file."""
