# SPDX-License-Identifier: Apache-2.0
"""Uploads a file into a zone part by part until it is killed; says which parts are acknowledged."""

from __future__ import annotations

import hashlib
import random
import sys
from pathlib import Path

from services.storage.domain.recordings import RecordingHeader, Recordings
from services.storage.domain.uploads import PART_BYTES, Uploads
from tests.support.storage_zone import P07, open_zone

CONTENT = random.Random(3).randbytes(7 * PART_BYTES + 5)
PARTS = [CONTENT[at : at + PART_BYTES] for at in range(0, len(CONTENT), PART_BYTES)]


def sha(data: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(data).digest()


def main() -> None:
    """Begin or go on, then seal the recording; print each part, then the recording."""
    zone = open_zone(Path(sys.argv[1]))
    recordings = Recordings(zone.store)
    uploads = Uploads(zone.store, recordings)
    upload, _ = uploads.begin(P07, "a.wav", len(CONTENT), sha(PARTS[0]), "siti")
    for number in range(upload.received, len(PARTS)):
        uploads.put(upload.ref, number, sha(PARTS[number]), PARTS[number])
        print(number, flush=True)  # noqa: T201 - the acknowledgement
    digests = uploads.digests(upload.ref)
    header = RecordingHeader(P07, 1, "media", "a.wav", len(CONTENT), digests.content)
    made, _ = recordings.receive(header, uploads.content(upload.ref))
    uploads.became(upload.ref, made)
    print(made, flush=True)  # noqa: T201 - as above


if __name__ == "__main__":
    main()
