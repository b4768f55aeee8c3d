# SPDX-License-Identifier: Apache-2.0
"""Commands against running services. Slow: all services start and process whole interviews."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from services.common.client_session import person
from services.registry.export_formats import ExportFormat
from tests.support.deployment import SAMPLES, Deployment
from tests.support.members import members_yaml
from tests.support.taking import TAKEN

INTERVIEW = """I: Good morning, can you tell me your name?
P: My name is Farid bin Osman, my phone is 012-345 6789.
I: And who brought you to the group, Farid?
P: My sister Salmah. We live in Taman Melati, and I have been 41 years old since 3 March 2020.
"""
IDENTIFIERS = ("Farid", "Osman", "Salmah", "012-345 6789", "Taman Melati", "3 March 2020")


def ingest(deployment: Deployment, path: Path, code: str) -> dict[str, object]:
    """Ingest a file, wait until it is processed, and return what the command reports."""
    done = deployment.ok(
        "ingest", str(path), "--study", "trial", "--participant", code, "--wait", "--json"
    )
    return dict(done.records[0])


def _create(deployment: Deployment, folder: Path, study: str, members: str) -> None:
    """Create a study whose transcripts a person must approve."""
    path = folder / f"{study}.yaml"
    path.write_text(
        f"id: {study}\ntitle: Another study\nlanguages: [en]\npolicy: research-default\n"
        f"participants: [P01]\n{members}",
        "utf-8",
    )
    deployment.ok("study", "create", str(path))


class TestCommands:
    def test_transcript_from_ingest_to_release(
        self, deployment: Deployment, tmp_path: Path
    ) -> None:
        """After ingest, build, export and verify, what researchers get names nobody."""
        source = tmp_path / "interview.txt"
        source.write_text(INTERVIEW, "utf-8")

        report = ingest(deployment, source, "P01")
        deployment.approve("trial")
        deployment.ok("release", "build", "--study", "trial")
        for fmt in ExportFormat:
            out = tmp_path / fmt
            deployment.ok(
                "release", "export", "--study", "trial", "--format", fmt, "--out", str(out), *TAKEN
            )
            deployment.ok("release", "verify", str(out))

        assert report["state"] == "needs_review"
        text = "".join(path.read_text("utf-8") for path in (tmp_path / "txt").glob("*.txt"))
        assert "group" in text
        for identifier in IDENTIFIERS:
            assert identifier.lower() not in text.lower()

    def test_same_file_again_changes_nothing(self, deployment: Deployment, tmp_path: Path) -> None:
        """A file that was ingested before keeps its id and is not processed again."""
        source = tmp_path / "again.txt"
        source.write_text(INTERVIEW + "I: Thank you.\n", "utf-8")

        first = ingest(deployment, source, "P02")
        second = ingest(deployment, source, "P02")

        assert first["recording_id"] == second["recording_id"]
        assert second["existed"] is True

    def test_dates_count_from_the_interview(self, deployment: Deployment, tmp_path: Path) -> None:
        """A day given at intake reaches the release as days before it, and is found in no file."""
        (tmp_path / "dated.yaml").write_text(
            "name: dated\nversion: 1\n"
            "entities: {PERSON: pseudonym, DATE_TIME: {operator: generalise, to: relative}}\n",
            "utf-8",
        )
        (tmp_path / "study.yaml").write_text(
            "id: dated\ntitle: Dates\nlanguages: [en]\npolicy: dated.yaml\n"
            f"review: automatic\nparticipants: [P01]\n{members_yaml()}",
            "utf-8",
        )
        for number, line in ((1, "I left hospital on 3 March 2020."), (2, "It was 10 March 2020.")):
            (tmp_path / f"{number}.txt").write_text(f"I: Hello.\nP: {line}\n", "utf-8")
        # Who writes a study's policy reviews nothing in it.
        deployment.ok("study", "create", str(tmp_path / "study.yaml"), by="methodologist")
        to = ["--study", "dated", "--participant", "P01"]
        files = [str(tmp_path / "1.txt"), str(tmp_path / "2.txt")]
        days = ["--date", "2020-03-12", "--date", "2020-03-19"]

        deployment.ok("ingest", *files, *to, *days, "--wait")
        other = deployment.sotto("ingest", files[0], *to, "--date", "2020-03-13")
        deployment.approve("dated")
        deployment.ok("release", "build", "--study", "dated")
        out = tmp_path / "txt"
        deployment.ok(
            "release", "export", "--study", "dated", "--format", "txt", "--out", str(out), *TAKEN
        )

        texts = [path.read_text("utf-8") for path in sorted(out.glob("P01*.txt"))]
        assert ["[day -9]" in texts[0], "[day -9]" in texts[1]] == [True, True]
        assert other.code == 4
        assert "keeps it" in other.err
        for path in (file for file in deployment.root.rglob("*") if file.is_file()):
            assert b"2020-03-12" not in path.read_bytes()

    def test_unapproved_transcript_is_not_released(
        self, deployment: Deployment, tmp_path: Path
    ) -> None:
        """A transcript that nobody approved is not released, and the error says what to do."""
        source = tmp_path / "unapproved.txt"
        source.write_text(INTERVIEW.replace("Farid", "Zulkifli"), "utf-8")
        _create(deployment, tmp_path, "unread", members_yaml())
        deployment.ok("ingest", str(source), "--study", "unread", "--participant", "P01", "--wait")

        done = deployment.sotto("release", "build", "--study", "unread")
        none = deployment.sotto("release", "list", "--study", "unread")

        assert done.code == 3
        assert "sotto review list" in done.err
        assert none.code == 0
        assert "unread has no release yet" in none.out + none.err

    def test_only_members_review_and_receive(self, deployment: Deployment, tmp_path: Path) -> None:
        """Who is no member of a study is refused by name, sees what is missing, and is recorded."""
        _create(deployment, tmp_path, "theirs", "members: [{person: siti, roles: [reviewer]}]\n")
        study = ("--study", "theirs")

        refused = [
            deployment.sotto("review", "list", *study),
            deployment.sotto("release", "list", *study),
            deployment.sotto("release", "export", *study, "--out", str(tmp_path / "out")),
        ]
        shown = deployment.ok("study", "show", "theirs", "--json").records
        entries = deployment.ok("audit", "list", "--study", "theirs", "--json").records

        assert [done.code for done in refused] == [3, 3, 3]
        assert all(f"{person()} is no re" in done.err for done in refused)
        assert shown[0]["members"] == [{"person": "siti", "roles": ["reviewer"]}]
        denied = [one for one in entries if one["reason"] == "not_a_member"]
        assert sorted(one["event"] for one in denied) == [
            "access:call:denied",
            "access:call:denied",
            "release:bundle:exported",
        ]
        assert {one["person"] for one in denied} == {person()}

    def test_withdrawal_erases_and_reports_it(self, deployment: Deployment, tmp_path: Path) -> None:
        """After withdrawal nothing of the participant can be read or ingested again."""
        source = tmp_path / "leaving.txt"
        source.write_text(INTERVIEW.replace("Farid", "Hafiz"), "utf-8")
        ingest(deployment, source, "P04")
        deployment.approve("trial")
        deployment.ok("release", "build", "--study", "trial")
        deployment.ok(
            "release", "export", "--study", "trial", "--out", str(tmp_path / "left"), *TAKEN
        )

        unsure = deployment.sotto("participant", "withdraw", "P04", "--study", "trial")
        receipts = deployment.ok(
            "participant", "withdraw", "P04", "--study", "trial", "--yes", "--json"
        ).records
        again = deployment.sotto(
            "ingest", str(source), "--study", "trial", "--participant", "P04", "--wait"
        )
        entries = deployment.ok("audit", "list", "--participant", "P04", "--json").records
        states = [one for one in deployment.recordings("trial") if one["participant"] == "P04"]

        assert (unsure.code, "--yes" in unsure.err) == (3, True)
        *zones, told = receipts
        assert {receipt["zone"] for receipt in zones} == {"clinical", "research"}
        assert [(one["person"], one["file_format"]) for one in told["recipients"]] == [
            (person(), "txt")
        ]
        releases = deployment.ok("release", "list", "--study", "trial", "--json").records
        assert releases[-1]["held_back"] == ["P04"]
        assert again.code == 3
        assert [one for one in entries if one["event"] == "key:participant:destroyed"]
        assert all(one["state"] == "erased" for one in states)

    def test_unknown_participant_is_not_erased(self, deployment: Deployment) -> None:
        """A code that the study does not have is refused, and nothing is recorded as erased."""
        done = deployment.sotto("participant", "withdraw", "P40", "--study", "trial", "--yes")
        entries = deployment.sotto("audit", "list", "--participant", "P40", "--json")

        assert done.code == 4
        assert "(nothing was erased)" in done.err
        assert (entries.code, entries.out) == (4, "")
        assert "the log knows no participant P40" in entries.err

    def test_recording_is_transcribed(self, deployment: Deployment) -> None:
        """A spoken interview is processed as a written one is."""
        report = ingest(deployment, SAMPLES / "interview-c.ogg", "P05")

        assert report["state"] == "needs_review"

    def test_failure_has_a_stage_and_a_message(
        self, deployment: Deployment, tmp_path: Path
    ) -> None:
        """A recording that cannot be transcribed fails with advice and without its content."""
        source = tmp_path / "no-model.wav"
        source.write_bytes(b"RIFF\x00\x10\x00\x00WAVE" + b"My name is Farid bin Osman. " * 50)

        done = deployment.sotto(
            "ingest", str(source), "--study", "trial", "--participant", "P06", "--wait"
        )
        [state] = [one for one in deployment.recordings("trial") if one["participant"] == "P06"]

        assert done.code == 3
        assert state["state"] == "failed"
        assert state["stage"] == "transcription"
        assert state["message"]
        assert "Farid" not in done.err + json.dumps(state)

    def test_audit_log_lists_everything_and_verifies(
        self, deployment: Deployment, tmp_path: Path
    ) -> None:
        """The log lists who did what, verifies in place and exported, and tampering is detected."""
        source = tmp_path / "interview.txt"
        source.write_text(INTERVIEW.replace("Farid", "Badrul"), "utf-8")
        ingest(deployment, source, "P07")
        deployment.approve("trial")
        deployment.ok("release", "build", "--study", "trial")
        taken = str(tmp_path / "release")
        release = ("release", "export", "--study", "trial", "--out", taken, *TAKEN)
        deployment.ok(*release)

        entries = deployment.ok("audit", "list", "--json").records
        deployment.ok("audit", "verify", "--log", str(deployment.root / "audit"))
        out = tmp_path / "export" / "audit.jsonl"
        out.parent.mkdir()
        deployment.ok("audit", "export", "--format", "jsonl", "--out", str(out))
        deployment.ok("audit", "verify", "--log", str(out.parent))
        changed = tmp_path / "changed"
        shutil.copytree(out.parent, changed)
        content = bytearray((changed / "audit.jsonl").read_bytes())
        content[len(content) // 2] ^= 1
        (changed / "audit.jsonl").write_bytes(bytes(content))

        assert {one["event"] for one in entries} >= {
            "recording:content:sealed",
            "transcription:recording:transcribed",
            "deidentification:transcript:deidentified",
            "release:bundle:built",
            "release:bundle:exported",
        }
        assert all(one["person"] for one in entries if one["event"] == "release:bundle:exported")
        assert deployment.sotto("audit", "verify", "--log", str(changed)).code == 4
