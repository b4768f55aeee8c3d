# SPDX-License-Identifier: Apache-2.0
"""What all services share and no service owns: thin, without domain."""
