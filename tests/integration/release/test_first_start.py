# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from services.common.signing_key_file import PRIVATE, PUBLIC, ensure_signer
from services.registry.identities import AUDIT, RELEASE
from sotto.release.v1 import release_pb2, release_service_pb2_grpc
from tests.support import replicas
from tests.support.deployment import Deployment
from tests.support.replicas import Replica


def public_key(replica: Replica) -> str:
    """The key that a process signs with, as it tells it."""
    with replica.peers("researcher") as peers:
        stub = release_service_pb2_grpc.ReleaseReaderServiceStub(peers.channel(RELEASE))
        return str(stub.GetSigningKey(release_pb2.GetSigningKeyRequest()).public_key_pem)


class TestSigningKey:
    """The key is made at the first start, and no other start makes another one."""

    def test_two_first_starts(self, tmp_path: Path) -> None:
        """Processes that start at once on one home end with one key, that of the folder."""
        with (
            Deployment(tmp_path / "home").start(AUDIT) as deployment,
            replicas.running(deployment, RELEASE, count=3) as three,
        ):
            folder = deployment.root / "release"
            told = {public_key(replica) for replica in three}
            assert told == {ensure_signer(folder).public_key.pem}
            assert {path.name for path in folder.iterdir()} == {PRIVATE, PUBLIC}
            assert (folder / PRIVATE).stat().st_mode & 0o777 == 0o600

    def test_many_at_once(self, tmp_path: Path) -> None:
        """However the steps of several first starts mix, all sign with the key that stays."""
        for number in range(10):
            folder = tmp_path / f"{number}"
            folder.mkdir(mode=0o700)
            with ThreadPoolExecutor(6) as threads:
                made = list(threads.map(ensure_signer, [folder] * 6))
            assert {signer.public_key.pem for signer in made} == {(folder / PUBLIC).read_text()}
