# SPDX-License-Identifier: Apache-2.0
"""Voices of a study's interviewers: enrolled by a clip that is checked, listed, deleted.

Never a participant's: a voice is biometric data, and whoever takes part in a study consented to an
interview and not to be known again by their voice. Staff can be asked, and can say no.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from services.common.client import Channels
from services.common.errors import InvalidInput, NotFound
from services.registry import identities, ids
from services.storage_client import voices
from services.storage_client.catalog import CatalogClient
from sotto.storage.v1 import voice_pb2
from sotto.transcription.v1 import enrolment_pb2, enrolment_service_pb2_grpc

CLIP_BYTES = 64 * 1024 * 1024
"""Largest file of which a clip is made, as in the contract of the service that checks it."""


def enrol(
    peers: Channels, study_id: str, person: str, chunks: Iterable[bytes]
) -> enrolment_pb2.EnrolVoiceResponse:
    """Enrol the voice of a person by the bytes of a file, in the place of the one before.

    Raises InvalidInput where the clip is of no use; nothing of it is kept then.
    """
    if not re.fullmatch(ids.PERSON, person):
        raise InvalidInput(ids.ADVICE[ids.PERSON])
    study = CatalogClient(peers.channel(identities.CLINICAL)).study(study_id)
    if person in study.participants:
        raise InvalidInput(
            f"{person} is a participant of {study_id}: a participant's voice is never enrolled,"
            " only that of staff who interview"
        )
    stub = enrolment_service_pb2_grpc.EnrolmentServiceStub(peers.channel(identities.TRANSCRIPTION))
    return stub.EnrolVoice(_messages(study_id, person, chunks))


def listed(peers: Channels, study_id: str) -> list[voice_pb2.ListedVoice]:
    """Return whose voices a study has."""
    return list(voices.list_voices(peers.channel(identities.CLINICAL), study_id))


def erase(peers: Channels, study_id: str, person: str) -> None:
    """Delete the voice of a person; raises NotFound where there is none."""
    if not voices.erase_voice(peers.channel(identities.CLINICAL), study_id, person):
        raise NotFound(
            f"study {study_id} has no voice of {person}; see: sotto study voices {study_id}"
        )


def _messages(
    study_id: str, person: str, chunks: Iterable[bytes]
) -> Iterator[enrolment_pb2.EnrolVoiceRequest]:
    begin = enrolment_pb2.VoiceToEnrol(study_id=study_id, person=person)
    yield enrolment_pb2.EnrolVoiceRequest(begin=begin)
    for chunk in chunks:
        yield enrolment_pb2.EnrolVoiceRequest(chunk=chunk)
