# SPDX-License-Identifier: Apache-2.0
"""The visit of a compliance officer, for the parameters of a page."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from services.console.web.visit import Visit, in_role
from services.registry.identities import COMPLIANCE

Officer = Annotated[Visit, Depends(in_role(COMPLIANCE))]
