# SPDX-License-Identifier: Apache-2.0
"""What earlier versions signed still verifies, and the same values give the same bytes."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.common.signing import Signer
from services.release.cli import verify
from services.release.domain.certificate import Certificate
from services.release.domain.naming import CERTIFICATE, SIGNATURE
from services.release.domain.verification import authenticate
from services.release.errors import CertificateMalformed
from tests.support.release_builders import certificate, draft, two

DATA = Path(__file__).resolve().parents[2] / "data"
OLD = DATA / "release-1"
SECOND = DATA / "release-2"
THIRD = DATA / "release-3"
KEPT = DATA / "release-4"
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the kept home was packed from."""
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(DATA / "home-0.1" / "home.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder


class TestFirstFormat:
    """Certificate format 1, as version 0.1.0 wrote it."""

    def test_reads_and_verifies(self) -> None:
        """It says nothing of rules, corrections and omissions, and encodes to the same bytes."""
        data = (OLD / CERTIFICATE).read_bytes()
        found, key = authenticate(data, (OLD / SIGNATURE).read_bytes(), [SIGNER.public_key])
        assert (found.format, key) == ("sotto-release-certificate/1", SIGNER.public_key)
        assert found.release_id == "rel-qriwdzlvk723wvcn7ndknyuxhv"
        assert (found.left_out, found.inputs[0].corrections) == (None, None)
        assert found.canonical_bytes() == data

    @pytest.mark.parametrize(
        ("kept", "other"),
        [(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2), (3, 4), (4, 2), (4, 3)],
        ids=str,
    )
    def test_formats_are_not_mixed(self, kept: int, other: int) -> None:
        """A certificate has all fields of its format and none of the others."""
        document = json.loads((DATA / f"release-{kept}" / CERTIFICATE).read_bytes())
        document["format"] = f"sotto-release-certificate/{other}"
        with pytest.raises(CertificateMalformed, match="not those of its format"):
            Certificate.read(rfc8785.dumps(document))


class TestSecondFormat:
    """Certificate format 2, which no released version wrote."""

    def test_reads_and_verifies(self) -> None:
        """It states the hash of the run before corrections, and encodes to the same bytes."""
        data = (SECOND / CERTIFICATE).read_bytes()
        found, key = authenticate(data, (SECOND / SIGNATURE).read_bytes(), [SIGNER.public_key])
        assert (found.format, key) == ("sotto-release-certificate/2", SIGNER.public_key)
        assert found.inputs[0].content_sha256
        assert found.canonical_bytes() == data


class TestThirdFormat:
    """Certificate format 3, which no released version wrote."""

    def test_reads_and_verifies(self) -> None:
        """Releases had no legend, and encode to the same bytes."""
        data = (THIRD / CERTIFICATE).read_bytes()
        found, key = authenticate(data, (THIRD / SIGNATURE).read_bytes(), [SIGNER.public_key])
        assert (found.format, key) == ("sotto-release-certificate/3", SIGNER.public_key)
        assert "legend" not in {one.format for one in found.outputs}
        assert found.canonical_bytes() == data

    def test_a_legend_comes_with_the_next_format(self) -> None:
        """Format 4 has a legend among its files, which cannot be left out."""
        document = json.loads((KEPT / CERTIFICATE).read_bytes())
        document["outputs"] = [one for one in document["outputs"] if one["format"] != "legend"]
        with pytest.raises(CertificateMalformed, match="do not fit its transcripts"):
            Certificate.read(rfc8785.dumps(document))


class TestSameValues:
    """Rendering version 4 and certificate format 4."""

    def test_same_bytes(self) -> None:
        """Certificate, signature and release id; the certificate holds the hash of every file."""
        data = certificate(two(), SIGNER).canonical_bytes()
        assert data == (KEPT / CERTIFICATE).read_bytes()
        assert SIGNER.sign(data) == (KEPT / SIGNATURE).read_bytes()
        assert draft(two()).release_id == "rel-oq34dkxfaqu6bxy23r27uldswh"

    def test_reads_back(self) -> None:
        """The kept certificate reads as what it was made from."""
        data = (KEPT / CERTIFICATE).read_bytes()
        assert Certificate.read(data) == certificate(two(), SIGNER)


class TestOldExports:
    """Exports that version 0.1.0 wrote."""

    @pytest.mark.parametrize("name", ["txt", "jsonl"])
    def test_verify(self, old: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        """`sotto release verify` accepts them, with the key of the home or of the file."""
        key = old / "home" / "release" / "release-key.pem"
        [folder] = old.rglob(f"release-{name}")
        verify(folder, home=old / "home")
        verify(folder, key=key)
        assert capsys.readouterr().out.count(f"transcripts as {name},") == 2
