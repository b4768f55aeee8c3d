# SPDX-License-Identifier: Apache-2.0
"""What the release service uses of the world: other services, key files, folders."""
