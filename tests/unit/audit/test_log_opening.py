# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import pytest

from services.audit.log_opening import open_log, s3_anchors
from services.audit.settings import AuditSettings
from services.common.errors import WrongUse


def _settings(home: Path, **given: object) -> AuditSettings:
    credentials = home / "audit" / "s3.credentials"
    credentials.parent.mkdir(mode=0o700, exist_ok=True)
    credentials.write_text("access\nsecret-secret\n")
    credentials.chmod(0o600)
    return AuditSettings.load(home=home, audit_s3_bucket="checkpoints", **given)


class TestBucketOfCheckpoints:
    """The settings of the S3 store that checkpoints go to."""

    def test_address_without_tls(self, tmp_path: Path) -> None:
        """Another machine without TLS is refused at the start, unless a setting allows it."""
        address = "http://10.0.0.5:9000"
        with pytest.raises(WrongUse, match="audit_s3_plain_http"):
            open_log(_settings(tmp_path, audit_s3_endpoint=address))
        allowed = _settings(tmp_path, audit_s3_endpoint=address, audit_s3_plain_http=True)
        assert len(s3_anchors(allowed)) == 1

    def test_private_authority(self, tmp_path: Path) -> None:
        """The CA certificates of a setting are those that are trusted."""
        ca = tmp_path / "ca.pem"
        (anchor,) = s3_anchors(
            _settings(tmp_path, audit_s3_endpoint="https://s3.example", audit_s3_ca=ca)
        )
        assert anchor.options.connection.ca == ca

    def test_none(self, tmp_path: Path) -> None:
        """Without an address checkpoints go to no bucket."""
        assert s3_anchors(_settings(tmp_path)) == []
