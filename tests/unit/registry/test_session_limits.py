# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from services.common.study_limits import described, names_a_study
from services.registry.access import ALLOWED
from services.registry.identities import PEOPLE
from services.registry.session_limits import OF_NO_STUDY, STEP_UP
from tests.support.attacker import methods

#: Methods that concern the whole installation, and are refused to a session for some studies.
WHOLE = {
    "sotto.audit.v1.AuditQueryService/ExportEntries",
    "sotto.audit.v1.AuditQueryService/GetInclusionProof",
    "sotto.audit.v1.AuditReviewService/RecordReview",
    "sotto.audit.v1.AuditUpkeepService/NoteBackup",
    "sotto.audit.v1.AuditReviewService/RecordVerification",
    "sotto.storage.v1.PendingService/PutEngines",
    "sotto.storage.v1.StoreAdminService/RotateZoneKey",
    "sotto.storage.v1.StoreAdminService/Scrub",
}


def _of_people() -> set[str]:
    """Return each method that somebody who is signed in may call."""
    return {
        one.path.lstrip("/")
        for one in methods()
        if ALLOWED[one.server][one.service] & frozenset(PEOPLE)
    }


class TestTables:
    def test_every_method_of_people_is_limited_or_said_not_to_be(self) -> None:
        """A new method names its study, or is added to one of two tables with its reason."""
        silent = {
            one
            for one in _of_people()
            if not names_a_study(described(one).input_type)
            and not names_a_study(described(one).output_type)
        }
        assert silent == OF_NO_STUDY.keys() | WHOLE

    def test_methods_of_step_up_are_there(self) -> None:
        """Each is one that people may call, with the field and the value that it is held to."""
        assert STEP_UP.keys() <= _of_people()
        for name, asked in STEP_UP.items():
            if asked.field:
                field = described(name).input_type.fields_by_name[asked.field]
                assert asked.value in field.enum_type.values_by_name

    def test_what_cannot_be_undone_asks_for_a_fresh_proof(self) -> None:
        """Sign-off, withdrawal, countersignature and the export of the log are in the table."""
        named = {one.rpartition("/")[2] for one in STEP_UP}
        assert named >= {"DecideReview", "EraseParticipant", "CountersignPolicy", "ExportEntries"}
