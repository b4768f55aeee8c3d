# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.audit.adapters.renewal import start_anew
from services.audit.cli import admin, main, read
from services.audit.cli.verify import verify_log
from services.audit.cli.witness import cosign_log
from services.audit.errors import LogDamaged, LogUnavailable
from services.audit_evidence.entry import Outcome, Phase, ReportedEvent
from services.audit_evidence.errors import InvalidFormat, NoSuchEntry
from services.audit_evidence.query import Query
from services.common.errors import InvalidInput, NotFound
from services.registry.events import Event
from tests.support.audit import REPOSITORY, LogFixture, make_log
from tests.support.audit_events import fact


class TestStartingAnew:
    """The way on after a restore."""

    def test_a_new_log_names_the_old_one(self, tmp_path: Path) -> None:
        """The old files are kept aside, whole; the first entry says which log came before."""
        folder = make_log(tmp_path / "audit", 10)
        shutil.copy(folder / "log.sqlite", tmp_path / "backup")
        fixture = LogFixture(folder)
        fixture.add(fact())
        fixture.close()
        shutil.copy(tmp_path / "backup", folder / "log.sqlite")
        with pytest.raises(LogDamaged):
            LogFixture(folder)
        aside = start_anew(folder, person="ana", reason="restored", origin="audit.example/log-2")
        report = verify_log(folder)
        assert (report.ok, report.size, report.origin) == (True, 1, "audit.example/log-2")
        assert (aside / "log.sqlite").exists()
        assert (aside / "log.key").exists()
        from services.audit.cli import log_export

        with log_export.copy_at(folder) as copy:
            first = next(copy.entries())
        assert first.event.name == "audit:log:renewed"
        assert first.event.attributes["old_origin"] == "audit.example/log"
        assert first.event.attributes["checkpoint_size"] == "11"
        assert first.event.person == "ana"

    def test_not_while_the_service_runs(self, tmp_path: Path) -> None:
        """A running service keeps its folder, and the old name cannot be taken again."""
        fixture = LogFixture(tmp_path / "audit")
        fixture.add(fact())
        fixture.log.publish()
        with pytest.raises(LogUnavailable, match="in use"):
            start_anew(tmp_path / "audit", person="ana", reason="restored")
        fixture.close()
        with pytest.raises(InvalidFormat, match="another name"):
            start_anew(
                tmp_path / "audit", person="ana", reason="restored", origin="audit.example/log"
            )
        assert verify_log(tmp_path / "audit").ok

    def test_goes_on(self, tmp_path: Path) -> None:
        """The service starts on the new log and appends behind its first entry."""
        folder = make_log(tmp_path / "audit", 3)
        start_anew(folder, person="ana", reason="restored")
        from services.audit.adapters.key_files import ensure_keys
        from services.audit.adapters.sqlite_store import SqliteStore
        from services.audit.domain.log import AuditLog
        from services.audit_evidence.entry import DraftEntry

        store = SqliteStore(folder)
        ring = ensure_keys(folder, fresh=False)
        log = AuditLog(store, ring.signing)
        assert log.commit([DraftEntry(fact(), "storage-clinical")]) == 1
        assert len(log.page(Query(), 0, 10)[0]) == 2
        store.close()


class TestFsck:
    """A deeper look at the folder."""

    def test_faults(self, tmp_path: Path) -> None:
        """Open permissions, a foreign key and unfinished files are reported."""
        folder = make_log(tmp_path / "audit", 3)
        assert admin.folder_faults(folder) == []
        (folder / "log.key").chmod(0o644)
        (folder / ".checkpoint.abc").write_text("half")
        other = make_log(tmp_path / "other", 3)
        shutil.copy(other / "log.vkey", folder / "log.vkey")
        words = "\n".join(admin.folder_faults(folder))
        assert "chmod 600" in words
        assert "left over" in words
        assert "public half" in words


