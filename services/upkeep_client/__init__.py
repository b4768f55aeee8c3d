# SPDX-License-Identifier: Apache-2.0
"""What is known of an installation, part by part, for command and console."""
