# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from flows.demo import checks, samples
from tests.support.deployment import ROOT
from tests.support.tools import need_system

_ROOT = Path(__file__).parents[3]
PLANTED = ["Faizal bin Rahman", "Ah Kow", "012-345 6789"]


class TestWordErrorRate:
    def test_counts_each_kind_of_error(self) -> None:
        """A word too many, too few or another one is an error; case and punctuation are none."""
        assert checks.word_errors(["Good morning, Faizal."], ["good morning faizal"]) == (0, 3)
        assert checks.word_errors(["one two three"], ["one three"]) == (1, 3)
        assert checks.word_errors(["one two"], ["one two two"]) == (1, 2)
        assert checks.word_errors(["one", "two"], ["one too"]) == (1, 2)

    @pytest.mark.parametrize(
        ("results", "passed"),
        [([(3, 10), (0, 10)], True), ([(6, 10), (0, 10)], True), ([(7, 10), (0, 10)], False)],
    )
    def test_over_all_samples(self, results: list[tuple[int, int]], passed: bool) -> None:
        """At most three words in ten may be wrong, over all samples together."""
        assert checks.word_error_rate(results).passed is passed

    def test_no_words(self) -> None:
        """Samples without any word prove nothing."""
        assert not checks.word_error_rate([(0, 0)]).passed


class TestReadable:
    def test_counts_identifiers_not_forms_nor_files(self, tmp_path: Path) -> None:
        """An identifier counts once, in whatever form and how many files it can be read."""
        (tmp_path / "txt").mkdir()
        (tmp_path / "txt" / "P01_S1.txt").write_text("Faizal, then Faizal bin Rahman.\n", "utf-8")
        (tmp_path / "P01_S1.jsonl").write_text("Faizal\n", "utf-8")
        (tmp_path / "P02_S1.txt").write_text("Ah Kow\n", "utf-8")
        forms = [("Faizal bin Rahman", "Faizal"), ("Ah Kow",), ("Lim",)]
        assert checks.readable(tmp_path, "P01", forms) == 1
        assert checks.readable(tmp_path, "P02", forms) == 1


class TestAbsentFromRelease:
    def test_clean(self, tmp_path: Path) -> None:
        """A release without any identifier passes; parts of longer words are none."""
        (tmp_path / "P01.txt").write_text("P: Ah Kowalski, 1012-345 67890\n", "utf-8")

        assert checks.absent_from_release(tmp_path, PLANTED).passed

    def test_found_in_text_whatever_its_case(self, tmp_path: Path) -> None:
        """One identifier in one file is enough to fail."""
        (tmp_path / "P01.txt").write_text("P: faizal BIN rahman.\n", "utf-8")

        check = checks.absent_from_release(tmp_path, PLANTED)
        assert not check.passed
        assert check.figure.startswith("1 of 3")

    def test_found_in_docx_across_formatting(self, tmp_path: Path) -> None:
        """In a Word file the text is read as a person sees it, without its tags."""
        with zipfile.ZipFile(tmp_path / "P01.docx", "w") as archive:
            archive.writestr("word/document.xml", "<w:t>Ah </w:t><w:b/><w:t>Kow</w:t>")

        assert not checks.absent_from_release(tmp_path, PLANTED).passed

    def test_no_files(self, tmp_path: Path) -> None:
        """An empty release proves nothing."""
        assert not checks.absent_from_release(tmp_path, PLANTED).passed


