# SPDX-License-Identifier: Apache-2.0
"""What a round of quality shows in plain words, from the service's answer or a certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from services.console.pages.certificate_words import Fact
from services.console.web.language import say, say_count
from sotto.release.v1 import quality_pb2

_ALL = "all"
_BELOW_SECONDS = 2.0
"""What `fast` of the service's answer means, as its contract says."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """How far two readers agree on places of a type, as shares; None where nobody marked any."""

    entity_type: str
    marks: int
    exact: float | None
    overlap: float | None
    by_character: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a round. `paces` are reader, passages read, and of these those too fast.

    `is_read`: all is read and ruled on. Before that nothing is known of what may be left.
    """

    number: int
    is_read: bool
    segments: int
    census: int
    sampled: int
    misses: int
    most: int
    bound: float
    rest_bound: float
    alpha: float
    planted: int
    found: int
    detection_at_least: float
    second_read: int
    agreement: tuple[Agreed, ...]
    both: int
    alone: int
    missed: float
    most_missed: int | None
    readers: tuple[str, ...]
    paces: tuple[tuple[str, int, int], ...]
    below_seconds: float
    signed_by: str

    @classmethod
    def of_round(cls, one: quality_pb2.QualityRound) -> Self:
        """Take the figures of a round as the service gives them."""
        return cls(
            number=one.round,
            is_read=not (one.first_left or one.second_left or one.disputed),
            segments=one.segments,
            census=one.census,
            sampled=one.sampled,
            misses=one.misses,
            most=one.most,
            bound=one.bound,
            rest_bound=one.rest_bound,
            alpha=one.gate.alpha,
            planted=one.planted,
            found=one.found,
            detection_at_least=one.detection_at_least,
            second_read=one.second_read,
            agreement=tuple(
                Agreed(name, it.marks, *map(_told, (it.exact, it.overlap, it.by_character)))
                for name, it in one.agreement.items()
            ),
            both=one.found_by_both,
            alone=one.found_by_first + one.found_by_second,
            missed=one.missed_by_both,
            most_missed=one.missed_by_both_most if one.missed_by_both_most >= 0 else None,
            readers=tuple(one.readers),
            paces=tuple((it.reader, it.read, it.fast) for it in one.paces),
            below_seconds=_BELOW_SECONDS,
            signed_by=one.signed_by,
        )

    @classmethod
    def of_certificate(cls, one: Mapping[str, Any]) -> Self:
        """Take the figures of a round as a certificate states them."""
        again, pace = one["recapture"], one.get("pace") or {"below_ms": 0, "readers": ()}
        same = (
            *("segments", "census", "sampled", "misses", "most", "bound", "rest_bound", "alpha"),
            *("planted", "found", "detection_at_least", "second_read", "signed_by"),
        )
        return cls(
            number=one["round"],
            is_read=True,
            agreement=tuple(
                Agreed(name, it["marks"], *map(it.get, ("exact", "overlap", "by_character")))
                for name, it in one["agreement"].items()
            ),
            both=again["both"],
            alone=again["first_only"] + again["second_only"],
            missed=again["missed"],
            most_missed=again.get("most_missed"),
            readers=tuple(one["readers"]),
            paces=tuple((it["reader"], it["read"], it["fast"]) for it in pace["readers"]),
            below_seconds=pace["below_ms"] / 1000,
            **{name: one[name] for name in same},
        )

    @property
    def by_type(self) -> Sequence[Agreed]:
        """The agreement of each type, and of all together in front."""
        if not any(one.marks for one in self.agreement):
            return ()
        return sorted(self.agreement, key=lambda one: (one.entity_type != _ALL, one.entity_type))


def facts(one: Figures) -> Sequence[Fact]:
    """Return what the figures mean, in the language of the page."""
    return [*_read(one), *_attention(one), *_two_readers(one), *_signed(one)]


def _read(one: Figures) -> Iterator[Fact]:
    yield Fact(
        say("What is read"),
        say(
            "Segments with a place that the machine doubted: all, {census}. Of the other {rest}:"
            " {sampled}, drawn by lot.",
            census=one.census,
            sampled=one.sampled,
            rest=one.segments - one.census,
        ),
    )
    if not one.is_read:
        text = say("Nothing can be said before all is read and ruled on.")
        yield Fact(say("What may be left"), text)
        return
    missed = say_count(
        one.misses,
        "{count} place that should have been replaced was found there.",
        "{count} places that should have been replaced were found there.",
    )
    yield Fact(
        say("What may be left"),
        " ".join(
            (
                missed,
                say(
                    "So at most {most} of all {segments} segments ({share}) have such a place. Of"
                    " statements like this one at most {wrong} are wrong. They count what a reader"
                    " would notice.",
                    most=one.most,
                    segments=one.segments,
                    share=_percent(one.bound, 2),
                    wrong=_percent(one.alpha),
                ),
                say(
                    "Of segments that the machine did not doubt, at most {share} (Clopper and"
                    " Pearson).",
                    share=_percent(one.rest_bound, 2),
                ),
            )
        ),
        is_warning=bool(one.misses),
    )


def _attention(one: Figures) -> Iterator[Fact]:
    if one.planted:
        yield Fact(
            say("How attentive the readers were"),
            say(
                "Of {planted} made-up identifiers that were put before them they found {found}. So"
                " of such ones they find at least {share}.",
                planted=one.planted,
                found=one.found,
                share=_percent(one.detection_at_least),
            ),
        )
    if one.paces:
        limit = f"{one.below_seconds:g}"
        told = ", ".join(
            say("{reader} {fast} of {read}", reader=reader, fast=fast, read=read)
            for reader, read, fast in one.paces
        )
        yield Fact(
            say("How fast they decided"),
            say(
                "Passages decided on in less than {seconds} seconds, which is faster than a"
                " person reads: {told}.",
                seconds=limit,
                told=told,
            ),
            is_warning=any(fast for _, _, fast in one.paces),
        )


def _two_readers(one: Figures) -> Iterator[Fact]:
    if not one.second_read:
        return
    by_all = next((it for it in one.agreement if it.entity_type == _ALL), None)
    text = say_count(
        one.second_read,
        "{count} passage was read by two people, neither of whom saw the other's marks.",
        "{count} passages were read by two people, neither of whom saw the other's marks.",
    )
    if by_all is None or by_all.overlap is None:
        more = say("Neither marked anything.")
    else:
        more = say(
            "Their marks ({marks} places in all) agree to {share} (F1: 100 % where each place of"
            " one overlaps a place of the other).",
            marks=by_all.marks,
            share=_percent(by_all.overlap),
        )
    yield Fact(say("How far two readers agree"), f"{text} {more}")
    if one.both or one.alone:
        most = "" if one.most_missed is None else say(", at most {count}", count=one.most_missed)
        yield Fact(
            say("What both may have overlooked"),
            say(
                "Of what was missed both found {both}, one alone {alone}. By that, neither found"
                " about {missed}{most}. The true number may be higher, since two people overlook"
                " the same hard things: this figure decides nothing.",
                both=one.both,
                alone=one.alone,
                missed=f"{one.missed:.1f}",
                most=most,
            ),
        )


def _signed(one: Figures) -> Iterator[Fact]:
    if one.signed_by:
        yield Fact(
            say("Who vouches for it"),
            say(
                "Signed by {signer}; read by {readers}.",
                signer=one.signed_by,
                readers=", ".join(one.readers),
            ),
        )


def _told(value: float) -> float | None:
    """Return a share as the contract writes it; -1 where nobody marked any."""
    return value if value >= 0 else None


def _percent(share: float, digits: int = 0) -> str:
    return f"{100 * share:.{digits}f} %"
