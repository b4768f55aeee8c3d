# SPDX-License-Identifier: Apache-2.0
"""Terms on which a release is taken: the study's own, or those that ship."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.release.domain.ports import Study
from services.release.errors import TermsNotAccepted

_SHIPPED = Path(__file__).resolve().parents[2] / "words" / "terms.txt"


@dataclass(frozen=True)
class Terms:
    """Terms as people read them. `text` is all that they accept, the day among it."""

    text: str
    is_default: bool
    copies_until: str

    @property
    def sha256(self) -> str:
        """The digest of the text, which is its version."""
        return digest(self.text)


def of_study(study: Study) -> Terms:
    """Return the terms of a study as they are now."""
    text = study.release_terms.strip() or _shipped()
    if study.copies_until:
        text += (
            f"\n\nCopies are destroyed by {study.copies_until} at the latest."
            f"\nSalinan dimusnahkan selewat-lewatnya pada {study.copies_until}."
        )
    return Terms(text, not study.release_terms.strip(), study.copies_until)


def require(terms: Terms, accepted: str, study_id: str) -> None:
    """Raise TermsNotAccepted unless `accepted` is the digest of the terms."""
    if accepted == terms.sha256:
        return
    how = (
        f"read them with: sotto release terms --study {study_id}, or on the page of the release,"
        " and accept them when you take it"
    )
    if accepted:
        raise TermsNotAccepted(f"the terms of {study_id} are others than those accepted; {how}")
    raise TermsNotAccepted(f"a release of {study_id} is taken on terms; {how}")


def digest(text: str) -> str:
    """Return the version of a text of terms."""
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _shipped() -> str:
    return _SHIPPED.read_text("utf-8").strip()
