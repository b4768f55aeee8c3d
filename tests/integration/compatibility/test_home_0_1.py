# SPDX-License-Identifier: Apache-2.0
"""Today's services on the home that version 0.1.0 wrote (`tests/data/home-0.1`).

Slow, since the whole installation starts once: about half a minute on two free cores.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from services.common import context, identity, supervisor
from services.common.client import Peers
from services.common.errors import Erased
from services.registry import identities
from services.storage_client.catalog import CatalogClient, recording_ref
from services.storage_client.recordings import RecordingDownload
from services.storage_client.transcripts import read_transcript
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    vault_pb2,
    vault_service_pb2_grpc,
)
from tests.support import old_home
from tests.support.deployment import Deployment
from tests.support.members import member
from tests.support.speaking import spoken
from tests.support.taking import TAKEN

STUDY = "recovery-2026"
P01 = recording_ref(STUDY, "P01", "rec-yfilzngjqts3hmjc7nkyoi7iuu")
P07 = recording_ref(STUDY, "P07", "rec-pua4a2gsyc4b2cdwtnkllppm6z")
RELEASE = "rel-egqeypqh4ib3jr2ppcohisnayg"
NEW_INTERVIEW = """\
Interviewer: Good morning, welcome back. How was the month?

P07: Better. The group still meets every Thursday and I sleep well.
"""


class OldHome:
    """The home of version 0.1.0 under today's services."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.deployment = Deployment(old_home.unpack(folder))
        self.checkpoint = folder / "checkpoint-of-0.1"
        self.checkpoint.write_bytes((self.deployment.root / "audit/checkpoint").read_bytes())

    @contextlib.contextmanager
    def channel(self, client: str, service: str) -> Iterator[grpc.Channel]:
        """Call a running service as this client."""
        installation = self.deployment.installation
        with supervisor.running(installation, [service]) as addresses:
            peers = Peers(identity.load(installation.pki / client), addresses)
            try:
                with context.acting(**spoken(client), purpose="research", request_id="t-1"):
                    yield peers.channel(service)
            finally:
                peers.close()

    def source(self, ref: recording_pb2.RecordingRef) -> tuple[str, bytes]:
        """Read a recording as it came in: the name of its file, and its content."""
        with (
            self.channel("transcription", identities.CLINICAL) as channel,
            RecordingDownload(channel, ref) as download,
        ):
            return download.header.file_name, b"".join(download.chunks())

    def name_members(self) -> None:
        """Describe the study as it is, with the account that runs the tests as a member."""
        for zone in (identities.CLINICAL, identities.RESEARCH):
            with self.channel(identities.OPERATOR, zone) as channel:
                study = CatalogClient(channel).study(STUDY)
                study.members.append(member())
                catalog_service_pb2_grpc.CatalogWriterServiceStub(channel).PutStudy(
                    catalog_pb2.PutStudyRequest(study=study)
                )

    def text(self, client: str, service: str, ref: recording_pb2.RecordingRef) -> str:
        """Read a transcript, verified, as one text."""
        with self.channel(client, service) as channel:
            found = read_transcript(channel, ref)
        assert len(found.segments) == found.manifest.segment_count
        assert found.manifest.session == 1
        return "\n".join(segment.text for segment in found.segments)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OldHome]:
    """The old home with everything running on it."""
    opened = OldHome(tmp_path_factory.mktemp("home-0.1"))
    opened.deployment.up()
    yield opened
    opened.deployment.down()


class TestReads:
    """What version 0.1.0 wrote is there and reads."""

    def test_recordings(self, home: OldHome) -> None:
        """Each recording is in the state in which it was left."""
        listed = {one["participant"]: one for one in home.deployment.recordings(STUDY)}
        assert {code: one["state"] for code, one in listed.items()} == {
            "P01": "released",
            "P02": "erased",
            "P07": "released",
        }
        assert listed["P07"]["recording_id"] == P07.recording_id
        assert listed["P07"]["replacements"] > 5

    def test_transcripts(self, home: OldHome) -> None:
        """The identified transcript holds the names; the de-identified one, labels for them."""
        identified = home.text("deidentification", identities.CLINICAL, P07)
        deidentified = home.text("release", identities.RESEARCH, P07)
        assert "Kuala Lumpur" in deidentified  # coarsened to a city, not taken out
        assert "[P07]" in deidentified
        assert "[P07]" not in identified
        assert len(identified.splitlines()) == len(deidentified.splitlines())

    def test_roster_and_vault(self, home: OldHome) -> None:
        """The names that the study knows, and which name became which label."""
        with home.channel("deidentification", identities.CLINICAL) as channel:
            roster = vault_service_pb2_grpc.RosterReaderServiceStub(channel).GetRoster(
                vault_pb2.GetRosterRequest(study_id=STUDY)
            )
            vaults = vault_service_pb2_grpc.VaultServiceStub(channel)
            found = {
                code: vaults.GetVault(
                    vault_pb2.GetVaultRequest(
                        ref=vault_pb2.VaultRef(study_id=STUDY, participant=code)
                    )
                )
                for code in ("P01", "P07", "")
            }
        assert roster.document
        assert all(vault.document and vault.generation >= 1 for vault in found.values())

    def test_erased(self, home: OldHome) -> None:
        """The erased participant stays erased."""
        with home.channel("deidentification", identities.CLINICAL) as channel:
            vaults = vault_service_pb2_grpc.VaultServiceStub(channel)
            with pytest.raises(Erased):
                vaults.GetVault(
                    vault_pb2.GetVaultRequest(
                        ref=vault_pb2.VaultRef(study_id=STUDY, participant="P02")
                    )
                )

    def test_stores(self, home: OldHome) -> None:
        """Every object opens and is what its manifest says; stores and log agree."""
        assert not home.deployment.ok("storage", "scrub", "--json").records
        assert not home.deployment.ok("storage", "verify", "--json").records


