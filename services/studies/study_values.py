# SPDX-License-Identifier: Apache-2.0
"""A stored study as the values of its file, for whoever changes some of them."""

from __future__ import annotations

from services.studies.study_changes import audio_of, members_of, notation_of
from sotto.study.v1 import study_pb2

#: Fields of a gate; the size of a sample or a bound stands there, and the other is absent.
_GATE = ("alpha", "second_reader", "planted", "detection", "agreement", "other_signer")


def values_of(study: study_pb2.Study) -> dict[str, object]:
    """Return what the study's file would say, without the roster, which travels separately."""
    is_automatic = study.review == study_pb2.REVIEW_MODE_AUTOMATIC
    return {
        "id": study.id,
        "title": study.title,
        "languages": list(study.languages),
        "policy": f"{study.policy}.yaml" if study.policy_document else study.policy,
        "review": "automatic" if is_automatic else "required",
        "keep_recordings_days": study.keep_recordings_days,
        "roster_hotwords": study.roster_hotwords,
        "speakers": study.speakers,
        "notation": notation_of(study),
        "audio": audio_of(study),
        "disguise_voices": study.disguise_voices,
        "mark_doubtful_words": study.mark_doubtful_words,
        "quality": _gate_of(study),
        "release_terms": study.release_terms,
        "copies_until": study.copies_until,
        "participants": list(study.participants),
        "members": [
            {"person": person, "roles": list(roles)} for person, roles in members_of(study).items()
        ],
    }


def _gate_of(study: study_pb2.Study) -> dict[str, object] | None:
    if not study.HasField("quality"):
        return None
    gate = study.quality
    size = {"sample": gate.sample} if gate.sample else {"bound": gate.bound}
    return {**size, **{name: getattr(gate, name) for name in _GATE}}
