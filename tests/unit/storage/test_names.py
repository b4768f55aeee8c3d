# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.storage.domain import names
from services.storage.domain.names import Owner
from services.storage.errors import InvalidName

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
            names.generation(owner, names.review(owner, REC, RUN), 1),
            names.generation(owner, names.corrections(owner, REC, RUN), 1),
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
