# SPDX-License-Identifier: Apache-2.0
"""What a researcher asks of a deployment about copies of releases, and what is told of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from services.registry import identities
from sotto.release.v1 import copy_pb2, release_service_pb2_grpc
from tests.support.release_service import ReleaseDeployment

Reader = release_service_pb2_grpc.ReleaseReaderServiceStub


@contextlib.contextmanager
def reading(deployment: ReleaseDeployment, person: str = "nur") -> Iterator[Reader]:
    """Call as a researcher while the block lasts."""
    with deployment.peers(identities.RESEARCHER, person) as peers:
        yield Reader(peers.channel(identities.RELEASE))


def of_nur(deployment: ReleaseDeployment, study: str) -> list[copy_pb2.HeldCopy]:
    """Return what nur holds of a study."""
    with reading(deployment) as stub:
        return list(stub.ListCopies(copy_pb2.ListCopiesRequest(study_id=study)).copies)


def told(copy: copy_pb2.HeldCopy) -> list[tuple[str, str]]:
    """Return what concerns a copy."""
    return [
        (copy_pb2.NoticeKind.Name(one.kind).removeprefix("NOTICE_KIND_"), one.subject)
        for one in copy.notices
    ]
