# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a release, in terms of the common errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from services.common.errors import (
    AlreadyExists,
    Conflict,
    Corrupted,
    Erased,
    InvalidInput,
    NotFound,
    NotReady,
    PermissionDenied,
)
from services.registry import ids


class ChangedThePolicy(PermissionDenied):
    """The person changed what decides over transcripts, and does not decide on them."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="changed_the_policy")


class NotApproved(NotReady):
    """No transcript of the study is approved yet."""


class ReviewChanged(Conflict):
    """Somebody decided or corrected since the transcript was read."""


class TranscriptMadeAnew(Conflict):
    """The recording has a newer run than the one that was read."""


class ReasonMissing(InvalidInput):
    """A transcript was rejected without a reason."""


class NoSuchRound(NotFound):
    """The study has no round of quality of that number."""


class RoundNotOpen(NotReady):
    """A round of quality is at another point, or cannot be opened."""


class WaitsForSearch(NotReady):
    """What a round missed was not looked for in the whole study yet."""


class NotYours(PermissionDenied):
    """Somebody else has to read, rule or sign: that is the point of it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="somebody_else")


class NoSuchCorrection(NotFound):
    """No correction begins at that place."""


class NoSuchSpeaker(NotFound):
    """Nobody in the transcript has that label."""


class NoSuchLabel(NotFound):
    """The transcript has no replacement with that label, or no other one to merge it with."""


class NoSuchPlace(NotFound):
    """The transcript has no such place."""


class PlaceCorrected(AlreadyExists):
    """Another correction is at the place."""


class ParticipantWithdrew(Erased):
    """The release holds a transcript of a participant who has withdrawn since."""


class TranscriptRejected(PermissionDenied):
    """The release holds a transcript that a reviewer has rejected since."""


class RecordingRemoved(PermissionDenied):
    """The release holds a transcript of a recording that was removed since."""


class TermsNotAccepted(NotReady):
    """The person did not accept the terms of the study as they are now."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="terms_not_accepted")


class PurposeMissing(NotReady):
    """It was not said what the release is for."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="no_purpose")


class NoSuchCopy(NotFound):
    """The person took no such copy, or nothing of the kind concerns it."""


class CopyChanged(Conflict):
    """Somebody wrote of the copy in between."""


class NothingToRelease(NotReady):
    """The study has no de-identified transcript."""


class NoSuchRelease(NotFound):
    """The study has no release of that id, or none at all."""


class FormatNotInRelease(NotFound):
    """The release was built before the format was added and has no file in it."""


class NoSuchTranscript(NotFound):
    """The recording has no de-identified transcript, or none of that run."""


class CertificateMalformed(Corrupted):
    """A certificate does not follow its format."""


class UnknownSigner(Corrupted):
    """A certificate is signed with a key that is not trusted here."""


class ReleaseAltered(Corrupted):
    """A released folder or file differs from what its certificate lists."""


class MadeByEarlierVersion(NotReady):
    """A transcript does not say from which identified run it was made, so that no sound fits it."""

    def __init__(self, recording_id: str) -> None:
        super().__init__(
            f"the transcript of {recording_id} was made by an earlier version, which did not keep"
            " what sound is bleeped by; make it again with: sotto recordings redo --recording"
            f" {recording_id}, have it reviewed, and build the release again; or build it without"
            " sound, by 'audio: none' in the study file",
        )


def no_such_speaker(
    recording_id: str, unknown: Sequence[str], known: Iterable[str]
) -> NoSuchSpeaker:
    """Return the error for labels that nobody has, naming those that somebody has."""
    there = [one for one in known if re.fullmatch(ids.NUMBERED_SPEAKER, one)]
    advice = f"it has {', '.join(there)}" if there else "its speakers have no numbers"
    return NoSuchSpeaker(
        f"no speaker of {recording_id} is {' or '.join(unknown)}; {advice};"
        f" see: sotto review show {recording_id} --full"
    )
