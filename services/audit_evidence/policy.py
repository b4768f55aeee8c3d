# SPDX-License-Identifier: Apache-2.0
"""What an auditor trusts, as a file that the auditor keeps (C2SP tlog-policy)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from services.audit_evidence.errors import InvalidFormat
from services.audit_evidence.keys import SignatureType, VerifierKey

_NAME = re.compile(r"[!-~]+")
_RESERVED = {"none", "any", "all"}


@dataclass(frozen=True)
class Group:
    """Members (names of witnesses and groups) of which `threshold` must agree."""

    threshold: int
    members: tuple[str, ...]


@dataclass
class WitnessPolicy:
    """Logs, witnesses, groups of them, and whose agreement is asked for (`none`: nobody's).

    `addresses` are those of witnesses that have one: the log asks these itself.
    """

    logs: list[VerifierKey] = field(default_factory=list)
    witnesses: dict[str, VerifierKey] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = ""

    @classmethod
    def parse(cls, text: str) -> WitnessPolicy:
        """Read a policy; raises InvalidFormat naming the line."""
        if any((char < " " and char not in "\t\n") or char == "\x7f" for char in text):
            raise InvalidFormat("the policy holds a control character")
        policy = cls()
        for number, line in enumerate(text.split("\n"), 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            try:
                policy._take(words[0], words[1:])
            except InvalidFormat as error:
                raise InvalidFormat(f"line {number} of the policy: {error.message}") from None
        if not policy.quorum:
            raise InvalidFormat("the policy has no quorum line")
        return policy

    def satisfied(self, signed: Collection[VerifierKey]) -> bool:
        """Return whether cosignatures of these keys reach the quorum."""
        return self.quorum == "none" or self._agrees(self.quorum, signed)

    def _agrees(self, name: str, signed: Collection[VerifierKey]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name] in signed
        group = self.groups[name]
        return sum(self._agrees(one, signed) for one in group.members) >= group.threshold

    def _take(self, kind: str, words: list[str]) -> None:
        if kind == "log" and len(words) in {1, 2}:
            self._add_log(words[0])
        elif kind == "witness" and len(words) in {2, 3}:
            self._add_witness(*words)
        elif kind == "group" and len(words) >= 3:
            self._add_group(words[0], words[1], words[2:])
        elif kind == "quorum" and len(words) == 1:
            if self.quorum:
                raise InvalidFormat("there is a second quorum")
            if words[0] != "none":
                self._known(words[0])
            self.quorum = words[0]
        else:
            raise InvalidFormat(
                "it is no log, witness, group or quorum with the right number of words"
            )

    def _add_log(self, text: str) -> None:
        key = VerifierKey.parse(text)
        if key.kind is not SignatureType.ED25519:
            raise InvalidFormat("the key is not that of a log")
        if any(key.public == other.public for other in self.logs):
            raise InvalidFormat("the key of this log was given before")
        self.logs.append(key)

    def _add_witness(self, name: str, text: str, address: str = "") -> None:
        self._new(name)
        key = VerifierKey.parse(text)
        if key.kind is SignatureType.ED25519:
            raise InvalidFormat("the key is not that of a cosigner")
        if any(key.public == other.public for other in self.witnesses.values()):
            raise InvalidFormat("the key of this witness was given before")
        self.witnesses[name] = key
        if address:
            self.addresses[name] = address

    def _add_group(self, name: str, threshold: str, members: list[str]) -> None:
        self._new(name)
        if threshold == "all":
            count = len(members)
        elif threshold == "any":
            count = 1
        elif re.fullmatch(r"[1-9]\d{0,8}", threshold, re.ASCII):
            count = int(threshold)
        else:
            raise InvalidFormat("the threshold is neither all nor any nor a number")
        if count > len(members):
            raise InvalidFormat("the threshold is larger than the group")
        taken = {one for group in self.groups.values() for one in group.members}
        for member in members:
            self._known(member)
            if member in taken:
                raise InvalidFormat("a member is in a group already")
            taken.add(member)
        self.groups[name] = Group(count, tuple(members))

    def _new(self, name: str) -> None:
        if name in _RESERVED or not _NAME.fullmatch(name):
            raise InvalidFormat("this name cannot be given")
        if name in self.witnesses or name in self.groups:
            raise InvalidFormat("this name was given before")

    def _known(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise InvalidFormat("a name is used before it is defined")
