# SPDX-License-Identifier: Apache-2.0
"""What every page needs: the visit, forms, headers, the guard, templates, languages."""
