# SPDX-License-Identifier: Apache-2.0
"""Reports of browsers about what our policy kept a page from (CSP Level 3, 5.3)."""

from __future__ import annotations

import json

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from services.console.web.headers import POLICY

_log = structlog.get_logger(__name__)
router = APIRouter()

_OTHER = "other"


@router.post("/csp-report")
async def report(request: Request) -> Response:
    """Note which directive was violated; what else a report holds may be content."""
    try:
        told = json.loads(await request.body())["csp-report"]
        directive = str(told.get("effective-directive") or told.get("violated-directive"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Response(status_code=400)
    name = directive.removesuffix("-elem").removesuffix("-attr")
    _log.warning("csp_violation", name=name if name in POLICY else _OTHER)
    return Response(status_code=204)
