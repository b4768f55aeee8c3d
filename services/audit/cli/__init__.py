# SPDX-License-Identifier: Apache-2.0
"""`sotto audit`: the commands of the audit log. `main` holds the tree of them."""
