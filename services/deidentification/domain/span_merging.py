# SPDX-License-Identifier: Apache-2.0
"""Span merging: from overlapping findings of many recognisers to findings that do not overlap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from services.deidentification.domain import scores
from services.deidentification.domain.entities import ENTITY_TYPES, PRIORITY
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.transcript import Finding

# Score from which a strict form wins; below it the form is not complete.
_STRICT_FROM = scores.LIKELY


def combine_scores(findings: Iterable[Finding]) -> list[Finding]:
    """Raise the scores of findings of different sources that agree on type and place (noisy or)."""
    groups: dict[tuple[int, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.turn, finding.entity_type].append(finding)
    result: list[Finding] = []
    for group in groups.values():
        group.sort(key=lambda f: (f.start, f.end))
        cluster: list[Finding] = []
        end = -1
        for finding in group:
            if cluster and finding.start >= end:
                result.extend(_strengthen(cluster))
                cluster, end = [], -1
            cluster.append(finding)
            end = max(end, finding.end)
        result.extend(_strengthen(cluster))
    return result


def _strengthen(cluster: list[Finding]) -> list[Finding]:
    best: dict[str, float] = {}
    for finding in cluster:
        best[finding.source] = max(best.get(finding.source, 0.0), finding.score)
    if len(best) < 2:
        return cluster
    doubt = 1.0
    for score in best.values():
        doubt *= 1.0 - score
    joint = min(1.0 - doubt, scores.MOST)
    return [replace(f, score=max(f.score, joint)) for f in cluster]


def merge_overlaps(findings: Iterable[Finding], policy: Policy) -> list[Finding]:
    """Return the findings that the policy acts on, merged where they overlap: the union of the
    spans and the type of the best. When in doubt, more is redacted.
    """
    acted = [
        f
        for f in findings
        if f.entity_type in policy.covered and f.score >= policy.least(f.entity_type)
    ]
    acted.sort(key=lambda f: (f.turn, f.start, -f.end))
    result: list[Finding] = []
    cluster: list[Finding] = []
    end = -1
    for finding in acted:
        if cluster and (finding.turn != cluster[0].turn or finding.start >= end):
            result.append(_merge(cluster))
            cluster, end = [], -1
        cluster.append(finding)
        end = max(end, finding.end)
    if cluster:
        result.append(_merge(cluster))
    return result


def _merge(cluster: list[Finding]) -> Finding:
    if len(cluster) == 1:
        return cluster[0]
    best = max(
        cluster,
        key=lambda f: (
            ENTITY_TYPES[f.entity_type].strict and f.score >= _STRICT_FROM,
            f.end - f.start,
            round(f.score, 2),
            PRIORITY[f.entity_type],
        ),
    )
    return Finding(
        cluster[0].turn,
        min(f.start for f in cluster),
        max(f.end for f in cluster),
        best.entity_type,
        max(f.score for f in cluster if f.entity_type == best.entity_type),
        best.source,
        any(f.cut for f in cluster),
    )
