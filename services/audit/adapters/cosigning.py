# SPDX-License-Identifier: Apache-2.0
"""Asks the witnesses of a policy to cosign each published checkpoint, without delaying the log.

A thread of its own sends the newest checkpoint to all witnesses at once. When enough of them have
cosigned it for the policy's quorum, it is kept with their signature lines in the file `witnessed`.
The state of each witness is in `witnesses.json`, for commands and reports, and every change of it
is reported: a witness that cannot be reached or refuses is lost, one that remembers another history
of this log is a conflict.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from services.audit.adapters.checkpoint_file import WITNESSED_FILE, FileAnchor
from services.audit.adapters.witness_http import ask_witness
from services.audit.errors import WitnessConflict
from services.audit_evidence.checkpoint import peek
from services.audit_evidence.errors import SignatureRefused
from services.audit_evidence.note import parse_note
from services.audit_evidence.policy import WitnessPolicy
from services.common.errors import SottoError
from services.common.files import write_private

STATE_FILE = "witnesses.json"
_ASK_SECONDS = 10.0
_LAST_SECONDS = 2.0

#: Returns the consistency proof between two sizes of the log.
Prove = Callable[[int, int], Sequence[bytes]]


class WitnessState(StrEnum):
    """What a witness last did. The values are words of `witnesses.json` and of log entries."""

    UNKNOWN = "unknown"
    COSIGNS = "cosigns"
    UNREACHABLE = "away"
    REFUSES = "refuses"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class WitnessStatus:
    """What a witness last did: state, since when (seconds since 1970), and what it cosigned."""

    name: str
    key_id: str
    state: WitnessState = WitnessState.UNKNOWN
    since: int = 0
    size: int = 0

    @property
    def began(self) -> str:
        """When the state began, as text."""
        moment = datetime.fromtimestamp(self.since, UTC)
        return f"{moment:%Y-%m-%d %H:%M} UTC" if self.since else ""


#: Is called with (before, after) of a change. Raises SottoError when it could not be recorded.
OnChange = Callable[[WitnessStatus, WitnessStatus], None]


class Cosigning(FileAnchor):
    """An anchor that has witnesses cosign its checkpoints; publishing never waits for them."""

    def __init__(self, folder: Path, policy: WitnessPolicy, *, every: float = 10.0) -> None:
        super().__init__(folder / WITNESSED_FILE)
        self._folder = folder
        self._policy = policy
        self._every = every
        self._statuses = read_statuses(folder, policy)
        self._newest = ""
        self._done = ""
        self._closed = False
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None

    def publish(self, note: str) -> None:
        """Leave the checkpoint for the next round."""
        with self._wake:
            self._newest = note
            self._wake.notify()

    def start(self, prove: Prove, on_change: OnChange, has_grown_to: Callable[[int], bool]) -> None:
        """Begin to ask; `has_grown_to(size)` says whether the log has that many entries by now."""
        self._prove = prove
        self._on_change = on_change
        self._has_grown_to = has_grown_to
        self._thread = threading.Thread(target=self._run, name="cosigning", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ask once more with a short timeout, only where all witnesses cosign, then stop."""
        if self._thread is None:
            return
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()
        healthy = all(one.state is WitnessState.COSIGNS for one in self._statuses.values())
        if healthy and self._newest != self._done:
            self._round(self._newest, _LAST_SECONDS)

    def _run(self) -> None:
        while True:
            with self._wake:
                while self._newest == self._done and not self._closed:
                    self._wake.wait()
                note = self._newest
                if self._closed:
                    return
            self._round(note, _ASK_SECONDS)
            with self._wake:
                # Not more often than agreed, whether the round went well or not.
                self._wake.wait_for(lambda: self._closed, self._every)

    def _round(self, note: str, seconds: float) -> None:
        size = peek(note).size
        lines: dict[str, str] = {}
        names = [name for name in self._policy.witnesses if name in self._policy.addresses]

        def ask(name: str) -> WitnessState:
            key = self._policy.witnesses[name]
            try:
                lines[name] = ask_witness(
                    self._policy.addresses[name],
                    key,
                    note,
                    lambda old: self._prove(old, size),
                    size=size,
                    old=self._statuses[name].size if self._statuses[name].size <= size else 0,
                    seconds=seconds,
                )
            except WitnessConflict as conflict:
                # It may have seen a newer checkpoint of ours; the next round shows it that one.
                grown = conflict.held and self._has_grown_to(conflict.held)
                return self._statuses[name].state if grown else WitnessState.CONFLICT
            except SottoError as error:
                refused = isinstance(error, SignatureRefused) or error.reason == "witness_refused"
                return WitnessState.REFUSES if refused else WitnessState.UNREACHABLE
            return WitnessState.COSIGNS

        with ThreadPoolExecutor(max(1, len(names)), thread_name_prefix="witness") as pool:
            states = dict(zip(names, pool.map(ask, names), strict=True))
        signed = [self._policy.witnesses[name] for name in lines]
        if lines and self._policy.satisfied(signed):
            parsed = parse_note(note)
            text = f"{parsed.text}\n{''.join(map(str, parsed.signatures))}"
            super().publish(text + "".join(lines[name] for name in names if name in lines))
            self._done = note
        elif len(lines) == len(names):
            self._done = note  # there is no other witness to ask
        for name, state in states.items():
            self._update(name, state, size)
        self._write()

    def _update(self, name: str, state: WitnessState, size: int) -> None:
        before = self._statuses[name]
        after = replace(before, size=size) if state is WitnessState.COSIGNS else before
        if state is not before.state:
            after = replace(after, state=state, since=int(time.time()))
            try:
                self._on_change(before, after)
            except SottoError:
                after = replace(after, state=before.state)  # reported again in the next round
        self._statuses[name] = after

    def _write(self) -> None:
        rows = [asdict(one) for one in self._statuses.values()]
        write_private(self._folder / STATE_FILE, json.dumps(rows, indent=1).encode())


def read_statuses(folder: Path, policy: WitnessPolicy | None = None) -> dict[str, WitnessStatus]:
    """Read what witnesses last did, by name; with a policy, of exactly those that it asks."""
    found: dict[str, WitnessStatus] = {}
    try:
        for row in json.loads((folder / STATE_FILE).read_bytes()):
            found[row["name"]] = WitnessStatus(**{**row, "state": WitnessState(row["state"])})
    except (OSError, ValueError, TypeError, KeyError):
        found = {}
    if policy is None:
        return found
    fresh = {name: WitnessStatus(name, key.id.hex()) for name, key in policy.witnesses.items()}
    return {
        name: found[name] if name in found and found[name].key_id == new.key_id else new
        for name, new in fresh.items()
        if name in policy.addresses
    }
