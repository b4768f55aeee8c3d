# SPDX-License-Identifier: Apache-2.0
"""Both zones' buckets and accounts on a test server, with the policies that ship in `infra/s3`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from minio.credentials import StaticProvider
from minio.minioadmin import MinioAdmin

from tests.support import s3

INFRA = Path(__file__).resolve().parents[2] / "infra/s3"
ZONES = ("clinical", "research")
SECRETS = {zone: f"secret-of-{zone}-zone" for zone in ZONES}


def make(server: s3.S3Server) -> None:
    """An account `sotto-<zone>`, a bucket of that name and one for keys, for each zone."""
    for zone in ZONES:
        for bucket in buckets(zone):
            server.client().make_bucket(bucket)
        (_on_minio if server.kind == "minio" else _on_versitygw)(server, zone)


def buckets(zone: str) -> tuple[str, str]:
    """The buckets of a zone: objects, and keys."""
    return f"sotto-{zone}", f"sotto-{zone}-keys"


def credentials(server: s3.S3Server, zone: str) -> Path:
    """The credential file of a zone's account."""
    return server.credentials(zone, f"sotto-{zone}", SECRETS[zone])


def _on_minio(server: s3.S3Server, zone: str) -> None:
    admin = MinioAdmin(
        endpoint=f"127.0.0.1:{server.port}",
        credentials=StaticProvider(server.access_key, server.secret_key),
        secure=False,
        region="us-east-1",
    )
    admin.user_add(f"sotto-{zone}", SECRETS[zone])
    admin.policy_add(
        f"sotto-{zone}", policy=json.loads((INFRA / f"policy-{zone}.json").read_text())
    )
    admin.attach_policy([f"sotto-{zone}"], user=f"sotto-{zone}")


def _on_versitygw(server: s3.S3Server, zone: str) -> None:
    subprocess.run(
        [str(s3.binary("versitygw")), "admin", "--access", server.access_key, "--secret",
         server.secret_key, "--endpoint-url", server.endpoint, "create-user", "--access",
         f"sotto-{zone}", "--secret", SECRETS[zone], "--role", "user"],
        check=True, capture_output=True,
    )  # fmt: skip
    for bucket in buckets(zone):
        policy = (INFRA / f"bucket-policy-{bucket.removeprefix('sotto-')}.json").read_text()
        server.client().set_bucket_policy(bucket, policy)
