# SPDX-License-Identifier: Apache-2.0
"""Other de-identification engines beside ours, on the same interviews, scored by the same code."""
