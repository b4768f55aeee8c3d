# SPDX-License-Identifier: Apache-2.0
"""Gazetteers: lists of names, places, bodies and ordinary words, and the lexicon made of them."""
