# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.adapters.tiles_source import TilesSource
from services.audit.domain.tiles import TilePath, pack_bundle, unpack_bundle
from services.audit_evidence.errors import InvalidFormat
from services.audit_evidence.keys import VerifierKey
from services.audit_evidence.verify import verify
from tests.support.reference_tree import tiles_of
from tests.support.vectors import VECTORS, read_vectors


class TestPaths:
    """Paths."""

    @given(
        st.one_of(st.none(), st.integers(0, 63)), st.integers(0, 10**18 - 1), st.integers(1, 256)
    )
    def test_come_back(self, level: int | None, index: int, width: int) -> None:
        """Every tile has one path, and the path leads back to it."""
        path = TilePath(level, index, width)
        assert TilePath.parse(str(path)) == path

    @given(st.text(alphabet="tile/0123x.pentrs", max_size=40))
    def test_anything_else_is_refused(self, text: str) -> None:
        """A text is the one spelling of a tile's path, or it is refused."""
        with contextlib.suppress(InvalidFormat):
            assert str(TilePath.parse(text)) == text

    def test_of_a_log(self) -> None:
        """A log of 70,000 entries has the tiles that the format's example lists."""
        paths = list(map(str, tiles_of(70_000)))
        assert sum(path.startswith("tile/0/") for path in paths) == 274
        assert "tile/0/273.p/112" in paths
        assert [path for path in paths if path.startswith(("tile/1/", "tile/2/"))] == [
            "tile/1/000",
            "tile/1/001.p/17",
            "tile/2/000.p/1",
        ]
        assert list(tiles_of(0)) == []


class TestBundles:
    """Bundles."""

    @given(st.lists(st.binary(max_size=300), max_size=20))
    def test_come_back(self, entries: list[bytes]) -> None:
        """Packed entries come back, in order."""
        assert unpack_bundle(pack_bundle(entries)) == entries

    @pytest.mark.parametrize("data", [b"\x01", b"\x00\x02a"])
    def test_cut_off(self, data: bytes) -> None:
        """A bundle that ends inside an entry is refused."""
        with pytest.raises(InvalidFormat):
            unpack_bundle(data)


class TestPublishedVectors:
    """Published vectors."""

    def test_paths(self) -> None:
        """Published paths of tiles, both ways."""
        data = read_vectors("transparency-dev-tessera/paths.json")
        for case in data["tile_path"]:
            path = TilePath(case["level"], case["index"], case.get("p") or 256)
            assert str(path) == case["wantPath"]
        for case in data["entries_path"]:
            assert str(TilePath(None, case["N"], case.get("p") or 256)) == case["wantPath"]
        for case in data["parse_tile_level_index_partial"]:
            text = f"tile/{case['pathLevel']}/{case['pathIndex']}"
            if case.get("wantErr"):
                with pytest.raises(InvalidFormat):
                    TilePath.parse(text)
            else:
                want = TilePath(case["wantLevel"], case["wantIndex"], case["wantP"] or 256)
                assert TilePath.parse(text) == want

    def test_bundles(self) -> None:
        """Published bundles."""
        for case in read_vectors("transparency-dev-tessera/bundles.json")["cases"]:
            data = bytes.fromhex(case["hex"])
            if case["ok"]:
                assert [entry.hex() for entry in unpack_bundle(data)] == case.get("entries_hex", [])
            else:
                with pytest.raises(InvalidFormat):
                    unpack_bundle(data)

    def test_a_log_of_another_implementation(self) -> None:
        """A published log verifies in tree, tiles and signature; its entries are not ours."""
        key = VerifierKey.parse(read_vectors("transparency-dev-tessera/log-keys.json")["vkey"])
        folder = VECTORS / "transparency-dev-tessera" / "log"
        report = verify(TilesSource(folder), [key])
        assert report.size == 15
        assert {one.words.split(":")[0] for one in report.findings} == {
            "is not in the form that the log writes"
        }
