# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.common import context
from services.common.errors import NotFound, NotReady
from services.deidentification.domain.policy import Policy
from services.deidentification.errors import PolicyError
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
)
from tests.support import storage_service
from tests.support.deidentification_zones import (
    TwoZones,
    outcome,
)

LAX = "name: lax\nversion: 1\ndefault: keep\nentities: {PERSON: keep}\n"


class TestFloor:
    """Policies that keep more than a policy may by itself."""

    def test_nothing_runs_before_a_countersignature(self, deployment: TwoZones) -> None:
        """Neither a run nor a plan is made, and the research zone has nothing; then both are."""
        deployment.describe(LAX)
        ref = deployment.transcribed("P07")
        for attempt in (lambda: outcome(deployment.runner(), ref), lambda: deployment.plan(ref)):
            with pytest.raises(NotReady, match="sotto study countersign peer-2026") as caught:
                attempt()
            assert caught.value.reason == "not_countersigned"
        with pytest.raises(NotFound):
            deployment.released(ref)

        deployment.countersign(Policy.parse(LAX).digest)
        assert deployment.plan(ref).run_key == outcome(deployment.runner(), ref).run_key

    def test_another_text_needs_another(self, deployment: TwoZones) -> None:
        """A countersignature is for one policy, to the letter of what it does."""
        deployment.describe(LAX)
        deployment.countersign(Policy.parse(LAX).digest)
        deployment.describe(LAX.replace("PERSON: keep", "PERSON: tag"))
        ref = deployment.transcribed("P07")

        with pytest.raises(NotReady, match="countersign"):
            outcome(deployment.runner(), ref)

    def test_one_of_its_later_author_counts_for_nothing(self, deployment: TwoZones) -> None:
        """Who countersigns first, and then has the study use the policy, has let it pass alone."""
        deployment.countersign(Policy.parse(LAX).digest, "puan.aishah")
        with context.acting(person="puan.aishah"):
            deployment.describe(LAX)
        ref = deployment.transcribed("P07")

        with pytest.raises(NotReady, match="countersign"):
            outcome(deployment.runner(), ref)

    def test_a_shipped_name_is_no_disguise(self, deployment: TwoZones) -> None:
        """A text that calls itself by the name of a policy that ships is followed by nobody."""
        deployment.describe(LAX.replace("lax", "research-default"))
        ref = deployment.transcribed("P07")

        with pytest.raises(
            PolicyError, match="research-default is the name of a policy that ships"
        ):
            outcome(deployment.runner(), ref)

    def test_manifest_names_who_changed_the_policy(self, deployment: TwoZones) -> None:
        """The research zone learns it from the run, also where its own study does not say it."""
        given = storage_service.study()
        given.policy = "safe-harbor"
        stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(
            deployment.clinical.channel("operator")
        )
        with context.acting(person="eve"):
            stub.PutStudy(catalog_pb2.PutStudyRequest(study=given))
        ref = deployment.transcribed("P07")
        outcome(deployment.runner(), ref)

        done = deployment.released(ref)[0].manifest.deidentification
        assert (done.policy, list(done.policy_changed_by)) == ("safe-harbor", ["eve"])
