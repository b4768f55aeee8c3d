# SPDX-License-Identifier: Apache-2.0
"""What a round shows, as sentences for whoever receives a release."""

from __future__ import annotations

from collections.abc import Iterator

from services.release.domain.quality.agreement import ALL
from services.release.domain.quality.statement import QualityStatement, StatedPace


def in_words(one: QualityStatement) -> str:
    """Return a statement as sentences, a line each."""
    return "\n".join(_lines(one))


def _lines(one: QualityStatement) -> Iterator[str]:
    sure = f"{100 * (1 - one.alpha):g} %"
    yield (
        f"Round {one.round}: {one.segments} segments of {len(one.frame)} transcripts. All"
        f" {one.census} with a doubtful place were read, and {one.sampled} drawn at random from"
        " the others."
    )
    yield (
        f"Missed places that were found in them: {one.misses}. So at most {one.most} segments"
        f" in all ({100 * one.bound:.2f} %) have one, with a confidence of {sure}, as far as"
        " the readers see what there is."
    )
    if one.planted:
        yield (
            f"Of {one.planted} made-up identifiers that were shown to them they found {one.found}"
            f" (at least {100 * one.detection_at_least:.0f} % of all such, {sure})."
        )
    if one.pace is not None:
        yield _pace(one.pace)
    if one.second_read:
        yield from _second_reader(one)
    if one.earlier:
        before = ", ".join(
            f"round {item.round} {item.state}" + (f" ({item.misses})" if item.misses else "")
            for item in one.earlier
        )
        yield f"Before it: {before}."
    yield (
        f"Signed by {one.signed_by}. The sample was drawn by a seed from the audit log, so that"
        " nobody chose it; sotto release verify draws it again."
    )


def _pace(pace: StatedPace) -> str:
    limit = f"{pace.below_ms / 1000:g} seconds"
    readers = ", ".join(f"{item.reader} {item.fast} of {item.read}" for item in pace.readers)
    if not any(item.fast for item in pace.readers):
        return f"No passage was decided on in less than {limit} ({readers})."
    return (
        f"Passages that were decided on in less than {limit}, faster than a person reads:"
        f" {readers}."
    )


def _second_reader(one: QualityStatement) -> Iterator[str]:
    everything = one.agreement[ALL]
    if everything.overlap is None:
        yield f"{one.second_read} of these were read by two people; neither marked anything."
        return
    by_type = ", ".join(
        f"{name} {100 * (found.overlap or 0):.0f} %"
        for name, found in sorted(one.agreement.items())
        if name != ALL
    )
    yield (
        f"{one.second_read} of these were read by two people, neither of whom saw the other's"
        f" marks. Their marks agree to {100 * everything.overlap:.0f} % (F1; {by_type})."
    )
    found = one.recapture
    if found.both or found.first_only or found.second_only:
        most = "" if found.most_missed is None else f", at most {found.most_missed}"
        yield (
            f"Of what was missed there both found {found.both}, one alone"
            f" {found.first_only + found.second_only}; so neither found about"
            f" {found.missed:.1f}{most}. The true number may be higher: two people overlook the"
            " same hard things."
        )
