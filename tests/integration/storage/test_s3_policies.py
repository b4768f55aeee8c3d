# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from minio import Minio
from minio.error import S3Error

from services.storage.adapters.s3 import S3Backend
from services.storage.adapters.s3_options import S3Options
from services.storage.domain.store_check import StoreCheck
from services.storage.errors import StoreUnavailable
from tests.support import s3, s3_accounts
from tests.support.s3_accounts import SECRETS, ZONES
from tests.support.tools import missing


@pytest.fixture(scope="module", params=["minio", "versitygw"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[s3.S3Server]:
    """A server with both buckets, both accounts and the policies that ship."""
    try:
        with s3.running(request.param, tmp_path_factory.mktemp(request.param)) as started:
            s3_accounts.make(started)
            yield started
    except s3.NotInstalled as error:
        missing(error)


def backend(server: s3.S3Server, account: str, bucket: str, **options: Any) -> S3Backend:
    """A backend as the account of one zone on the bucket of one."""
    path = s3_accounts.credentials(server, account)
    return S3Backend(S3Options(server.endpoint, f"sotto-{bucket}", path, **options))


def client(server: s3.S3Server, account: str) -> Minio:
    """The bare SDK as the account of one zone."""
    return server.client(f"sotto-{account}", SECRETS[account])


class TestPolicies:
    """The policies that ship, on real servers."""

    @pytest.mark.parametrize("zone", ZONES)
    def test_enough(self, server: s3.S3Server, zone: str) -> None:
        """A zone's account can do all that its service does."""
        outcomes = list(StoreCheck(backend(server, zone, zone)).outcomes())
        assert [item for item in outcomes if not item.passed] == []
        assert len(outcomes) == 8
        assert backend(server, zone, zone).sweep() == 0
        for kind in ("keys", "tombstones", "pending"):
            keys = backend(server, zone, f"{zone}-keys", prefix=f"{kind}/", shreds=True)
            keys.self_test()
            assert keys.sweep() == 0

    @pytest.mark.parametrize(
        ("account", "other"),
        [
            ("clinical", "research"),
            ("clinical", "research-keys"),
            ("research", "clinical"),
            ("research", "clinical-keys"),
        ],
    )
    def test_not_the_other_zone(self, server: s3.S3Server, account: str, other: str) -> None:
        """It can neither list, read, write nor delete in the other zone's buckets."""
        own = backend(server, other.removesuffix("-keys"), other)
        name = "peer-2026/P07/x/source"
        own.delete(name)
        staged = own.stage(name)
        staged.write(b"sealed")
        staged.commit()
        foreign = backend(server, account, other)
        for call in (
            lambda: foreign.list(""),
            lambda: foreign.open(name),
            lambda: foreign.stat(name),
            lambda: foreign.stage(name + "2").commit(),
            lambda: foreign.delete(name),
            foreign.self_test,
        ):
            with pytest.raises(StoreUnavailable) as caught:
                call()
            assert caught.value.reason == "store_credentials"
        assert own.stat(name) is not None

    @pytest.mark.parametrize("zone", ZONES)
    def test_no_administration(self, server: s3.S3Server, zone: str) -> None:
        """It cannot change who may do what, nor make or remove buckets."""
        bare = client(server, zone)
        for call in (
            lambda: bare.set_bucket_policy(f"sotto-{zone}", "{}"),
            lambda: bare.get_bucket_policy(f"sotto-{zone}"),
            lambda: bare.make_bucket(f"another-{zone}"),
            lambda: bare.remove_bucket(f"sotto-{zone}"),
        ):
            with pytest.raises(S3Error):
                call()

    def test_nobody(self, server: s3.S3Server) -> None:
        """Without credentials nothing is seen."""
        anonymous = Minio(f"127.0.0.1:{server.port}", secure=False, region="us-east-1")
        for zone in ZONES:
            with pytest.raises(S3Error):
                list(anonymous.list_objects(f"sotto-{zone}"))
