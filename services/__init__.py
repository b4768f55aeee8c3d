# SPDX-License-Identifier: Apache-2.0
"""The services: each knows the others by their contracts only."""
