# SPDX-License-Identifier: Apache-2.0
"""The demonstration: sample interviews the whole way, and checks that say what was kept."""
