# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import pytest
import urllib3
from minio import Minio

from services.common.errors import WrongUse
from services.common.s3_client import S3Connection, connect, is_exposed


def _connect(connection: S3Connection) -> Minio:
    return connect(Minio, connection, read_seconds=1.0, retry=urllib3.Retry(total=0))


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    """Write a credential file as an administrator writes it."""
    path = tmp_path / "s3.credentials"
    path.write_text("access\nsecret-secret\n")
    path.chmod(0o600)
    return path


class TestAddress:
    """Which addresses are accepted."""

    @pytest.mark.parametrize(
        "endpoint", ["https://s3.example", "https://10.0.0.5:9000", "http://127.0.0.1:9000"]
    )
    def test_accepted(self, credentials: Path, endpoint: str) -> None:
        """TLS anywhere, and no TLS on this machine alone."""
        assert not is_exposed(endpoint)
        _connect(S3Connection(endpoint, credentials))

    @pytest.mark.parametrize("endpoint", ["http://10.0.0.5:9000", "http://s3.example"])
    def test_without_tls(self, credentials: Path, endpoint: str) -> None:
        """Another machine without TLS is refused, by the setting's own name, unless allowed."""
        with pytest.raises(WrongUse, match="audit_s3_plain_http"):
            _connect(S3Connection(endpoint, credentials, prefix="audit_s3_"))
        assert is_exposed(endpoint)
        _connect(S3Connection(endpoint, credentials, plain_http=True))

    @pytest.mark.parametrize("endpoint", ["", "s3.example", "ftp://x", "https://s3.example/path"])
    def test_no_address(self, credentials: Path, endpoint: str) -> None:
        """What is no address is refused."""
        with pytest.raises(WrongUse, match="s3_endpoint is no address"):
            _connect(S3Connection(endpoint, credentials))


class TestCredentials:
    """The credential file."""

    def test_open_to_others(self, credentials: Path) -> None:
        """A file that others may read is refused, with the command that mends it."""
        credentials.chmod(0o644)
        with pytest.raises(WrongUse, match="chmod 600"):
            _connect(S3Connection("https://s3.example", credentials))

    def test_missing(self, tmp_path: Path) -> None:
        """A file that is not there is refused."""
        with pytest.raises(WrongUse, match="cannot be read"):
            _connect(S3Connection("https://s3.example", tmp_path / "none"))

    def test_lines(self, credentials: Path) -> None:
        """A file without two lines is refused, without its content."""
        credentials.write_text("a-single-secret\n")
        with pytest.raises(WrongUse, match="two lines") as caught:
            _connect(S3Connection("https://s3.example", credentials))
        assert "a-single-secret" not in caught.value.message
