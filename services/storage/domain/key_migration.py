# SPDX-License-Identifier: Apache-2.0
"""Migration of a zone's keys from one key provider to another.

Both unwrap, the new one alone wraps. `Keyring.finish_rotation` then does all there is to do: what
the old provider wraps is rewrapped, one key after the other, and only then the old zone keys are
destroyed. If the process is killed in between, its next start continues. Where another process
moves them at the same time, one of the two retires the old provider, and the other one sees that.
"""

from __future__ import annotations

from services.storage.domain.ports import KeyProvider
from services.storage.errors import ZoneKeyRetired


class MigratingKeyProvider:
    """A `KeyProvider` that wraps by the new provider and still opens what the old one wrapped."""

    def __init__(self, old: KeyProvider, new: KeyProvider) -> None:
        self._old = old
        self._new = new
        self._left = True
        self._unneeded: set[str] = set()
        self.name = new.name

    def wrap(self, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        """Seal under the new provider's key."""
        return self._new.wrap(data_key, context)

    def unwrap(self, version: str, wrapped: bytes, context: bytes) -> bytes:
        """Open by whichever provider has the named key."""
        old = version in self._old_versions()
        return (self._old if old else self._new).unwrap(version, wrapped, context)

    def current_version(self) -> str:
        """Return the current version of the new provider."""
        return self._new.current_version()

    def made_at(self) -> str:
        """Return when the new provider's key was made."""
        return self._new.made_at()

    def versions(self) -> tuple[str, ...]:
        """Return the versions of both, the old provider's first."""
        return self._old_versions() + self._new.versions()

    def rotate(self) -> str:
        """Make a version of the new provider's."""
        return self._new.rotate()

    def destroy_version(self, version: str) -> None:
        """Destroy a version; the last one of the old provider retires that provider for good.

        By then no data key is wrapped by it: the keyring rewraps before it destroys.
        """
        if version in self._new.versions():
            self._new.destroy_version(version)
            return
        self._unneeded.add(version)
        if self._left and self._unneeded.issuperset(self._old_versions()):
            self._old.retire()
            self._left = False

    def refresh(self) -> None:
        """Refresh both."""
        self._old.refresh()
        self._new.refresh()

    def retire(self) -> None:
        """Destroy all versions of both."""
        if self._left:
            self._old.retire()
            self._left = False
        self._new.retire()

    def self_test(self) -> None:
        """Test both."""
        if self._old_versions():
            self._old.self_test()
        self._new.self_test()

    def _old_versions(self) -> tuple[str, ...]:
        """Return what the old provider still has; nothing once any process retired it."""
        if self._left:
            try:
                found = self._old.versions()
            except ZoneKeyRetired:
                found = ()
            self._left = bool(found)
            return found
        return ()
