# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a release, in terms of the project's one error ladder."""

from __future__ import annotations

from services.common.errors import Corrupted, Erased, NotFound, NotReady, PermissionDenied


class NotApproved(NotReady):
    """Transcripts of the study wait for a person's approval."""


class NobodyApproves(PermissionDenied):
    """An approval came without a person who answers for it."""


class ParticipantWithdrew(Erased):
    """The release holds a transcript of somebody who has withdrawn since."""


class NothingToRelease(NotReady):
    """The study has no de-identified transcript."""


class NoSuchRelease(NotFound):
    """The study has no release of that id, or none at all."""


class FormatNotInRelease(NotFound):
    """The release was built before the format was added and has no file in it."""


class NoSuchTranscript(NotFound):
    """The recording has no de-identified transcript of that run."""


class CertificateMalformed(Corrupted):
    """A certificate does not follow its format."""


class UnknownSigner(Corrupted):
    """A certificate is signed by a key that nobody here trusts."""


class ReleaseAltered(Corrupted):
    """A released folder differs from what its certificate vouches for."""


class KeyUnusable(Corrupted):
    """A key file does not hold an Ed25519 key of the expected form."""
