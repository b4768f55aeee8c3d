# SPDX-License-Identifier: Apache-2.0
"""The watermark of pages with identified words: who looks, when, in which session.

It prevents nothing and tells of whom a photograph is. The tile is an image of ours, laid behind the
page by its style sheet, so that it stands in prints too.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from fastapi import APIRouter
from starlette.responses import Response

from services.console.web.visit import SignedIn

router = APIRouter()

_TILE = """<svg xmlns="http://www.w3.org/2000/svg" width="420" height="220">
<text x="210" y="110" transform="rotate(-24 210 110)" text-anchor="middle" font-family="sans-serif"
 font-size="15" fill="#808080" fill-opacity="0.22">{first}<tspan x="210" dy="20">{second}</tspan>
</text></svg>
"""


@router.get("/watermark.svg")
def tile(visit: SignedIn) -> Response:
    """Draw the tile of this session."""
    session = visit.session.handle[:8] if visit.session else ""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    drawn = _TILE.format(first=escape(visit.person), second=escape(f"{now} {session}"))
    return Response(drawn, media_type="image/svg+xml")
