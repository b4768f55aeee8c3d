# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import rfc8785

from services.common.errors import InvalidInput
from services.common.signing import Signer
from services.release.cli import trusted_keys, verify, verify_folder
from services.release.domain.naming import CERTIFICATE, LEGEND, README, SIGNATURE
from services.release.errors import CertificateMalformed, ReleaseAltered, UnknownSigner
from tests.support.release_builders import certificate, paths, two, write_release

SIGNER = Signer.generate()
TRUSTED = [SIGNER.public_key]
LEAVES = list(paths(json.loads(certificate(two(), SIGNER).canonical_bytes())))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an export as txt."""
    write_release(tmp_path / "export", SIGNER)
    return tmp_path / "export"


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an export of all formats; tests must leave it as it was."""
    folder = tmp_path_factory.mktemp("all") / "export"
    write_release(folder, SIGNER, ("docx", "jsonl", "txt", "vtt"))
    return folder


def flips(size: int) -> Iterator[tuple[int, int]]:
    """Return (position, mask) for every byte of a small file, and for a spread of a large one."""
    step = max(1, size // 97)
    for place in [*range(0, size, step), size - 1]:
        yield place, 1 << place % 8


class TestGood:
    """Folders that hold."""

    def test_a_whole_folder_passes(self, folder: Path) -> None:
        """An untouched export verifies, and says what it is."""
        found = verify_folder(folder, TRUSTED)
        assert (found.formats, found.files) == (("txt",), 6)
        assert found.certificate.withdrawn == ("P03",)

    def test_all_formats_may_lie_together(self, everything: Path) -> None:
        """Exports of several formats into one folder verify together."""
        assert verify_folder(everything, TRUSTED).formats == ("docx", "jsonl", "txt", "vtt")

    def test_command_says_so(
        self, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The command prints one line, or one JSON object."""
        key = tmp_path / "key.pem"
        key.write_text(SIGNER.public_key.pem)
        verify(folder, key=key)
        assert capsys.readouterr().out.startswith("verified: rel-")
        verify(folder, key=key, as_json=True)
        facts = json.loads(capsys.readouterr().out)
        assert facts["verified"] is True
        assert facts["key"] == SIGNER.public_key.fingerprint

    def test_home_key_is_found(self, folder: Path, tmp_path: Path) -> None:
        """Without --key the home's own key counts."""
        (tmp_path / "home" / "release").mkdir(parents=True)
        (tmp_path / "home" / "release" / "release-key.pem").write_text(SIGNER.public_key.pem)
        verify(folder, home=tmp_path / "home")


class TestTampered:
    """Every change is found and named."""

    def test_any_byte_of_any_file(self, everything: Path) -> None:
        """A turned bit anywhere in any file is found, and the file is named."""
        for path in sorted(everything.iterdir()):
            good = path.read_bytes()
            try:
                for place, mask in flips(len(good)):
                    bad = bytearray(good)
                    bad[place] ^= mask
                    path.write_bytes(bad)
                    with pytest.raises(ReleaseAltered, match=path.name) as caught:
                        verify_folder(everything, TRUSTED)
                    assert caught.value.exit_code == 4
            finally:
                path.write_bytes(good)
        verify_folder(everything, TRUSTED)

    @pytest.mark.parametrize("change", [b"", b"x"])
    def test_truncated_and_longer_files(self, everything: Path, change: bytes) -> None:
        """A byte less or more is found."""
        for path in sorted(everything.iterdir()):
            good = path.read_bytes()
            try:
                path.write_bytes(good + change if change else good[:-1])
                with pytest.raises(ReleaseAltered, match=path.name):
                    verify_folder(everything, TRUSTED)
            finally:
                path.write_bytes(good)

    def test_any_field_of_the_certificate(self, folder: Path) -> None:
        """No field can be changed, however well-formed the new certificate is."""
        good = (folder / CERTIFICATE).read_bytes()
        for where in LEAVES:
            document = json.loads(good)
            inner = document
            for key in where[:-1]:
                inner = inner[key]
            value = inner[where[-1]]
            if isinstance(value, int):
                inner[where[-1]] = value + 1
            elif isinstance(value, str):
                inner[where[-1]] = value[:-1] + ("0" if value[-1:] != "0" else "1")
            else:
                inner[where[-1]] = type(value)()
            (folder / CERTIFICATE).write_bytes(rfc8785.dumps(document))
            with pytest.raises(ReleaseAltered, match=CERTIFICATE):
                verify_folder(folder, TRUSTED)

    @pytest.mark.parametrize("name", ["P07_S1.txt", LEGEND, README, CERTIFICATE, SIGNATURE])
    def test_a_missing_file(self, folder: Path, name: str) -> None:
        """What is gone is named."""
        (folder / name).unlink()
        with pytest.raises(ReleaseAltered, match=f"{name} is missing"):
            verify_folder(folder, TRUSTED)

    def test_a_format_that_is_incomplete(self, everything: Path) -> None:
        """One file of a format alone does not pass for the format."""
        path = everything / "P08_S2.docx"
        good = path.read_bytes()
        path.unlink()
        try:
            with pytest.raises(ReleaseAltered, match=r"P08_S2\.docx is missing"):
                verify_folder(everything, TRUSTED)
        finally:
            path.write_bytes(good)

    def test_no_transcript_at_all(self, folder: Path) -> None:
        """A folder without any transcript is not a release."""
        for path in folder.glob("P*.txt"):
            path.unlink()
        with pytest.raises(ReleaseAltered, match="holds no transcript"):
            verify_folder(folder, TRUSTED)

    @pytest.mark.parametrize("name", ["notes.txt", ".hidden", "P09_S1.txt", "P07_S1.txt~", "a\nb"])
    def test_a_foreign_file(self, folder: Path, name: str) -> None:
        """What does not belong is named, in a form that is safe to print."""
        (folder / name).write_bytes(b"")
        with pytest.raises(ReleaseAltered, match="does not belong") as caught:
            verify_folder(folder, TRUSTED)
        assert "\n" not in caught.value.message

    def test_a_renamed_file(self, folder: Path) -> None:
        """A rename shows as one missing and one foreign file."""
        (folder / "P07_S1.txt").rename(folder / "P7_S1.txt")
        with pytest.raises(ReleaseAltered, match=r"P07_S1.txt is missing; P7_S1.txt does not"):
            verify_folder(folder, TRUSTED)

    def test_swapped_files(self, folder: Path) -> None:
        """The words of one participant cannot stand under another's name."""
        one, other = folder / "P07_S1.txt", folder / "P08_S2.txt"
        held = one.read_bytes() + b" "
        one.write_bytes(other.read_bytes() + b" ")
        other.write_bytes(held)
        with pytest.raises(ReleaseAltered, match=r"P07_S1.txt was changed; P08_S2.txt was changed"):
            verify_folder(folder, TRUSTED)

    def test_links_and_folders(self, folder: Path, tmp_path: Path) -> None:
        """A link with the right bytes is not the file, and a folder is not part of a release."""
        (folder / "P07_S1.txt").rename(tmp_path / "elsewhere.txt")
        (folder / "P07_S1.txt").symlink_to(tmp_path / "elsewhere.txt")
        (folder / "more").mkdir()
        with pytest.raises(ReleaseAltered, match=r"not a plain file; more does not belong"):
            verify_folder(folder, TRUSTED)

    def test_a_linked_certificate(self, folder: Path, tmp_path: Path) -> None:
        """The certificate must lie in the folder itself."""
        (folder / CERTIFICATE).rename(tmp_path / "c.json")
        (folder / CERTIFICATE).symlink_to(tmp_path / "c.json")
        with pytest.raises(ReleaseAltered, match=CERTIFICATE):
            verify_folder(folder, TRUSTED)


class TestTrust:
    """Only a key that the caller has counts."""

    def test_the_key_in_the_folder_alone_is_not_trusted(self, folder: Path) -> None:
        """A release signed by somebody else says by whom, and fails."""
        with pytest.raises(UnknownSigner, match=f"unknown key {SIGNER.public_key.fingerprint}"):
            verify_folder(folder, [])
        with pytest.raises(UnknownSigner) as caught:
            verify_folder(folder, [Signer.generate().public_key])
        assert caught.value.exit_code == 4

    def test_a_forged_release_is_told_from_a_broken_one(self, folder: Path) -> None:
        """Certificate and files made by a stranger carry the stranger's fingerprint."""
        forger = Signer.generate()
        data = certificate(two(), forger).canonical_bytes()
        (folder / CERTIFICATE).write_bytes(data)
        (folder / SIGNATURE).write_bytes(forger.sign(data))
        with pytest.raises(UnknownSigner, match=forger.public_key.fingerprint):
            verify_folder(folder, TRUSTED)

    def test_a_stranger_cannot_borrow_the_name_of_our_key(self, folder: Path) -> None:
        """A certificate that names our key with another's signature is broken, not unknown."""
        (folder / SIGNATURE).write_bytes(
            Signer.generate().sign((folder / CERTIFICATE).read_bytes())
        )
        with pytest.raises(ReleaseAltered, match="signature does not hold"):
            verify_folder(folder, TRUSTED)

    def test_a_certificate_that_names_another_key(self, folder: Path) -> None:
        """Our signature under a certificate that names a stranger's key does not pass."""
        data = certificate(two(), Signer.generate()).canonical_bytes()
        (folder / CERTIFICATE).write_bytes(data)
        (folder / SIGNATURE).write_bytes(SIGNER.sign(data))
        with pytest.raises(ReleaseAltered, match="another key"):
            verify_folder(folder, TRUSTED)

    def test_signed_junk_is_refused(self, folder: Path) -> None:
        """Even what we signed must follow the format."""
        (folder / CERTIFICATE).write_bytes(b"{}")
        (folder / SIGNATURE).write_bytes(SIGNER.sign(b"{}"))
        with pytest.raises(CertificateMalformed):
            verify_folder(folder, TRUSTED)

    def test_one_of_several_trusted_keys_is_enough(self, folder: Path) -> None:
        """Keys of years past may stand in the same file."""
        assert verify_folder(folder, [Signer.generate().public_key, *TRUSTED]).key == TRUSTED[0]

    def test_no_key_anywhere(self, tmp_path: Path) -> None:
        """A home without a key gives no trust, and no error of its own."""
        assert trusted_keys(None, tmp_path) == []

    def test_no_folder(self, tmp_path: Path) -> None:
        """A name that is no folder is the caller's mistake."""
        with pytest.raises(InvalidInput, match="not a folder"):
            verify_folder(tmp_path / "none", TRUSTED)
