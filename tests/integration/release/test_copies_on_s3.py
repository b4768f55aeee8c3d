# SPDX-License-Identifier: Apache-2.0
"""A researcher's copies where the research zone is in buckets of a real S3 server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.audit_client.withdrawal import people_to_tell
from services.common.errors import NotReady
from services.registry import identities
from sotto.release.v1 import copy_pb2
from tests.support import s3
from tests.support.held_copies import of_nur, reading, told
from tests.support.release_service import ReleaseDeployment
from tests.support.storage_service import s3_settings
from tests.support.tools import missing

STUDY = "in-buckets"


def settings_file(home: Path, server: s3.S3Server) -> None:
    """Put the research zone's objects and keys into buckets."""
    lines = [f"{name} = {json.dumps(str(one))}" for name, one in s3_settings(server).items()]
    home.mkdir(mode=0o700)
    (home / "sotto.toml").write_text("\n".join(["[storage-research]", *lines, ""]), "utf-8")


class TestOnS3:
    def test_from_the_terms_to_the_word_that_it_is_gone(self, tmp_path: Path) -> None:
        """Taken on terms, held, told of a withdrawal and a newer release, declared destroyed."""
        home = tmp_path / "home"
        try:
            with s3.running("versitygw", tmp_path / "s3") as server:
                settings_file(home, server)
                with ReleaseDeployment(home).start() as deployment:
                    self._walk(deployment, tmp_path)
                assert not (home / "research" / "objects").exists()
        except s3.NotInstalled as error:
            missing(error)

    def _walk(self, deployment: ReleaseDeployment, folder: Path) -> None:
        deployment.create_study(STUDY, automatic=True)
        for participant in ("P07", "P08"):
            deployment.add_approved(STUDY, participant)
        deployment.build(STUDY)
        with pytest.raises(NotReady, match="is taken on terms"):
            deployment.export(STUDY, folder / "without", terms="")
        assert of_nur(deployment, STUDY) == []
        deployment.export(STUDY, folder / "txt")
        [copy] = of_nur(deployment, STUDY)
        assert (told(copy), copy.person) == ([], "nur")

        deployment.erase(STUDY, "P08")
        newer = deployment.build(STUDY).release.release_id
        [copy] = of_nur(deployment, STUDY)
        assert told(copy) == [("WITHDRAWN", "P08"), ("NEWER", newer)]
        gone = copy_pb2.DeclareDestroyedRequest(study_id=STUDY, copy_id=copy.copy_id)
        with reading(deployment) as stub:
            assert [stub.DeclareDestroyed(gone).existed for _ in range(2)] == [False, True]
        [copy] = of_nur(deployment, STUDY)
        assert (told(copy), copy.HasField("destroyed_at")) == ([], True)
        with deployment.peers(identities.COMPLIANCE) as peers:
            [person], unknown = people_to_tell(peers.channel, STUDY, "P08")
        assert (person.person, bool(person.destroyed_at), unknown) == ("nur", True, None)