class TestAbsentOutside:
    @pytest.mark.parametrize("code", ["utf-8", "utf-16-le"])
    def test_found_in_any_byte(self, tmp_path: Path, code: str) -> None:
        """An identifier in clear in any file fails, in either encoding."""
        (tmp_path / "x.db").write_bytes(b"\x00\xff" + "FAIZAL bin Rahman".encode(code) + b"\x00")

        assert not checks.absent_outside(tmp_path, PLANTED).passed

    def test_found_in_a_name(self, tmp_path: Path) -> None:
        """A file name counts as well."""
        (tmp_path / "Faizal bin Rahman").touch()

        assert not checks.absent_outside(tmp_path, PLANTED).passed

    @pytest.mark.parametrize(
        ("text", "passed"),
        [
            ("id: 25d66d83-cc9a-46ae-9ce9-b4471093540a", True),
            ("sha256: 0a" + "447109" * 10 + "ff", True),
            ("file 447109 of 25d66d83-cc9a-46ae-9ce9-b4371093540a", False),
            ("0000000000000447109000", False),
        ],
    )
    def test_numbers_by_chance(self, tmp_path: Path, text: str, passed: bool) -> None:
        """Digits within a random name or a hash are none of the planted numbers."""
        (tmp_path / "x.db").write_text(text, "utf-8")

        assert checks.absent_outside(tmp_path, ["447109"]).passed is passed

    def test_clean(self, tmp_path: Path) -> None:
        """Sealed bytes pass."""
        (tmp_path / "x").write_bytes(bytes(range(256)))

        assert checks.absent_outside(tmp_path, PLANTED).passed

    def test_no_files(self, tmp_path: Path) -> None:
        """An empty home proves nothing."""
        assert not checks.absent_outside(tmp_path, PLANTED).passed


class TestUnchanged:
    def test_snapshots(self, tmp_path: Path) -> None:
        """A file that changed, came or went between two snapshots fails."""
        (tmp_path / "a").write_bytes(b"1")
        (tmp_path / "b").write_bytes(b"1")
        before = checks.snapshot(tmp_path)
        assert checks.unchanged(before, checks.snapshot(tmp_path)).passed

        (tmp_path / "a").write_bytes(b"2")
        (tmp_path / "b").unlink()
        (tmp_path / "c").touch()
        check = checks.unchanged(before, checks.snapshot(tmp_path))
        assert not check.passed
        assert check.figure == "3 of 2 files changed"

    def test_nothing_to_compare(self) -> None:
        """Two empty snapshots prove nothing."""
        assert not checks.unchanged({}, {}).passed


class TestListening:
    def test_loopback_and_beyond(self) -> None:
        """Sockets of loopback pass, and one that listens on every interface fails."""
        with socket.create_server(("127.0.0.1", 0)):
            assert checks.listening().passed
            with socket.create_server(("0.0.0.0", 0)):  # noqa: S104 - it is what must be found
                assert not checks.listening().passed

    def test_nothing_listens(self) -> None:
        """Where nothing listens, as in a process of its own, nothing was checked."""
        code = "from flows.demo import checks; raise SystemExit(bool(checks.listening().passed))"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)

    @pytest.mark.parametrize(
        ("address", "passed"),
        [
            ("127.0.0.1", True),
            ("0.0.0.0", False),  # noqa: S104 - it is what must be found
            ("::1", True),
            ("::", False),
        ],
    )
    def test_of_an_account_whose_processes_cannot_be_looked_into(
        self, address: str, passed: bool
    ) -> None:
        """An ordinary account sees what its services listen on, though they let nobody look in."""
        has_ipv6 = Path("/proc/net/if_inet6").exists()
        need_system(has_ipv6 or ":" not in address, "this kernel has no IPv6")
        code = (
            "import os, socket\n"
            "from flows.demo import checks\n"
            "from services.common import hardening\n"
            "from tests.support.escape_attempts import become\n"
            "become(0 if os.geteuid() else 65534)\n"
            "hardening.protect_memory()\n"
            "down, up = os.pipe()\n"
            "if os.fork() == 0:\n"
            "    os.close(up)\n"
            "    os.read(down, 1)\n"
            "    os._exit(0)\n"
            f"family = socket.AF_INET6 if ':' in {address!r} else socket.AF_INET\n"
            f"listener = socket.create_server(({address!r}, 0), family=family)\n"
            "print(checks.listening().passed)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=False
        )
        assert done.stdout == f"{passed}\n", done.stderr


class TestSamples:
    def test_each_has_its_own_participant(self) -> None:
        """Each sample is of another participant and has planted identifiers; audio has words."""
        found = samples.load()

        assert [sample.participant for sample in found] == [
            "P01", "P02", "P03", "P04", "P05", "P06",
        ]  # fmt: skip
        assert all(sample.planted for sample in found)
        assert all(sample.turns for sample in found if sample.is_audio)
        assert {sample.is_audio for sample in found} == {True, False}
