# SPDX-License-Identifier: Apache-2.0
"""Holds reviewers and researchers against the members of the study that they ask about."""

from __future__ import annotations

from services.common import context, membership
from services.common.errors import NotFound, PermissionDenied
from services.common.wording import unknown
from services.storage_client.catalog import CatalogClient
from sotto.study.v1 import study_pb2


class StudyMembers:
    """Reads the members of a study as the zone of the catalogue knows it now."""

    def __init__(self, catalog: CatalogClient) -> None:
        self._catalog = catalog

    def require(self, study_id: str, role: study_pb2.MemberRole) -> study_pb2.Study:
        """Return a study; refuse whoever is not a member. Call it inside the audited act.

        Raises NotAMember, and NotFound, naming the studies that the person is a member of.
        """
        try:
            study = self._catalog.study(study_id)
        except NotFound:
            # The ids of other studies are not for whoever is no member of them.
            raise unknown(
                "study", study_id, self.studies(role), there="you are a member of"
            ) from None
        membership.require(study, role)
        return study

    def studies(self, role: study_pb2.MemberRole) -> list[str]:
        """Return the ids of the studies in which the person of this call has a role."""
        return [one for one in self._catalog.studies() if self._has(one, role)]

    def all_studies(self) -> list[str]:
        """Return the ids of all studies, also of those that the person of this call is not on."""
        return list(self._catalog.studies())

    def require_any(self, role: study_pb2.MemberRole) -> list[str]:
        """Return the studies in which the person has a role; raises NotAMember."""
        found = self.studies(role)
        if not found:
            person = context.current().person or "a call without a person"
            raise membership.NotAMember(
                f"{person} is a reviewer of no study; who keeps a study's file adds the account"
                " there under 'members' and runs: sotto study create",
                study_id="",
            )
        return found

    def _has(self, study_id: str, role: study_pb2.MemberRole) -> bool:
        try:
            membership.require(self._catalog.study(study_id), role)
        except (PermissionDenied, NotFound):
            return False
        return True