class TestCommands:
    """The commands as a person calls them."""

    def _run(self, app: object, *arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, list(arguments))  # type: ignore[arg-type]
        return done.exit_code, done.output

    def test_verify(self, tmp_path: Path) -> None:
        """0 and words for a whole log, 4 and words for another, JSON when asked."""
        folder = make_log(tmp_path / "audit", 5)
        code, out = self._run(main.app, "verify", "--log", str(folder))
        assert (code, out.splitlines()[-1]) == (0, "the log is whole")
        code, out = self._run(main.app, "verify", "--log", str(folder), "--json")
        assert json.loads(out)["entries"] == 5
        with (folder / "log.sqlite").open("r+b") as file:
            file.seek(5000)
            file.write(b"x")
        code, out = self._run(main.app, "verify", "--log", str(folder))
        assert (code, out.splitlines()[-1]) == (4, "THE LOG IS NOT WHOLE")
        empty = tmp_path / "empty"
        empty.mkdir()
        code, out = self._run(main.app, "verify", "--log", str(empty), "--json")
        assert code == 4
        assert "no audit log" in json.loads(out)["wrong"][0]["what"]

    @pytest.mark.parametrize("option", ["--log", "--key", "--checkpoint", "--policy"])
    def test_a_mistyped_name_is_no_alarm(self, option: str, tmp_path: Path) -> None:
        """A file that is not there says nothing about the log."""
        folder = make_log(tmp_path / "audit", 5)
        given = [] if option == "--log" else ["--log", str(folder)]
        words = ["verify", *given, option, str(tmp_path / "nothing")]

        done = CliRunner().invoke(main.app, words)

        assert isinstance(done.exception, NotFound)
        assert "nothing was checked" in done.exception.message
        assert "WHOLE" not in done.output

    def test_files_to_make(self, tmp_path: Path) -> None:
        """No folder there, or an ending that says another format, is refused in words."""
        folder = make_log(tmp_path / "audit", 5)
        since, until = "2020-01-01", "2030-01-01"
        for name, words in (("no/x.pdf", "make it first"), ("x.docx", r"\.html, \.pdf or \.json")):
            with pytest.raises(InvalidInput, match=words):
                read.report("2026-11", tmp_path / name, log=folder)
            with pytest.raises(InvalidInput, match=words):
                read.breach("ana", since, until, tmp_path / name, log=folder)
        with pytest.raises(InvalidInput, match="make it first"):
            read.prove(1, tmp_path / "no" / "x.tlog-proof", log=folder)
        assert list(tmp_path.iterdir()) == [folder]

    def test_told_in_the_future(self, tmp_path: Path) -> None:
        """Deadlines count from when the hospital learnt of it, which is past."""
        folder = make_log(tmp_path / "audit", 5)
        with pytest.raises(InvalidInput, match="in the future"):
            read.breach(
                "ana", "2020-01-01", "2030-01-01", tmp_path / "x.html", "2999-01-01", log=folder
            )

    def test_empty_value_is_no_question(self) -> None:
        """An option whose value is empty, as of an unset variable, would widen the answer."""
        for option in ("--person", "--participant", "--study", "--event", "--since"):
            done = CliRunner().invoke(main.app, ["list", option, ""])
            assert isinstance(done.exception, InvalidInput)
            assert f"{option} has no value" in done.exception.message
        done = CliRunner().invoke(main.app, ["who", "P07", "--study", ""])
        assert isinstance(done.exception, InvalidInput)

    def test_who_as_csv_names_the_recipients(self, tmp_path: Path) -> None:
        """A spreadsheet holds what JSON does: who saw the words, and where releases went."""
        log = LogFixture(tmp_path / "audit")
        by = {"person": "ben", "role": "researcher", "caller": "researcher", "request_id": "q4"}
        study = {"object": "st1", "study_id": "st1"}
        name = f"rel-{'a' * 26}"
        of = {"study_id": "st1", "participant": "P07", "object": f"{name}/txt/P07_S1.txt"}
        release = {"release_id": name}
        for event, fields in (
            (Event.BUNDLE_FILE_SEALED, of),
            (Event.BUNDLE_SEALED, {"study_id": "st1", "object": name}),
            (Event.RELEASE_BUILT, {**study, "attributes": release}),
            (Event.RELEASE_EXPORTED, {**study, **by, "attributes": {**release, "format": "txt"}}),
            (Event.BUNDLE_FILE_READ, {**of, **by}),
        ):
            made: dict[str, Any] = {"zone": "research", **fields}
            owner = "release" if event.startswith("release:") else "storage-research"
            log.add(ReportedEvent(event.value, Phase.FACT, Outcome.SUCCESS, **made), service=owner)
        log.add(ReportedEvent(Event.BUNDLE_FILE_READ.value, Phase.FACT, Outcome.SUCCESS, **of))
        log.close()
        place = ("--log", str(tmp_path / "audit"))

        _, out = self._run(main.app, "who", "P07", "--csv", *place)
        _, plain = self._run(main.app, "who", "P07", "--json", *place)
        _, later = self._run(main.app, "who", "P07", "--since", "2999-01-01", *place)

        rows = list(csv.DictReader(out.splitlines()))
        kinds = ["seen", "release", "not-counted"]
        assert [row["kind"] for row in rows] == kinds
        assert [json.loads(line)["kind"] for line in plain.splitlines()] == kinds
        assert rows[2]["entry"] == "5"
        assert (rows[1]["to"], rows[1]["release_id"], rows[1]["format"]) == ("ben", name, "txt")
        assert "whenever they were handed out" in later

    def test_prove_and_check(self, tmp_path: Path) -> None:
        """A proof made by one command is accepted by the other."""
        app = main.app
        folder = make_log(tmp_path / "audit", 20)
        proof = tmp_path / "e.tlog-proof"
        assert self._run(app, "prove", "7", "--out", str(proof), "--log", str(folder))[0] == 0
        key = str(folder / "log.vkey")
        code, out = self._run(app, "check-proof", str(proof), "--key", key)
        assert code == 0
        assert "entry 7 is in the log audit.example/log" in out
        code, out = self._run(app, "show", "4", "--log", str(folder), "--json")
        assert [json.loads(line)["index"] for line in out.splitlines()] == [3, 4]
        code, out = self._run(app, "trace", "rec-9", "--log", str(folder), "--json")
        assert {json.loads(line)["object"] for line in out.splitlines()} == {"rec-9"}
        # An id that nobody wrote down right must not look like a recording that nobody touched.
        with pytest.raises(NoSuchEntry, match="whole ids"):
            read.trace("rec-nobody", log=folder)

    def test_is_quick(self, tmp_path: Path) -> None:
        """The verifier loads neither gRPC nor the settings nor a database driver of ours."""
        folder = make_log(tmp_path / "audit", 5)
        program = (
            "import sys; from pathlib import Path;"
            "from services.audit.cli.verify import verify_log;"
            f"print(verify_log(Path({str(folder)!r})).ok);"
            "print([name for name in ('grpc', 'google.protobuf', 'pydantic_settings', 'psycopg',"
            " 'structlog', 'rich') if name in sys.modules])"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=REPOSITORY,
        )
        assert done.stdout.split("\n")[:2] == ["True", "[]"]

    def test_a_witness_by_hand(self, tmp_path: Path) -> None:
        """A witness in a process of its own cosigns what the log asks it to."""
        folder = make_log(tmp_path / "audit", 5)
        place = tmp_path / "witness"
        program = (
            "from services.audit.cli.witness import app; app(['serve', '--dir',"
            f" {str(place)!r}, '--log-key', {str(folder / 'log.vkey')!r}, '--name', 'w.example',"
            " '--listen', '127.0.0.1:0'])"
        )
        with subprocess.Popen(
            [sys.executable, "-c", program], stderr=subprocess.PIPE, text=True, cwd=REPOSITORY
        ) as process:
            try:
                assert process.stderr is not None
                process.stderr.readline()
                address = process.stderr.readline().split()[-1]
                for _ in range(100):
                    if (place / "witness.vkey").exists():
                        break
                    time.sleep(0.05)
                text = cosign_log(
                    folder, f"http://{address}", place / "witness.vkey", folder / "witnessed"
                )
            finally:
                process.terminate()
        assert text.count("\n— ") == 2
        assert verify_log(folder).ok
