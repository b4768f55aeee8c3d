# SPDX-License-Identifier: Apache-2.0
"""What ties the services together: flows and the command line."""
