# SPDX-License-Identifier: Apache-2.0
"""Presidio, the neural tagger and storage, behind the ports of the domain."""
