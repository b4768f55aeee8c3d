# SPDX-License-Identifier: Apache-2.0
"""The visit of a researcher, which the pages of releases and of copies are given."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from services.console.web.visit import Visit, in_role
from services.registry.identities import RESEARCHER

ResearcherVisit = Annotated[Visit, Depends(in_role(RESEARCHER))]
"""The visit of a researcher, for the parameters of a page."""
