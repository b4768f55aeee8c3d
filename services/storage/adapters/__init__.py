# SPDX-License-Identifier: Apache-2.0
"""What storage stands on: folders, S3 servers, key files, tokens."""
