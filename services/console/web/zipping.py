# SPDX-License-Identifier: Apache-2.0
"""A zip archive that is sent while its files come in; none of it rests on the disk."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator

# The first that the format knows; the same files then give the same archive.
_TIME = (1980, 1, 1, 0, 0, 0)


class _Outgoing(io.RawIOBase):
    """Takes what the archive writes until it is fetched; it cannot go back in it."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def writable(self) -> bool:
        """Take writes."""
        return True

    def write(self, data: object) -> int:
        """Hold a part of the archive."""
        part = bytes(data)  # type: ignore[call-overload] # anything that is a buffer
        self._held += part
        return len(part)

    def take(self) -> bytes:
        """Return what is held, and hold it no more."""
        part = bytes(self._held)
        self._held.clear()
        return part


def zipped(pieces: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Yield an archive of files, which come in pieces, each file's one after the other.

    Each piece has the name of its file. Where taking a piece fails, the archive stays without the
    end by which it would open.
    """
    outgoing = _Outgoing()
    archive = zipfile.ZipFile(outgoing, "w", zipfile.ZIP_DEFLATED)
    name, file = "", None
    for named, data in pieces:
        if named != name or file is None:
            if file is not None:
                file.close()
            member = zipfile.ZipInfo(named, _TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            name, file = named, archive.open(member, "w", force_zip64=True)
        file.write(data)
        if part := outgoing.take():
            yield part
    if file is not None:
        file.close()
    archive.close()
    yield outgoing.take()
