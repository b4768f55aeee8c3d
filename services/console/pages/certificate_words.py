# SPDX-License-Identifier: Apache-2.0
"""The certificate of a release in plain words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.common.errors import Corrupted
from services.console.web.language import say, say_count


@dataclass(frozen=True, slots=True)
class Fact:
    """What a certificate states, and whether it calls for care."""

    heading: str
    text: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class ReleasedFile:
    """A file as the certificate lists it."""

    name: str
    size: int
    sha256: str


class CertificateView:
    """What a page shows of a certificate whose signature was verified."""

    def __init__(self, data: bytes) -> None:
        try:
            self._content: dict[str, Any] = json.loads(data)
            self._inputs: Sequence[dict[str, Any]] = self._content["inputs"]
            self._outputs: Sequence[dict[str, Any]] = self._content["outputs"]
        except (ValueError, KeyError, TypeError) as error:
            raise Corrupted("the certificate cannot be read; build the release again") from error

    @property
    def redactions(self) -> Sequence[tuple[str, int]]:
        """How often each type was replaced, the most frequent first."""
        found: Mapping[str, int] = self._content["redactions"]
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))

    @property
    def quality(self) -> Sequence[Mapping[str, Any]]:
        """What rounds of quality say of the transcripts; none where the study asks for none."""
        found: Sequence[Mapping[str, Any]] = self._content.get("quality") or ()
        return found

    def files(self, name: str) -> Sequence[ReleasedFile]:
        """Return the files of a format in a style, as the certificate names the two."""
        return [
            ReleasedFile(one["name"], one["size"], one["sha256"])
            for one in self._outputs
            if one["format"] == name
        ]

    def facts(self) -> Sequence[Fact]:
        """Return what it states, in the language of the page."""
        found = [
            self._transcripts(),
            self._approvals(),
            self._replaced(),
            self._corrections(),
            self._left_out(),
            self._invented(),
            self._doubtful(),
            self._planted(),
            self._standing_out(),
        ]
        return [one for one in found if one]

    def _transcripts(self) -> Fact:
        people = {one["participant"] for one in self._inputs}
        text = say_count(len(self._inputs), "{count} transcript", "{count} transcripts")
        of = say_count(len(people), "of {count} participant.", "of {count} participants.")
        return Fact(say("Transcripts"), f"{text} {of}")

    def _approvals(self) -> Fact:
        approvals = [one["approval"] for one in self._inputs]
        by_rule = [one for one in approvals if one.get("kind") == "rule"]
        names = sorted({one["approver"] for one in approvals if one.get("kind") != "rule"})
        parts = []
        if names:
            parts.append(
                say(
                    "{count} read and approved by a person: {names}.",
                    count=len(approvals) - len(by_rule),
                    names=", ".join(names),
                )
            )
        if by_rule:
            parts.append(
                say(
                    "{count} approved by the rule of the policy, which nobody read.",
                    count=len(by_rule),
                )
            )
        return Fact(say("Who approved"), " ".join(parts))

    def _replaced(self) -> Fact:
        total = sum(count for _, count in self.redactions)
        return Fact(
            say("Replaced"),
            say_count(
                total, "{count} place that could identify.", "{count} places that could identify."
            ),
        )

    def _corrections(self) -> Fact | None:
        total = sum(one.get("corrections") or 0 for one in self._inputs)
        if not total:
            return None
        return Fact(
            say("Corrected by hand"),
            say_count(total, "{count} place by a reviewer.", "{count} places by reviewers."),
        )

    def _left_out(self) -> Fact | None:
        omitted = Counter(one["reason"] for one in self._content.get("left_out") or ())
        withdrawn = self._content["withdrawn"]
        parts = []
        if omitted:
            parts.append(
                say_count(
                    omitted.total(),
                    "{count} recording was not ready or not approved.",
                    "{count} recordings were not ready or not approved.",
                )
            )
        if withdrawn:
            parts.append(
                say_count(
                    len(withdrawn),
                    "{count} participant withdrew.",
                    "{count} participants withdrew.",
                )
            )
        return Fact(say("Left out"), " ".join(parts)) if parts else None

    def _invented(self) -> Fact | None:
        count = sum(bool(one.get("invented")) for one in self._inputs)
        if not count:
            return None
        text = say_count(
            count,
            "The words of {count} transcript were made up by a demo model; nobody said them.",
            "The words of {count} transcripts were made up by a demo model; nobody said them.",
        )
        return Fact(say("Made up"), text, is_warning=True)

    def _doubtful(self) -> Fact | None:
        count = sum(one.get("doubtful_words") or 0 for one in self._inputs)
        if not count:
            return None
        return Fact(
            say("Perhaps misheard"),
            say_count(count, "{count} word is doubtful.", "{count} words are doubtful."),
        )

    def _planted(self) -> Fact | None:
        told = [one for put in self._inputs for one in (put.get("canaries") or {}).values()]
        planted = sum(one["planted"] for one in told)
        if not planted:
            return None
        return Fact(
            say("Test of the engine"),
            say(
                "Of {planted} made-up identifiers that were planted in copies, {found} were found"
                " whole. It is no measure of the real ones.",
                planted=planted,
                found=sum(one["found"] for one in told),
            ),
        )

    def _standing_out(self) -> Fact | None:
        told = self._content.get("singling_out")
        if not told:
            return None
        return Fact(
            say("Who stands out"),
            say(
                "{count} of {participants} participants: fewer than {least} people fit what the"
                " text says of them, by open figures ({basis}).",
                count=told["standing_out"],
                participants=told["participants"],
                least=told["least"],
                basis=say(told["basis"]),
            ),
            is_warning=bool(told["standing_out"]),
        )
