# SPDX-License-Identifier: Apache-2.0
"""The one client of the storage services, on the stubs of their contract alone."""
