# SPDX-License-Identifier: Apache-2.0
"""Scrub: opens every object of a zone and compares it with the manifest that names it.

Then it opens every key record, and looks for keys of those who were erased.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.common.errors import Corrupted, Erased
from services.storage.domain import names, reviews
from services.storage.domain.bundles import Bundle, audio_is_deleted
from services.storage.domain.corrections import Corrections
from services.storage.domain.counters import Floors, is_erasure
from services.storage.domain.digests import ObjectDigest
from services.storage.domain.names import RECORDING, RELEASE, RUN, Owner
from services.storage.domain.ports import SELF_TEST
from services.storage.domain.recordings import Recording
from services.storage.domain.store import SealedStore
from services.storage.domain.transcripts import Finished
from services.storage.errors import DataCorrupted, InvalidName, KeyDoesNotOpen, ObjectMissing

DAMAGED = "damaged"
MISSING = "missing"
ORPHAN = "orphan"
UNREADABLE = "unreadable"
STRAY = "stray"
ROLLED_BACK = "rolled-back"


@dataclass(frozen=True, slots=True)
class ScrubFinding:
    """Something wrong with an object, and what was done: "none", "deleted" or "accepted"."""

    name: str
    finding: str
    action: str
    scanned: int


class Scrub:
    """A scrub of one zone.

    Repair deletes only what must not be opened again: objects and keys of erased participants, and
    what is left of removed recordings.
    Damage is never deleted, since a damaged object says more than a missing one; a source without
    manifest is kept, since sending the recording again makes it visible. With `accept` what was
    rolled back counts from now on.
    """

    def __init__(self, store: SealedStore, *, repair: bool = False, accept: bool = False) -> None:
        self._store = store
        self._repair = repair
        self._accept = accept
        self._newest: dict[str, int] = {}
        self._newest_opened: dict[str, int] = {}
        self._removed_folders: set[str] = set()
        self.scanned = 0

    def findings(self) -> Iterator[ScrubFinding]:
        """Yield everything that is wrong, in the order of names."""
        floors = self._store.counters.floors("", fresh=True)
        folder = ""
        group: list[str] = []
        for name in self._store.list(""):
            if name.startswith(SELF_TEST):
                continue  # another process tests the store right now
            head = "/".join(name.split("/")[:3])
            if head != folder and group:
                yield from self._group(group)
                group = []
            folder = head
            group.append(name)
        if group:
            yield from self._group(group)
        yield from self._generations(floors)
        yield from self._keys()

    def _generations(self, floors: Floors) -> Iterator[ScrubFinding]:
        """Compare the newest generations with what was written; note those that nobody noted."""
        counters, keyring = self._store.counters, self._store.keyring
        for folder, written in sorted(floors.numbers.items()):
            newest = self._newest.get(folder, 0)
            erased = keyring.tombstone(names.owner_of(folder)) is not None
            if is_erasure(folder) and not erased:
                yield self._lost_erasure(folder)
            elif newest < written and not erased and not self._is_removed(folder):
                if self._accept:
                    counters.accept(folder, newest)
                action = "accepted" if self._accept else "none"
                yield self._finding(f"{folder}/g-{written:08d}", ROLLED_BACK, action)
        for folder, newest in self._newest_opened.items():
            owner = names.owner_of(folder)
            if newest > floors.numbers.get(folder, 0) and keyring.tombstone(owner) is None:
                counters.note(owner, folder.removeprefix(owner.prefix), newest)
        for name in floors.forged:
            yield self._finding(f"counters/{name}", DAMAGED)

    def _is_removed(self, folder: str) -> bool:
        """Return whether a document went with the recording that it is about."""
        return "/".join(folder.split("/")[:3]) + "/" in self._removed_folders

    def _lost_erasure(self, folder: str) -> ScrubFinding:
        """Report a tombstone that was taken away; repair writes it again."""
        if self._repair:
            self._store.keyring.destroy(names.owner_of(folder), ())
        action = "deleted" if self._repair else "none"
        return self._finding(f"tombstones/{folder}", MISSING, action)

    def _keys(self) -> Iterator[ScrubFinding]:
        """Check the records of keys and of erasures, which are named as in a backup of them."""
        keyring = self._store.keyring
        erased, unopened = keyring.stray()
        for owner in erased:
            if self._repair:
                keyring.destroy(owner, ())
            action = "deleted" if self._repair else "none"
            yield self._finding(f"keys/{owner.prefix.rstrip('/')}", STRAY, action)
        for name in unopened:
            yield self._finding(f"keys/{name}", UNREADABLE)
        for name in keyring.damaged_tombstones():
            yield self._finding(f"tombstones/{name}", DAMAGED)

    def _group(self, group: list[str]) -> Iterator[ScrubFinding]:
        """Check the objects of one recording, or of another folder of an owner."""
        try:
            owner = names.owner_of(group[0])
        except InvalidName:
            for name in group:
                self.scanned += 1
                yield self._finding(name, ORPHAN)
            return
        recording = names.recording_of(group[0])
        if recording and names.removed(owner, recording) in group:
            yield from self._removed(owner, names.recording(owner, recording), group)
            return
        found: dict[str, ObjectDigest] = {}
        contents: dict[str, bytes] = {}
        for name in group:
            self.scanned += 1
            finding = self._look(owner, name, found, contents)
            if finding is not None:
                yield finding
        words = {name: contents.pop(name) for name in list(contents) if _is_word(name)}
        yield from self._compare(owner, found, contents)
        yield from self._compare_words(words, contents)
        for name, content in contents.items():
            if RELEASE.fullmatch(name.rsplit("/", 1)[-1]):
                yield from self._release(owner.study, content)

    def _removed(self, owner: Owner, folder: str, group: list[str]) -> Iterator[ScrubFinding]:
        """Open the record that a recording was removed; report what its removal left behind."""
        record = names.removed(owner, names.recording_of(folder))
        for name in group:
            self.scanned += 1
            if name == record:
                finding = self._look(owner, name, {}, {})
                if finding is not None:
                    yield finding
                    return  # it may be none: what is beside it stays
        self._removed_folders.add(folder)
        for name in group:
            if name != record:
                yield self._finding(name, ORPHAN, self._remove(name))
        if self._repair:
            self._store.counters.drop(folder, record.rpartition("/")[0])

    def _compare(
        self, owner: Owner, found: dict[str, ObjectDigest], contents: dict[str, bytes]
    ) -> Iterator[ScrubFinding]:
        """Compare what was found with what the manifests name."""
        expected: dict[str, ObjectDigest] = {}
        for manifest, content in contents.items():
            try:
                expected.update(self._expected(owner, {manifest: content}))
            except DataCorrupted:
                yield self._finding(manifest, DAMAGED)
        for name, wanted in expected.items():
            if name in found and found[name] != wanted:
                yield self._finding(name, DAMAGED)
            elif not self._store.exists(name):
                yield self._finding(name, MISSING)
        for name in found:
            if name.endswith("/source") and name not in expected:
                recording = names.recording_of(name)
                gone = bool(recording) and self._store.exists(
                    names.content_deleted(owner, recording)
                )
                yield self._finding(name, ORPHAN, self._remove(name) if gone else "none")

    def _compare_words(
        self, words: dict[str, bytes], manifests: dict[str, bytes]
    ) -> Iterator[ScrubFinding]:
        """Read what was said of runs, and compare it with the runs that it is about."""
        missing = set()
        for name, content in words.items():
            manifest = names.run_of_word(name)
            run = manifests.get(manifest)
            if run is None:
                missing.add(manifest)
            try:
                _read_word(name, content, run)
            except DataCorrupted:
                yield self._finding(name, DAMAGED)
        for manifest in sorted(missing):
            if not self._store.exists(manifest):
                yield self._finding(manifest, MISSING)

    def _look(
        self, owner: Owner, name: str, found: dict[str, ObjectDigest], contents: dict[str, bytes]
    ) -> ScrubFinding | None:
        """Open one object; keep its digest, and its content where it is a manifest."""
        try:
            found[name], content = self._open(owner, name)
        except Erased:
            return self._finding(name, ORPHAN, self._remove(name))
        except (ObjectMissing, KeyDoesNotOpen):
            # Deleted after the listing, or its key record is gone or damaged.
            return self._finding(name, UNREADABLE) if self._store.exists(name) else None
        except (Corrupted, InvalidName):
            return self._finding(name, DAMAGED)
        if content is not None:
            contents[name] = content
        return None

    def _release(self, study: str, content: bytes) -> Iterator[ScrubFinding]:
        bundle = Bundle.decode(content, study)
        for file in bundle.sealed:
            owner = file.announced.owner(study)
            name = names.bundle_file(owner, bundle.release_id, file.path)
            try:
                digest, _ = self._open(owner, name)
            except Erased:
                continue
            except ObjectMissing:
                if not audio_is_deleted(self._store, owner, file.path):
                    yield self._finding(name, MISSING)
            except Corrupted:
                continue  # the walk reports it under its own name
            else:
                if digest != file.content:
                    yield self._finding(name, DAMAGED)

    def _remove(self, name: str) -> str:
        return "deleted" if self._repair and self._store.backend.delete(name) else "none"

    def _finding(self, name: str, finding: str, action: str = "none") -> ScrubFinding:
        return ScrubFinding(name, finding, action, self.scanned)

    def _open(self, owner: Owner, name: str) -> tuple[ObjectDigest, bytes | None]:
        folder, _, last = name.rpartition("/")
        version = names.version_of(name)
        if names.is_generation(name):
            self._newest[folder] = max(self._newest.get(folder, 0), version)
        keep = last == "manifest" or bool(RELEASE.fullmatch(last)) or _is_word(name)
        with self._store.opening(owner, name, version) as (opening, chunks):
            content = b""
            for chunk in chunks:
                if keep:
                    content += chunk
            if names.is_generation(name):
                self._newest_opened[folder] = max(self._newest_opened.get(folder, 0), version)
            return opening.digest(), content if keep else None

    def _expected(
        self, owner: Owner, contents: dict[str, bytes]
    ) -> Iterator[tuple[str, ObjectDigest]]:
        """Yield the objects that the manifests of a folder name, with their digests."""
        for name, content in contents.items():
            parts = name.split("/")
            if RECORDING.fullmatch(parts[2]) and len(parts) == 4:
                if self._store.exists(names.content_deleted(owner, parts[2])):
                    continue
                recording = Recording.decode(content, owner, parts[2])
                yield names.source(owner, parts[2]), recording.content
            elif RECORDING.fullmatch(parts[2]) and len(parts) == 6 and RUN.fullmatch(parts[4]):
                run = Finished.decode(content, parts[4])
                for index, digest in enumerate(run.windows):
                    yield names.window(owner, parts[2], parts[4], index), digest


def _is_word(name: str) -> bool:
    """Return whether an object is a review, corrections or an approval of a run."""
    parts = name.split("/")
    return (
        len(parts) > 4
        and parts[3] in {"review", "correction", "approval"}
        and RUN.fullmatch(parts[4]) is not None
    )


def _read_word(name: str, content: bytes, manifest: bytes | None) -> None:
    """Raise `DataCorrupted` unless it is a word on its run, whose manifest may be missing."""
    run_key = name.split("/")[4]
    if name.split("/")[3] != "correction":
        reviews.decode(name, content, run_key)
    elif manifest is not None:
        Corrections.decode(content, Finished.decode(manifest, run_key))
