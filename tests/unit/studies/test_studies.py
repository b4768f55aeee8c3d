# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from typing import Any

import pytest

from services.common.errors import InvalidInput
from services.studies import studies
from services.studies.studies import CreatedStudy
from services.studies.study_file import StudyFile
from tests.unit.flows.fake_services import FakeServices

NAME = "Puan Halimah"


def study(**changes: Any) -> StudyFile:
    """Return a study as its file describes it."""
    values = {
        "id": "s1",
        "title": "What recovery means",
        "languages": ["en"],
        "policy": "research-default",
        "participants": ["P07"],
        **changes,
    }
    return StudyFile.model_validate(values)


class TestCreate:
    def test_in_both_zones(self, services: FakeServices) -> None:
        """Both zones get the same description, under a policy that was validated."""
        created = studies.create(services.peers, study(), "")

        assert created == CreatedStudy("research-default", "research-default/1", False)
        assert services.clinical.studies == services.research.studies
        assert services.clinical.studies["s1"].participants == ["P07"]
        assert not services.clinical.rosters

    def test_again(self, services: FakeServices) -> None:
        """The same description again is told as that; one zone without it is told as new."""
        studies.create(services.peers, study(), "")
        again = studies.create(services.peers, study(), "")
        services.research.studies.clear()
        half = studies.create(services.peers, study(), "")

        assert (again.existed, half.existed) == (True, False)

    def test_policy_that_cannot_be_used(self, services: FakeServices) -> None:
        """A study whose policy is refused is described nowhere."""
        services.deidentification.error = InvalidInput("there is no entity type PERSONN")

        with pytest.raises(InvalidInput, match="PERSONN"):
            studies.create(services.peers, study(policy="own.yaml"), "entities: {}\n")

        assert services.deidentification.policies[0].document == "entities: {}\n"
        assert not services.clinical.studies
        assert not services.research.studies

    def test_roster_is_sealed_in_the_clinical_zone_alone(self, services: FakeServices) -> None:
        """Names that the study knows never reach the research zone."""
        studies.create(services.peers, study(roster={"people": [{"name": NAME}]}), "")

        roster = json.loads(services.clinical.rosters["s1"])
        assert roster["people"][0]["name"] == NAME
        assert not services.research.rosters
        assert NAME not in str(services.clinical.studies)
