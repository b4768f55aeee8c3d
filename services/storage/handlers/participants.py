# SPDX-License-Identifier: Apache-2.0
"""Which codes a study has, for intake."""

from __future__ import annotations

from services.storage.domain.catalog import Catalog
from services.storage.domain.names import Owner
from services.storage.errors import NotAParticipant
from sotto.study.v1 import study_pb2


class Participants:
    """The participants of all studies, read again when a study was described again."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        # By study: the generation of its description, and the codes in it.
        self._known: dict[str, tuple[int, frozenset[str]]] = {}

    def require(self, owner: Owner) -> None:
        """Raise `NotAParticipant` for a code that the study does not have."""
        # Another process may have changed the study, so that its generation is looked at each time.
        generation = self._catalog.study_generation(owner.study)
        known = self._known.get(owner.study)
        if known is None or known[0] != generation:
            study = study_pb2.Study.FromString(self._catalog.get_study(owner.study))
            known = generation, frozenset(study.participants)
            self._known[owner.study] = known
        if owner.participant not in known[1]:
            raise NotAParticipant(
                f"study {owner.study} has no participant {owner.participant}: add the code to the "
                "study's description, then ingest again"
            )
