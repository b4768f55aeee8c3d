# SPDX-License-Identifier: Apache-2.0
"""What a session may call with a fresh proof of the person alone, or for all studies.

Methods are named as gRPC does, without the first slash. A certificate of a person's own proves who
calls at each call, so that nothing here concerns it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: So long ago a person may have proved who they are, for what asks for a fresh proof.
FRESH_SECONDS = 300


@dataclass(frozen=True, slots=True)
class StepUp:
    """Why a method asks for a fresh proof, and of which requests alone: a field and its value.

    Values of enumerations are given by name; no field stands for every request.
    """

    why: str
    field: str = ""
    value: str = ""


STEP_UP: Mapping[str, StepUp] = {
    "sotto.release.v1.ReviewService/DecideReview": StepUp(
        "lets words out of the clinic", "decision", "DECISION_APPROVE"
    ),
    "sotto.release.v1.QualityService/SignRound": StepUp("lets words out of the clinic"),
    "sotto.storage.v1.ErasureService/EraseParticipant": StepUp("cannot be undone"),
    "sotto.storage.v1.RemovalService/RemoveRecording": StepUp("cannot be undone"),
    "sotto.storage.v1.CountersignatureService/CountersignPolicy": StepUp(
        "lets a policy keep more than policies may"
    ),
    "sotto.storage.v1.StoreAdminService/RotateZoneKey": StepUp("replaces the key of a zone"),
    "sotto.deidentification.v1.RevealDecisionService/DecideReveal": StepUp(
        "lets somebody see who stands behind a pseudonym", "decision", "REVEAL_STATE_GRANTED"
    ),
    "sotto.deidentification.v1.RevealService/RevealPseudonym": StepUp(
        "shows who stands behind a pseudonym"
    ),
    "sotto.audit.v1.AuditQueryService/ExportEntries": StepUp("hands out the whole log"),
}

#: Methods that neither name a study nor tell anything of one, and why a session for some studies
#: may call them. What names a study, in request or answer, is limited by that; all else concerns
#: the whole installation and is refused to such a session.
OF_NO_STUDY: Mapping[str, str] = {
    "sotto.audit.v1.AuditCheckpointService/GetCheckpoint": "a size, a hash and signatures",
    "sotto.audit.v1.AuditQueryService/GetConsistencyProof": "hashes",
    "sotto.audit.v1.AuditQueryService/GetWitnesses": "names and states of witnesses",
    "sotto.audit.v1.AuditUpkeepService/GetUpkeep": "times and counts of looking after it",
    "sotto.deidentification.v1.DeidentificationService/DescribeEngine": "names and versions",
    "sotto.deidentification.v1.PolicyService/ValidatePolicy": "reads what the caller sends",
    "sotto.release.v1.ReleaseReaderService/GetSigningKey": "a public key",
    "sotto.storage.v1.StoreAdminService/DescribeStore": "the kind of the store and of its keys",
    "sotto.transcription.v1.TranscriptionService/DescribeEngine": "names and versions",
    "sotto.transcription.v1.TranscriptionService/ExamineTranscript": "reads what the caller sends",
}
