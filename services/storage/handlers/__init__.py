# SPDX-License-Identifier: Apache-2.0
"""From messages to the domain and back; each action on identified data is recorded first."""
