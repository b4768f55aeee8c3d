# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from services.common import addresses
from services.common.addresses import AddressBook
from services.common.errors import WrongUse
from services.common.settings import ServiceSettings


class TestTarget:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("127.0.0.1:4001", "ipv4:127.0.0.1:4001"),
            ("10.0.0.7:1,10.0.0.8:65535", "ipv4:10.0.0.7:1,10.0.0.8:65535"),
            (" 10.0.0.7:1 , 10.0.0.8:2 ", "ipv4:10.0.0.7:1,10.0.0.8:2"),
            ("[fd00::7]:4001", "ipv6:[fd00::7]:4001"),
            ("[fd00::7]:1,[::1]:2", "ipv6:[fd00::7]:1,[::1]:2"),
            ("localhost:4001", "dns:///localhost:4001"),
            ("release.sotto.svc.cluster.local:4001", "dns:///release.sotto.svc.cluster.local:4001"),
        ],
    )
    def test_is_in_the_words_of_grpc(self, text: str, expected: str) -> None:
        """Addresses become one target, a host name one that is resolved."""
        assert addresses.target(text) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "", ",", "localhost", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x",
            "127.0.0.1:1,", "fd00::7:4001", "[fd00::7]", "[host]:1", "http://a:1", "a b:1", "-a:1",
            "unix:/tmp/socket", "none",
        ],
    )  # fmt: skip
    def test_of_no_address_is_refused(self, text: str) -> None:
        """What is no address with a port is refused."""
        with pytest.raises(ValueError, match="address"):
            addresses.target(text)

    @pytest.mark.parametrize("text", ["a:1,b:1", "a:1,127.0.0.1:1", "127.0.0.1:1,[::1]:1"])
    def test_of_several_kinds_is_refused(self, text: str) -> None:
        """Several addresses of kinds that gRPC does not take together are refused with advice."""
        with pytest.raises(ValueError, match="one DNS name"):
            addresses.target(text)

    def test_wrong_setting_is_named(self, tmp_path: Path) -> None:
        """A service with a wrong address in its settings does not start."""
        with pytest.raises(WrongUse, match="addresses"):
            ServiceSettings.load(home=tmp_path, service="audit", addresses={"release": "nowhere"})


class TestAddressBook:
    def test_prefers_what_it_was_told(self, tmp_path: Path) -> None:
        """What settings tell goes before what lies in the home; the rest comes from there."""
        (tmp_path / "audit.address").write_text("127.0.0.1:1\n")
        (tmp_path / "release.address").write_text("127.0.0.1:2\n")
        (tmp_path / "release-2.address").write_text("127.0.0.1:3\n")
        book = AddressBook({"audit": "10.0.0.7:9"}, tmp_path)

        assert book.find("audit") == "10.0.0.7:9"
        assert book.find("release") == "127.0.0.1:2,127.0.0.1:3"
        assert book.find("transcription") == ""

    def test_sees_what_changes(self, tmp_path: Path) -> None:
        """Files that come, change and go are seen at the next call."""
        run = tmp_path / "run"
        book = AddressBook({}, run)
        assert book.find("audit") == ""
        run.mkdir()
        for number, text in enumerate(("127.0.0.1:1", "127.0.0.1:2")):
            (tmp_path / f"new-{number}").write_text(text)
            (tmp_path / f"new-{number}").replace(run / "audit.address")
            assert book.find("audit") == text
        (run / "audit.address").unlink()
        assert book.find("audit") == ""

    def test_passes_over_what_is_no_address(self, tmp_path: Path) -> None:
        """A file that holds something else, or is just being written, counts for nothing."""
        (tmp_path / "worker.address").write_text("none\n")
        (tmp_path / "audit.address").write_bytes(b"\xff")

        assert AddressBook({}, tmp_path).find("worker") == ""
        assert AddressBook({}, tmp_path).find("audit") == ""

    def test_without_a_home(self) -> None:
        """Without a folder to look in, only what was told is known."""
        assert AddressBook({"audit": "127.0.0.1:1"}).find("release") == ""
