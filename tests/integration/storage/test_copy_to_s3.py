# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc
from tests.support import s3, storage_service
from tests.support.storage_calls import fetch, ingest, states
from tests.support.storage_service import s3_settings, study


class TestCopyToS3:
    """From folders to a bucket."""

    def test_copied_objects_open(self, minio: s3.S3Server, tmp_path: Path) -> None:
        """Objects that any tool copied under their names open there, and new ones go in."""
        home = tmp_path / "home"
        service = storage_service.start(home, "clinical")
        catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator")).PutStudy(
            catalog_pb2.PutStudyRequest(study=study())
        )
        ref = ingest(service, b"interview").ref
        service.stop()
        settings = s3_settings(minio)
        objects = home / "clinical/objects"
        for path in objects.rglob("*"):
            name = path.relative_to(objects)
            if path.is_file() and name.parts[0] != ".staging":
                minio.client().fput_object(settings["s3_bucket"], str(name), str(path))
        service = storage_service.start(home, "clinical", **settings)
        assert fetch(service, ref)[1:] == (b"interview", True)
        assert ingest(service, b"interview").existed
        assert not ingest(service, b"another").existed
        assert len(states(service).recordings) == 2
        service.stop()
