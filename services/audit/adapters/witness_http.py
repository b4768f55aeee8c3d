# SPDX-License-Identifier: Apache-2.0
"""The witness protocol over HTTP: a small server, and the log's side that asks to be cosigned."""

from __future__ import annotations

import http.server
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path

from services.audit.domain.witness import SIZE_TYPE, Request, Witness
from services.audit.errors import LogUnavailable, WitnessConflict
from services.audit_evidence.checkpoint import peek
from services.audit_evidence.errors import InvalidFormat, SignatureRefused
from services.audit_evidence.keys import VerifierKey
from services.audit_evidence.note import open_note, parse_note

_MOST_BYTES = 1_100_000
_TRIES = 3
_PUBLISHED = re.compile(r"/[0-9a-f]{64}/checkpoint", re.ASCII)

ProveSince = Callable[[int], Sequence[bytes]]


def witness_server(
    witness: Witness, folder: Path, address: tuple[str, int]
) -> http.server.ThreadingHTTPServer:
    """Make a server for POST /add-checkpoint and GET /<hash>/checkpoint; the caller runs it."""

    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = 30

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != "/add-checkpoint":
                self._answer(404, "not here\n")
            elif not length.isdecimal() or int(length) > _MOST_BYTES:
                self._answer(413, "too large, or of no stated length\n")
            else:
                answer = witness.add_checkpoint(self.rfile.read(int(length)))
                self._answer(answer.status, answer.body, answer.media_type)

        def do_GET(self) -> None:
            path = folder / self.path.lstrip("/")
            if _PUBLISHED.fullmatch(self.path) and path.exists():
                self._answer(200, path.read_text("utf-8"))
            else:
                self._answer(404, "not here\n")

        def _answer(
            self, status: int, body: str, media_type: str = "text/plain; charset=utf-8"
        ) -> None:
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Write nothing: the checkpoints hold what matters."""

    return http.server.ThreadingHTTPServer(address, Handler)


def ask_witness(
    url: str,
    key: VerifierKey,
    note: str,
    prove: ProveSince,
    *,
    size: int | None = None,
    old: int = 0,
    seconds: float = 20.0,
) -> str:
    """Have a witness cosign a checkpoint and return its verified signature line.

    `prove(old)` returns the consistency proof from that size to `size`, the checkpoint's own.
    `seconds` is the timeout of one request. Raises WitnessConflict when the witness remembers a
    larger log or another history; LogUnavailable when it cannot be reached, and (reason
    witness_refused) when it refuses or answers with another size again and again; SignatureRefused
    when what it answers does not verify.
    """
    size = peek(note).size if size is None else size
    for _ in range(_TRIES):
        body = str(Request(old, tuple(prove(old)), note)).encode()
        try:
            return _verified(_post(url, body, seconds), key, note)
        except urllib.error.HTTPError as error:
            with error:
                old = _size_to_prove(error, size, old)
        except OSError as error:
            raise LogUnavailable(
                f"the witness cannot be reached ({type(error).__name__})"
            ) from None
    raise _refused("the witness answers with another size again and again; nothing was cosigned")


def _post(url: str, body: bytes, seconds: float) -> str:
    """Send a request to a witness's add-checkpoint; HTTPError is its refusal."""
    call = urllib.request.Request(  # noqa: S310 - checked below
        url.rstrip("/") + "/add-checkpoint", data=body, method="POST"
    )
    if call.type not in {"http", "https"}:
        raise InvalidFormat("the address of a witness begins with http:// or https://")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(call, timeout=seconds) as answer:
        text: bytes = answer.read(_MOST_BYTES)
    return text.decode("utf-8", "replace")


def _size_to_prove(error: urllib.error.HTTPError, size: int, old: int) -> int:
    """Return the size that a witness remembers and wants the growth from (tlog-witness, 409).

    Raises WitnessConflict or LogUnavailable for every other refusal.
    """
    held = error.read(4096).decode("utf-8", "replace").removesuffix("\n")
    if error.code == HTTPStatus.UNPROCESSABLE_ENTITY:
        raise WitnessConflict(
            f"the witness remembers another history of the first {old} entries of this log"
        ) from None
    if error.code != HTTPStatus.CONFLICT or error.headers.get_content_type() != SIZE_TYPE:
        raise _refused(f"the witness refused with status {error.code}") from None
    if not held.isdecimal() or len(held) > 20:
        raise _refused("the witness answered 409 without a size") from None
    if int(held) > size:
        raise WitnessConflict(
            f"the witness remembers {held} entries of this log, which has {size}: it "
            "was cut, restored, or is shown to others in another form",
            held=int(held),
        ) from None
    return int(held)


def _refused(words: str) -> LogUnavailable:
    return LogUnavailable(words, reason="witness_refused")


def _verified(lines: str, key: VerifierKey, note: str) -> str:
    text = parse_note(note).text
    try:
        opened = open_note(f"{text}\n{lines}", [key])
    except InvalidFormat:
        raise SignatureRefused("the witness did not answer with signature lines") from None
    return str(opened.verified[0][1])
