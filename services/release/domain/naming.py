# SPDX-License-Identifier: Apache-2.0
"""Names of files and releases, made from codes and hashes only."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import rfc8785

from services.release.domain.transcript import TranscriptSummary, Writing

#: Raised when the bytes of a rendered file change or a format is added: a release's id is made from
#: it, so that the same transcripts then give a new release.
RENDERING_VERSION = "4"
README = "README.txt"
LEGEND = "legend.csv"
CERTIFICATE = "certificate.json"
SIGNATURE = "certificate.sig"
#: Folder of the certificate and its signature in a stored release.
CERTIFICATES = "certificate/"


def ordered(summaries: Sequence[TranscriptSummary]) -> list[TranscriptSummary]:
    """Sort by participant, session and recording, the order of every list in a release."""
    return sorted(summaries, key=lambda one: (one.participant, one.session, one.recording_id))


def stems(summaries: Sequence[TranscriptSummary]) -> dict[str, str]:
    """Return a file name without suffix, such as `P07_S1`, for each recording id.

    A second recording of the same session becomes `P07_S1_2`, in the order of recording ids. Where
    the words are invented the name says so, since a plain text has no other place for that.
    """
    result: dict[str, str] = {}
    counts: dict[str, int] = {}
    for one in ordered(summaries):
        base = f"{one.participant}_S{one.session}" + ("_invented" if one.invented else "")
        counts[base] = count = counts.get(base, 0) + 1
        result[one.recording_id] = base if count == 1 else f"{base}_{count}"
    return result


@dataclass(frozen=True)
class LeftOut:
    """A recording that is not in a release.

    `reason` is the state of its transcript's review, or how far a recording without one is.
    """

    recording_id: str
    participant: str
    session: int
    reason: str

    @classmethod
    def of(cls, summary: TranscriptSummary, reason: str) -> Self:
        """Name a transcript that is left out."""
        return cls(summary.recording_id, summary.participant, summary.session, reason)

    @property
    def order(self) -> tuple[str, int, str]:
        """Its place among others: the order of every list in a release."""
        return self.participant, self.session, self.recording_id


def release_id(
    study_id: str,
    transcripts: Iterable[tuple[TranscriptSummary, int]],
    withdrawn: Sequence[str],
    left_out: Sequence[LeftOut],
    writing: Writing,
    audio: Sequence[str] = (),
    quality: Sequence[str] = (),
) -> str:
    """Derive the id from names of all that determines the files' bytes: same inputs, same release.

    A transcript comes with the generation of its corrections; `audio` names what decides the sound,
    empty for none, and `quality` the rounds that speak for it. Researchers see the id, so that no
    text, hash or place of what they do not receive is in it: they could test guesses of it.
    """
    inputs: dict[str, Any] = {
        "rendering": RENDERING_VERSION,
        "study": study_id,
        "transcripts": sorted(
            [one.participant, one.session, one.recording_id, _run(one), generation]
            for one, generation in transcripts
        ),
        "withdrawn": sorted(withdrawn),
        "writing": {
            "notation": writing.notation,
            "language": writing.language,
            **({"doubtful_words": True} if writing.doubtful_words else {}),
        },
        "left_out": [[*one.order, one.reason] for one in sorted(left_out, key=lambda x: x.order)],
    }
    if audio:
        inputs["audio"] = list(audio)
    if quality:
        inputs["quality"] = list(quality)
    digest = hashlib.sha256(b"sotto-release/3\n" + rfc8785.dumps(inputs)).digest()
    return "rel-" + base64.b32encode(digest).decode().lower()[:26]


def _run(one: TranscriptSummary) -> str:
    """Return a name of a run that tells nothing of its content."""
    if one.is_keyed or one.committed_at is None:
        return one.run_key
    return one.committed_at.isoformat()