class TestReleases:
    """The release of version 0.1.0."""

    def test_exported_again(self, home: OldHome, tmp_path: Path) -> None:
        """The release is listed, and its export is the one of version 0.1.0, byte for byte.

        For whom the study names as a member, which studies of version 0.1.0 could not.
        """
        refused = home.deployment.sotto("release", "list", "--study", STUDY)
        assert (refused.code, "'members'" in refused.err) == (3, True)
        home.name_members()
        [release] = home.deployment.ok("release", "list", "--study", STUDY, "--json").records
        assert release["release_id"] == RELEASE
        for file_format in ("txt", "jsonl"):
            out = tmp_path / file_format
            old = home.folder / f"release-{file_format}"
            files = ("--out", str(out), "--format", file_format)
            home.deployment.ok("release", "export", "--study", STUDY, *files, *TAKEN)
            assert {path.name: path.read_bytes() for path in out.iterdir()} == {
                path.name: path.read_bytes() for path in old.iterdir()
            }

    @pytest.mark.parametrize("file_format", ["txt", "jsonl"])
    def test_old_export(self, home: OldHome, file_format: str) -> None:
        """What was exported then verifies today; a changed file does not."""
        folder = home.folder / f"release-{file_format}"
        home.deployment.ok("release", "verify", str(folder))


class TestAuditLog:
    """The audit log goes on where version 0.1.0 left it."""

    def test_old_head(self, home: OldHome) -> None:
        """The log is whole and holds all that its head of then stood for, and new entries."""
        entries = int(home.checkpoint.read_text("utf-8").splitlines()[1])
        [report] = home.deployment.ok(
            "audit", "verify", "--checkpoint", str(home.checkpoint), "--json"
        ).records
        assert report["entries"] > entries
        newest = home.deployment.ok("audit", "list", "--json", "--limit", "1").records
        assert newest[0]["index"] >= entries

    def test_old_export(self, home: OldHome) -> None:
        """The export of then holds the entries that the log still shows."""
        lines = (home.folder / "audit.jsonl").read_text("utf-8").splitlines()
        old = json.loads(lines[150])
        [shown] = home.deployment.ok("audit", "show", str(old["index"]), "--json").records[:1]
        assert shown["event"] == old["event"]
        assert shown["time"] == old["time"]


class TestGoesOn:
    """Work goes on; runs last, since it changes the home."""

    def test_next_interview_and_withdrawal(self, home: OldHome, tmp_path: Path) -> None:
        """The same text finds its recording, a further one goes its way, a withdrawal erases."""
        name, content = home.source(P07)
        again = tmp_path / name
        again.write_bytes(content)
        who = ("--study", STUDY, "--participant", "P07", "--json")
        [found] = home.deployment.ok("ingest", str(again), *who).records
        assert found["recording_id"] == P07.recording_id
        assert found["existed"]

        further = tmp_path / "further.txt"
        further.write_text(NEW_INTERVIEW, "utf-8")
        more = (*who, "--session", "2", "--wait")
        home.deployment.ok("ingest", str(further), *more)
        states = {(one["participant"], one["session"]): one["state"]
                  for one in home.deployment.recordings(STUDY)}  # fmt: skip
        assert states["P07", 2] == "needs_review"

        home.deployment.ok("participant", "withdraw", "P07", "--study", STUDY, "--yes")
        after = [
            one["state"] for one in home.deployment.recordings(STUDY) if one["participant"] == "P07"
        ]
        assert after == ["erased"] * 2
        with pytest.raises(Erased):
            home.source(P07)
        assert home.text("release", identities.RESEARCH, P01)
        home.deployment.ok("audit", "verify", "--checkpoint", str(home.checkpoint))
