# SPDX-License-Identifier: Apache-2.0
"""Stylesheet, scripts and icon: the same for everybody, without any content."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.console.web.templates import STATIC

router = APIRouter()

_KINDS: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FILES = {
    path.name: (path.read_bytes(), _KINDS[path.suffix])
    for path in sorted(STATIC.iterdir())
    if path.suffix in _KINDS
}


@router.get("/static/{name}")
def file(name: str) -> Response:
    """Answer with a file of ours."""
    if name not in _FILES:
        raise HTTPException(404)
    content, kind = _FILES[name]
    return Response(content, media_type=kind)
