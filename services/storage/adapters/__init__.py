# SPDX-License-Identifier: Apache-2.0
"""The adapters of storage: folders, S3 servers, key files, tokens."""
