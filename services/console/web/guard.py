# SPDX-License-Identifier: Apache-2.0
"""What every request passes before any page: where it comes from, for whom, how much it brings."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from services.console.web.headers import HEADERS
from services.storage_client.uploads import PART_BYTES
from services.studies.voices import CLIP_BYTES

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = structlog.get_logger(__name__)
T = TypeVar("T")

_SAFE = frozenset({"GET", "HEAD"})
_METHODS = _SAFE | {"POST"}
_MOST_BYTES = 256 * 1024

#: Bytes that a request may bring, and methods beside GET, HEAD and POST, by the begin of its path.
MOST_BYTES: Mapping[str, int] = {
    "/upload/parts/": PART_BYTES + 4096,
    "/voices/clip": CLIP_BYTES,
    "/studies/": 4 * 1024 * 1024,
}
METHODS: Mapping[str, frozenset[str]] = {}
#: Paths that another server calls, which is no browser and proves who it is in its message.
FROM_SERVERS = frozenset({"/sign-out/provider"})
# What a browser tells of a link that somebody follows, from wherever it is.
_NAVIGATION = ("navigate", "document")


class Guard:
    """Refuses what no page of ours asks for, and gives every answer its headers.

    Cross-site requests are told by Fetch Metadata, and by Origin where a browser sends none (W3C
    Fetch Metadata; OWASP CSRF). `is_host` says whether a name is ours: another one is that of an
    attacker who had it point here (DNS rebinding).
    """

    def __init__(self, app: ASGIApp, is_host: Callable[[str], bool]) -> None:
        self._app = app
        self._is_host = is_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            return
        began = time.monotonic()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refused, why = self._refusal(scope)
        if refused:
            await PlainTextResponse(why, refused)(scope, receive, answer)
        else:
            most = _longest(MOST_BYTES, scope["path"]) or _MOST_BYTES
            await self._app(scope, _Measured(receive, most), answer)
        # The pattern of the path, without what stands in its places, and without the query.
        route = getattr(scope.get("route"), "path", "")
        _log.info(
            "request",
            method=scope["method"],
            name=route,
            status=status,
            duration_ms=round(1000 * (time.monotonic() - began)),
        )

    def _refusal(self, scope: Scope) -> tuple[int, str]:
        headers = Headers(scope=scope)
        method, path = scope["method"], scope["path"]
        host = headers.get("host", "")
        if not self._is_host(host):
            return 421, "this is not the address of the console; ask hospital IT for it"
        if method not in _METHODS | (_longest(METHODS, path) or frozenset()):
            return 405, "this method is not used here"
        if path not in FROM_SERVERS and not _is_ours(headers, method, host):
            return 403, "this request comes from another site; open the console by its own address"
        length = headers.get("content-length", "")
        most = _longest(MOST_BYTES, path) or _MOST_BYTES
        if length and (not length.isdigit() or int(length) > most):
            return 413, "this is more than the console takes at once"
        return 0, ""


class _Measured:
    """The messages of a request; what is longer than it may be reads as if the sender had left."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._left = most

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            return {"type": "http.disconnect"}
        return message


def _is_ours(headers: Headers, method: str, host: str) -> bool:
    site = headers.get("sec-fetch-site", "")
    origin = headers.get("origin", "")
    if method not in _SAFE:
        if site:
            return site == "same-origin"
        return origin == f"https://{host}"
    if site in {"", "none", "same-origin"}:
        return True
    going = headers.get("sec-fetch-mode", ""), headers.get("sec-fetch-dest", "")
    return going == _NAVIGATION


def _longest(table: Mapping[str, T], path: str) -> T | None:
    """Return the entry of the longest begin of a path that the table has."""
    found = [begin for begin in table if path.startswith(begin)]
    return table[max(found, key=len)] if found else None


def hosts(names: frozenset[str]) -> Callable[[str], bool]:
    """Return what says whether a Host header is one of the names, on any port.

    A name that begins with `*.` stands for all with one more label in front (RFC 6125, 6.4.3).
    """

    def is_host(text: str) -> bool:
        name = text.rpartition("]")[0] + "]" if text.startswith("[") else text.partition(":")[0]
        name = name.lower().strip("[]")
        return name in names or f"*.{name.partition('.')[2]}" in names

    return is_host
