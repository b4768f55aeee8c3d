# SPDX-License-Identifier: Apache-2.0
"""Entries of the log as its service gives them: pages, all that meet conditions, a proof."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import grpc

from services.audit_evidence import merkle
from services.audit_evidence.checkpoint import open_checkpoint
from services.audit_evidence.entry import Entry, decode
from services.audit_evidence.keys import VerifierKey
from services.common.paging import pages
from sotto.audit.v1 import audit_service_pb2_grpc as stubs
from sotto.audit.v1 import entry_pb2

_MOST_IN_A_PAGE = 1000  # the most entries that the audit service gives at once


@dataclass(frozen=True, slots=True)
class EntryPage:
    """A page of entries; `token` asks for the next one, empty at the end.

    `checkpoint` is that of the log as it was looked at.
    """

    entries: tuple[Entry, ...]
    token: str
    checkpoint: str


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """An entry, and the checkpoint of `size` entries under which its proof puts it."""

    entry: Entry
    size: int
    root: bytes
    hashes: tuple[bytes, ...]
    checkpoint: str


class LogClient:
    """Reads the log through its service, so that the reading is recorded."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._query = stubs.AuditQueryServiceStub(channel)
        self._checkpoint = stubs.AuditCheckpointServiceStub(channel)

    def state(self) -> entry_pb2.GetCheckpointResponse:
        """Return the newest checkpoint, the log's keys and what witnesses cosigned."""
        return self._checkpoint.GetCheckpoint(entry_pb2.GetCheckpointRequest())

    def size(self) -> int:
        """Return the number of entries."""
        return int(self.state().checkpoint.split("\n", 2)[1])

    def page(
        self,
        wanted: entry_pb2.EntryFilter,
        *,
        token: str = "",
        size: int = 50,
        newest_first: bool = False,
    ) -> EntryPage:
        """Return a page of the entries that meet conditions.

        Raises NotFound for a condition that names what the log does not know.
        """
        answer = self._query.ListEntries(
            entry_pb2.ListEntriesRequest(
                page_size=size, page_token=token, filter=wanted, newest_first=newest_first
            )
        )
        found = tuple(decode(one.leaf) for one in answer.entries)
        return EntryPage(found, answer.next_page_token, answer.checkpoint)

    def every(self, wanted: entry_pb2.EntryFilter) -> Iterator[Entry]:
        """Yield all entries that meet conditions, oldest first."""

        def fetch(token: str) -> entry_pb2.ListEntriesResponse:
            return self._query.ListEntries(
                entry_pb2.ListEntriesRequest(
                    page_size=_MOST_IN_A_PAGE, page_token=token, filter=wanted
                )
            )

        for page in pages(fetch):
            yield from (decode(one.leaf) for one in page.entries)

    def leaves(self, first: int = 0) -> Iterator[entry_pb2.ExportEntriesResponse]:
        """Yield the canonical bytes of the log from an entry on, then its checkpoint."""
        yield from self._query.ExportEntries(entry_pb2.ExportEntriesRequest(from_index=first))

    def proven(self, index: int) -> ProvenEntry:
        """Return an entry whose proof was checked against a signed checkpoint.

        The key is the one that the log itself gives. Raises NoSuchEntry, and ProofRefused or
        SignatureRefused where the log contradicts itself.
        """
        keys = [VerifierKey.parse(line) for line in self.state().verifier_keys]
        answer = self._query.GetInclusionProof(entry_pb2.GetInclusionProofRequest(index=index))
        stated = open_checkpoint(answer.checkpoint, keys).checkpoint
        merkle.verify_inclusion(
            merkle.leaf_hash(answer.leaf), index, stated.size, answer.hashes, stated.root
        )
        return ProvenEntry(
            decode(answer.leaf), stated.size, stated.root, tuple(answer.hashes), answer.checkpoint
        )
