# SPDX-License-Identifier: Apache-2.0
"""What a compliance officer's command and pages ask of the audit log and of the stores."""
