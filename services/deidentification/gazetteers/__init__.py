# SPDX-License-Identifier: Apache-2.0
"""Word lists that the recognisers look names, places and ordinary words up in."""
