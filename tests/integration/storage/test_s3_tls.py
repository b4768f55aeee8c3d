# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.storage.adapters.s3 import S3Backend
from services.storage.adapters.s3_options import S3Options
from services.storage.domain.store_check import StoreCheck
from services.storage.errors import StoreUnavailable
from tests.support import s3
from tests.support.tools import missing

NAME = "peer-2026/P07/rec-a/source"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.S3Server]:
    """A server that speaks TLS."""
    folder = tmp_path_factory.mktemp("tls")
    started = s3.S3Server("versitygw", folder, certificate=s3.certificate(folder / "server.pem"))
    try:
        started.start()
        yield started
    except s3.NotInstalled as error:
        missing(error)
    finally:
        started.kill()


def backend(server: s3.S3Server, ca: Path | None) -> S3Backend:
    """A backend that trusts one authority, or those of the system."""
    return S3Backend(S3Options(server.endpoint, server.bucket(), server.credentials(), ca=ca))


class TestTls:
    """An S3 server as in a hospital: behind TLS, with a certificate of its own authority."""

    def test_all_that_is_relied_on(self, server: s3.S3Server) -> None:
        """Everything works, with the cheap checksum and without."""
        made = backend(server, server.certificate)
        assert [item for item in StoreCheck(made).outcomes() if not item.passed] == []
        assert made._client.crc
        for crc in (True, False):
            made._client.crc = crc
            content = os.urandom(11 << 20)
            staged = made.stage(NAME + str(crc))
            staged.write(content)
            staged.commit()
            reader = made.open(NAME + str(crc))
            assert b"".join(iter(lambda r=reader: r.read(1 << 20), b"")) == content
            reader.close()

    def test_unknown_authority(self, server: s3.S3Server, tmp_path: Path) -> None:
        """A certificate that nobody known vouches for is refused, whatever it says."""
        for ca in (None, s3.certificate(tmp_path / "another.pem")):
            with pytest.raises(StoreUnavailable):
                backend(server, ca).self_test()

    def test_another_host(self, server: s3.S3Server) -> None:
        """A certificate that is not for the name in the settings is refused."""
        endpoint = server.endpoint.replace("127.0.0.1", "localhost")
        options = S3Options(endpoint, "bucket", server.credentials(), ca=server.certificate)
        with pytest.raises(StoreUnavailable):
            S3Backend(options).self_test()
