# SPDX-License-Identifier: Apache-2.0
"""Creates studies: validates the policy, describes the study in both zones, seals its roster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.common.client import Channels
from services.common.errors import InvalidInput, NotFound
from services.common.roster_document import Roster
from services.registry import identities
from services.storage_client.catalog import CatalogClient
from services.studies import study_file
from sotto.deidentification.v1 import deidentification_pb2, deidentification_service_pb2_grpc
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    vault_pb2,
    vault_service_pb2_grpc,
)
from sotto.study.v1 import study_pb2


@dataclass(frozen=True, slots=True)
class CreatedStudy:
    """The policy under which a study was created, and whether the study was there already."""

    policy: str
    policy_version: str
    existed: bool
    below_floor: Sequence[str] = ()
    """What a compliance officer has to countersign before the policy is used."""


def stored(peers: Channels, study_id: str) -> study_pb2.Study | None:
    """Return a study as the clinical zone stores it; None where there is none."""
    try:
        return CatalogClient(peers.channel(identities.CLINICAL)).study(study_id)
    except NotFound:
        return None


def validate(
    peers: Channels, study: study_pb2.Study
) -> deidentification_pb2.ValidatePolicyResponse:
    """Return what the engine says of a study's policy; raises InvalidInput for one of no use."""
    engine = deidentification_service_pb2_grpc.PolicyServiceStub(
        peers.channel(identities.DEIDENTIFICATION)
    )
    return engine.ValidatePolicy(
        deidentification_pb2.ValidatePolicyRequest(
            name=study.policy, document=study.policy_document
        )
    )


def countersignatures(
    peers: Channels, study_id: str
) -> tuple[study_pb2.Study, Sequence[catalog_pb2.PolicyCountersignature]]:
    """Return a study of the clinical zone and who countersigned policies for it."""
    return CatalogClient(peers.channel(identities.CLINICAL)).study_and_countersignatures(study_id)


def countersign(peers: Channels, study_id: str, policy_digest: str) -> bool:
    """Countersign a policy for a study; True where the person had done so before."""
    stub = catalog_service_pb2_grpc.CountersignatureServiceStub(peers.channel(identities.CLINICAL))
    request = catalog_pb2.CountersignPolicyRequest(study_id=study_id, policy_digest=policy_digest)
    return stub.CountersignPolicy(request).existed


def roster_before(peers: Channels, study: study_file.StudyFile) -> int | None:
    """Return how many names the stored roster has where that of the file would replace it.

    None where the file has none, which leaves the stored one alone, or the very same one.
    """
    if study.roster is None:
        return None
    answer = compare_roster(peers, study.id, study.roster)
    return None if answer.existed else answer.names_before


def compare_roster(peers: Channels, study_id: str, roster: Roster) -> vault_pb2.PutRosterResponse:
    """Return how many names the stored roster has, and whether it is this one."""
    return _put_roster(peers, study_id, roster, dry_run=True)


def require_participants(peers: Channels, study_id: str, roster: Roster) -> None:
    """Raise InvalidInput where a name belongs to a code that is no participant of the study."""
    known = CatalogClient(peers.channel(identities.CLINICAL)).study(study_id).participants
    for number, one in enumerate(roster.people, start=1):
        if one.participant and one.participant not in known:
            raise InvalidInput(
                f"people, entry {number}: its participant is none of the study {study_id}"
            )


def add_names(peers: Channels, study_id: str, roster: Roster) -> vault_pb2.PutRosterResponse:
    """Add the names of a roster to the stored one."""
    return _put_roster(peers, study_id, roster, add=True)


def replace_roster(peers: Channels, study_id: str, roster: Roster) -> vault_pb2.PutRosterResponse:
    """Replace the stored roster."""
    return _put_roster(peers, study_id, roster)


def _put_roster(
    peers: Channels, study_id: str, roster: Roster, *, dry_run: bool = False, add: bool = False
) -> vault_pb2.PutRosterResponse:
    writer = vault_service_pb2_grpc.RosterWriterServiceStub(peers.channel(identities.CLINICAL))
    return writer.PutRoster(
        vault_pb2.PutRosterRequest(
            study_id=study_id,
            document=study_file.document_of(roster),
            dry_run=dry_run,
            add=add,
        )
    )


def create(peers: Channels, study: study_file.StudyFile, policy_document: str) -> CreatedStudy:
    """Create a study, or replace its description; its policy is validated first.

    Raises InvalidInput when the policy cannot be used.
    """
    return write(peers, study_file.to_message(study, policy_document), study.roster)


def write(peers: Channels, message: study_pb2.Study, roster: Roster | None = None) -> CreatedStudy:
    """Create a study, or replace its description; without a roster the stored one stays.

    Raises InvalidInput when the policy cannot be used.
    """
    policy = validate(peers, message)
    existed = True
    # The clinical zone announces work, whose last stage reads the study in the research zone.
    for zone in (identities.RESEARCH, identities.CLINICAL):
        catalog = catalog_service_pb2_grpc.CatalogWriterServiceStub(peers.channel(zone))
        existed &= catalog.PutStudy(catalog_pb2.PutStudyRequest(study=message)).existed
    if roster is not None:
        existed &= replace_roster(peers, message.id, roster).existed
    return CreatedStudy(message.policy, policy.version, existed, tuple(policy.below_floor))
