# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from services.storage.adapters.directory import DirectoryBackend
from services.storage.domain import walk
from services.storage.domain.names import RECORDING, RecordingRef
from services.storage.domain.ports import ObjectBackend, Page
from tests.support.counting_backend import CountingBackend

RECORDINGS = ["rec-" + letter * 26 for letter in "ab"]
RUN = "0" * 32
OBJECTS = st.builds(
    lambda study, participant, rest: f"{study}/{participant}/{rest}",
    st.sampled_from(["s1", "s1-b", "s2"]),
    st.sampled_from(["P1", "P1-2", "P2", "_study", "p1"]),
    st.sampled_from(
        [f"{rec}/{part}" for rec in RECORDINGS for part in (
            "manifest", "source", "hold/g-00000001", f"review/{RUN}/g-00000001",
            f"transcript/{RUN}/manifest",
            *(f"transcript/{RUN}/w-{n:08d}" for n in range(4)),
        )]
        + ["bundle/rel-x/a.txt", "bundle/rel-x/b.txt", "vault/g-00000001", "release/rel-x"]
    ),
)  # fmt: skip


class SmallPages(CountingBackend):
    """A store whose pages are as long as a test says."""

    def __init__(self, backend: ObjectBackend, size: int) -> None:
        super().__init__(backend)
        self._size = size

    def list(self, prefix: str, after: str = "", limit: int = 1000) -> Page:
        """List a short page."""
        return super().list(prefix, after, min(limit, self._size))


def store(root: Path, names: set[str], size: int) -> SmallPages:
    """A store with empty objects of these names."""
    backend = DirectoryBackend(root)
    for name in names:
        staged = backend.stage(name)
        staged.commit()
    return SmallPages(backend, size)


def expected(names: set[str], study: str) -> dict[str, set[str]]:
    """What a walk should find: by folder of a recording, its names without windows."""
    found: dict[str, set[str]] = {}
    for name in names:
        parts = name.split("/")
        if parts[1] in {"_study", "p1"} or not RECORDING.fullmatch(parts[2]):
            continue
        if study in {"", parts[0]}:
            folder = found.setdefault("/".join(parts[:3]) + "/", set())
            if "/w-" not in name:
                folder.add(name)
    return found


class TestWalk:
    """A walk finds each recording once, in the order of names, whatever the pages are."""

    @settings(max_examples=60, deadline=None)
    @given(st.sets(OBJECTS, max_size=30), st.integers(1, 7), st.sampled_from(["", "s1", "s1-b"]))
    def test_any(self, names: set[str], size: int, study: str) -> None:
        """What a plain look over all names finds; of the windows of a run, one."""
        with tempfile.TemporaryDirectory() as folder:
            backend = store(Path(folder) / "objects", names, size)
            found = list(walk.recordings(backend, study))
            wanted = expected(names, study)
            assert [ref.folder for ref, _ in found] == sorted(wanted)
            for ref, there in found:
                assert there == sorted(there)
                assert {name for name in there if "/w-" not in name} == wanted[ref.folder]
                windows = {name for name in names if name.startswith(ref.folder) and "/w-" in name}
                assert len([name for name in there if "/w-" in name]) == bool(windows)
                behind = walk.recordings(backend, study, ref)
                assert [one.folder for one, _ in behind] == [
                    one for one in sorted(wanted) if one > ref.folder
                ]

    def test_cost(self, tmp_path: Path) -> None:
        """Neither many windows nor many files of releases take more listings."""
        names = {f"s1/P1/{RECORDINGS[0]}/manifest", f"s1/P2/{RECORDINGS[1]}/manifest"}
        few = store(tmp_path / "few", names, 5)
        more = names | {f"s1/P1/{RECORDINGS[0]}/transcript/{RUN}/w-{n:08d}" for n in range(60)}
        more |= {f"s1/P2/bundle/rel-x/{n}.txt" for n in range(60)}
        more |= {f"s1/_study/release/rel-{n}" for n in range(60)}
        many = store(tmp_path / "many", more, 5)
        walked = [list(walk.recordings(backend, "s1")) for backend in (few, many)]
        assert [len(one) for one in walked] == [2, 2]
        assert many.calls["list"] - few.calls["list"] <= 3

    def test_order_of_names(self, tmp_path: Path) -> None:
        """A page goes on behind a recording though another code begins with the same letters."""
        names = {f"s1/{code}/{RECORDINGS[0]}/manifest" for code in ("P1", "P1-2", "P10")}
        backend = store(tmp_path, names, 100)
        refs: list[RecordingRef] = []
        while True:
            rest = list(walk.recordings(backend, "", refs[-1] if refs else None))
            if not rest:
                break
            refs.append(rest[0][0])
        assert [ref.owner.participant for ref in refs] == ["P1-2", "P1", "P10"]
