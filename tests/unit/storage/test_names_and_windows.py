# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.storage.domain import canonical, names
from services.storage.domain.bundles import Bundle
from services.storage.domain.names import Owner
from services.storage.domain.recordings import Recording
from services.storage.domain.transcripts import Finished, decode_window, encode_window
from services.storage.errors import DataCorrupted, InvalidName

P07 = Owner("peer-2026", "P07")
REC = "rec-" + "a" * 26
REL = "rel-" + "b" * 26
RUN = "0" * 32


class TestNames:
    """Object names are made from ids alone."""

    def test_all_are_well_formed(self) -> None:
        """Every name that we make is one that we accept, and fits into the audit log."""
        owner = Owner("s" * 39, "P" * 16)
        longest = "a" * 79 + "/" + "b" * 77 + ".md"
        made = [
            names.source(owner, REC),
            names.manifest(owner, REC),
            names.window(owner, REC, RUN, 12),
            names.run_manifest(owner, REC, RUN),
            names.generation(owner, "vault", 1),
            names.generation(owner, names.failures(owner, REC), 1),
            names.approval(owner, REC, RUN),
            names.bundle_file(owner, REL, longest),
            names.release("s" * 39, REL),
        ]
        for name in made:
            assert len(name) <= names.MAX_NAME
            assert names.owner_of(name).study == "s" * 39
        assert len(set(made)) == len(made)

    @pytest.mark.parametrize(
        "name", ["", "a", "a/b", "s1/P07/", "s1//x", "s1/P07/../x", "s1/p07/x", "S1/P07/x",
                 "/s1/P07/x",
                 "s1/P07/x\n", "s1/P07/.x", "s1/P07/" + "x" * 300]
    )  # fmt: skip
    def test_malformed(self, name: str) -> None:
        """Other names are refused."""
        with pytest.raises(InvalidName):
            names.owner_of(name)

    @given(st.text(max_size=60))
    def test_any_path_in_a_bundle(self, path: str) -> None:
        """A path in a bundle never leaves its folder."""
        try:
            name = names.bundle_file(P07, REL, path)
        except InvalidName:
            return
        assert name.startswith(f"peer-2026/P07/bundle/{REL}/")
        assert ".." not in name
        names.owner_of(name)

    @pytest.mark.parametrize("number", [-1, names.MAX_NUMBER + 1])
    def test_numbers(self, number: int) -> None:
        """Numbers that would break the order of names are refused."""
        with pytest.raises(InvalidName):
            names.window(P07, REC, RUN, number)


class TestWindows:
    """Windows as bytes."""

    @given(st.lists(st.binary(max_size=50), max_size=6))
    def test_round_trip(self, segments: list[bytes]) -> None:
        """What is written is read back."""
        assert list(decode_window(encode_window(segments), "w")) == segments

    @given(st.binary(max_size=64))
    def test_any_bytes(self, data: bytes) -> None:
        """Anything else is `DataCorrupted`."""
        try:
            segments = decode_window(data, "w")
        except DataCorrupted:
            return
        assert encode_window(segments) == data

    @given(st.lists(st.binary(max_size=20), min_size=1, max_size=3), st.data())
    def test_cut_or_longer(self, segments: list[bytes], data: st.DataObject) -> None:
        """A window that was cut or has more behind it is refused."""
        whole = encode_window(segments)
        cut = data.draw(st.integers(0, len(whole) - 1))
        for broken in (whole[:cut], whole + b"\0"):
            with pytest.raises(DataCorrupted):
                decode_window(broken, "w")


class TestManifests:
    """Manifests are read strictly."""

    @given(st.binary(max_size=200))
    def test_any_bytes(self, data: bytes) -> None:
        """Whatever is in place of a manifest is `DataCorrupted`."""
        for decode in (
            lambda: Recording.decode(data, P07, REC),
            lambda: Finished.decode(data, RUN),
            lambda: Bundle.decode(data, "peer-2026", REL),
        ):
            with pytest.raises(DataCorrupted):
                decode()

    @given(
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=5)),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=8,
        )
    )
    def test_canonical(self, value: object) -> None:
        """Canonical objects are read, and the same object in other clothes is refused."""
        if not isinstance(value, dict):
            return
        data = canonical.dump(value)
        assert canonical.load(data, "record") is not None
        with pytest.raises(DataCorrupted):
            canonical.load(data + b" ", "record")
