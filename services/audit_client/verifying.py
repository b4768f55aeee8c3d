# SPDX-License-Identifier: Apache-2.0
"""Verifies the whole log from an export, with the verifier that works offline, as it arrives.

Nothing is kept: entries pass through the verifier once, so that a log of millions takes no more
memory than one of thousands.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import grpc

from services.audit_client.entries import LogClient
from services.audit_evidence.checkpoint import peek
from services.audit_evidence.keys import VerifierKey
from services.audit_evidence.policy import WitnessPolicy
from services.audit_evidence.verify import VerificationReport, verify
from services.common.errors import InvalidInput
from sotto.audit.v1 import audit_service_pb2_grpc, review_pb2

WITNESSED = "the witnessed checkpoint"
NOT_WHOLE = "log-not-whole"


class ExportSource:
    """The log of a running service as a copy to verify: its entries up to its newest checkpoint.

    They are added to `keep` as they pass, where it is given.
    """

    def __init__(self, client: LogClient, keep: list[bytes] | None = None) -> None:
        self._client = client
        self._keep = keep
        self._state = client.state()
        self.size = peek(self._state.checkpoint).size

    @property
    def keys(self) -> list[VerifierKey]:
        """The public keys that the service itself gives."""
        return [VerifierKey.parse(line) for line in self._state.verifier_keys]

    def entries(self) -> Iterator[bytes]:
        """Return the leaves under the checkpoint; later ones are left out."""
        exported = (leaf for part in self._client.leaves() for leaf in part.leaves)
        for leaf in itertools.islice(exported, self.size):
            if self._keep is not None:
                self._keep.append(leaf)
            yield leaf

    def checkpoints(self) -> Sequence[tuple[str, bytes]]:
        """Return the newest checkpoint, and the one that witnesses cosigned."""
        found = [("the checkpoint of the service", self._state.checkpoint.encode())]
        if self._state.witnessed:
            found.append((WITNESSED, self._state.witnessed.encode()))
        return found

    def tile(self, level: int, index: int, width: int) -> bytes | None:  # noqa: ARG002 - the port
        """Return nothing: an export has no tiles."""
        return None

    def faults(self, keys: Sequence[VerifierKey]) -> Iterator[str]:  # noqa: ARG002 - the port
        """Return nothing: an export has no structure beyond its entries."""
        return iter(())

    def remarks(self) -> Iterator[str]:
        """Return nothing."""
        return iter(())

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(frozen=True)
class Trusted:
    """What an officer brings to a verification: keys, a checkpoint, a policy; empty for none."""

    keys: str = ""
    checkpoint: str = ""
    policy: str = ""


@dataclass(frozen=True)
class LiveVerification:
    """What came of a verification, what was checked and what was not, and when it began."""

    report: VerificationReport
    began: datetime
    ended: datetime
    checked: tuple[str, ...]
    not_checked: tuple[str, ...]


def verify_log(channel: grpc.Channel, trusted: Trusted | None = None) -> LiveVerification:
    """Verify the log of a service from an export.

    Raises InvalidFormat where what the officer brings is no key, checkpoint or policy, before the
    log is read.
    """
    return verify_source(ExportSource(LogClient(channel)), trusted or Trusted())


def verify_source(source: ExportSource, given: Trusted) -> LiveVerification:
    """Verify the entries of a source by what an officer brings, else by the keys that it gives."""
    own = tuple(VerifierKey.parse(line) for line in given.keys.split() if line)
    policy = WitnessPolicy.parse(given.policy) if given.policy.strip() else None
    held = []
    if given.checkpoint.strip():
        text = given.checkpoint.replace("\r\n", "\n").strip() + "\n"
        peek(text)
        held.append(("the checkpoint that you kept", text.encode()))
    began = datetime.now(UTC)
    keys = own or (() if policy and policy.logs else tuple(source.keys))
    report = verify(source, keys, held=held, policy=policy, now=began)
    return LiveVerification(
        report, began, datetime.now(UTC), tuple(_checked(report, given)), tuple(_left_out(given))
    )


def record_verification(channel: grpc.Channel, report: VerificationReport) -> int:
    """Have the log keep what a verification found; returns the number of the entry."""
    stub = audit_service_pb2_grpc.AuditReviewServiceStub(channel)
    request = review_pb2.RecordVerificationRequest(
        size=max(1, report.size),
        root=report.root or bytes(32),  # of a log that nobody could read there is none
        findings=report.fault_count,
    )
    return stub.RecordVerification(request).index


def record_review(
    channel: grpc.Channel,
    period: tuple[datetime, datetime],
    finding: str,
    *,
    size: int,
    root: bytes,
    is_whole: bool,
) -> int:
    """Have the log keep that an officer looked through a period; returns the number of the entry.

    `finding` is one of the registry's; `size` and `root` are of the log that was verified before.
    Raises InvalidInput where the log did not verify and the finding is another one than that.
    """
    if not is_whole and finding != NOT_WHOLE:
        raise InvalidInput(
            "this log does not verify, see: sotto audit verify; a review of it has the finding"
            f" {NOT_WHOLE}"
        )
    request = review_pb2.RecordReviewRequest(
        finding=f"FINDING_{finding.replace('-', '_').upper()}",
        size=max(1, size),
        root=root,
        verdict=review_pb2.VERDICT_WHOLE if is_whole else review_pb2.VERDICT_NOT_WHOLE,
    )
    request.since.FromDatetime(period[0])
    request.until.FromDatetime(period[1])
    return audit_service_pb2_grpc.AuditReviewServiceStub(channel).RecordReview(request).index


def _checked(report: VerificationReport, given: Trusted) -> Iterator[str]:
    yield (
        f"each of the {report.size} entries: its form, its place, its time, and that an end has its"
        " beginning"
    )
    yield "the tree over all entries, and that it gives the root which the checkpoint states"
    yield (
        "the signature of the checkpoint, by the key that you gave"
        if given.keys or given.policy
        else "the signature of the checkpoint, by the key that the log itself gave"
    )
    if given.checkpoint.strip():
        yield "that the log begins with the entries under the checkpoint that you kept"
    if report.witnessed is not None:
        yield f"that the witnesses of your policy vouch for the first {report.witnessed} entries"


def _left_out(given: Trusted) -> Iterator[str]:
    if not given.keys and not given.policy:
        yield (
            "whether the public key is the right one: give the copy that you keep yourself, which"
            " nobody here can have exchanged"
        )
    if not given.checkpoint.strip():
        yield (
            "whether this is the log that you saw before: give a checkpoint that you kept, and a"
            " log that was cut, or begun anew, shows"
        )
    if not given.policy.strip():
        yield "whether everybody is shown this log: a policy that names witnesses tells"
    yield (
        "the files of the log on its machine, with the seal of the database: sotto audit verify"
        " reads them"
    )
    yield (
        "this console, which did the reading: a copy that you export can be verified on a machine"
        " of your own"
    )
    yield "whether services reported what they did"
