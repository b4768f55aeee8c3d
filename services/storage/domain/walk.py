# SPDX-License-Identifier: Apache-2.0
"""A walk over the recordings of a zone, in as few listings as their names need."""

from __future__ import annotations

from collections.abc import Iterator

from services.storage.domain.names import BEHIND, RECORDING, STUDY_ITSELF, Owner, RecordingRef
from services.storage.domain.ports import ObjectBackend
from services.storage.errors import InvalidName


def recordings(
    backend: ObjectBackend, study: str, after: RecordingRef | None = None
) -> Iterator[tuple[RecordingRef, list[str]]]:
    """Yield each recording of a study, or of all for "", behind `after`, and its objects' names.

    In the order of names. Of the windows of a run the first one stands for all: a listing goes on
    behind them, and behind every folder that is no recording's.
    """
    behind = after.folder + BEHIND if after else ""
    ref: RecordingRef | None = None
    there: list[str] = []
    while True:
        page = backend.list(f"{study}/" if study else "", behind)
        for info in page.objects:
            if ref is None or not info.name.startswith(ref.folder):
                if ref is not None:
                    yield ref, there
                ref, there = _ref(info.name), []
            if ref is not None and not (there and _windows(there[-1]) == _windows(info.name) != ""):
                there.append(info.name)
        if not page.after:
            break
        behind = _further(page.after)
    if ref is not None:
        yield ref, there


def _ref(name: str) -> RecordingRef | None:
    """Return the recording that an object belongs to; None for what belongs to none."""
    parts = name.split("/")
    if len(parts) < 4 or parts[1] == STUDY_ITSELF or not RECORDING.fullmatch(parts[2]):
        return None
    try:
        return RecordingRef(Owner(parts[0], parts[1]), parts[2])
    except InvalidName:
        return None  # a foreign name; scrub reports it


def _windows(name: str) -> str:
    """Return what the names of all windows of a window's run start with; "" for another object."""
    head, _, last = name.rpartition("/")
    return f"{head}/w-" if last.startswith("w-") and "/transcript/" in head else ""


def _further(name: str) -> str:
    """Return where a listing that ended at `name` goes on."""
    parts = name.split("/")
    if len(parts) > 2 and parts[1] == STUDY_ITSELF:
        return f"{parts[0]}/{STUDY_ITSELF}/{BEHIND}"
    if len(parts) > 3 and not RECORDING.fullmatch(parts[2]):
        return "/".join(parts[:3]) + f"/{BEHIND}"
    windows = _windows(name)
    return windows + BEHIND if windows else name
