# SPDX-License-Identifier: Apache-2.0
"""The facts that all parts of the product share: names, events, who may call whom."""
