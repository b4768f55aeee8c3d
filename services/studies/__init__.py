# SPDX-License-Identifier: Apache-2.0
"""Studies for command and console: how they are described, what a change means, writing them."""
