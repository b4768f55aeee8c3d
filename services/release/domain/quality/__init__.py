# SPDX-License-Identifier: Apache-2.0
"""Quality of a study's transcripts that can be stated: samples, bounds, agreement, the gate."""
