# SPDX-License-Identifier: Apache-2.0
"""Clusters of embeddings: average linkage by cosine distance, for a known or unknown number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Embeddings = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


def average_linkage(embeddings: Embeddings) -> list[tuple[int, int, float]]:
    """Return the merges of agglomerative clustering in order of distance.

    `embeddings` have length 1, shape (n, d). Each merge names one member of either cluster and
    the mean cosine distance between their members. Uses the nearest-neighbour chain (Murtagh 1983,
    "A survey of recent advances in hierarchical clustering algorithms"): n * n numbers of memory
    and of that order of time.
    """
    count = len(embeddings)
    distance = 1.0 - embeddings.astype(np.float32) @ embeddings.T.astype(np.float32)
    np.fill_diagonal(distance, np.inf)
    sizes = np.ones(count, np.float64)
    merges: list[tuple[int, int, float]] = []
    chain: list[int] = []
    left = np.ones(count, np.bool_)
    while len(merges) < count - 1:
        if not chain:
            chain.append(int(np.argmax(left)))
        here = chain[-1]
        nearest = int(np.argmin(distance[here]))
        # On a tie the cluster before goes first, or the chain would run in circles.
        if len(chain) > 1 and distance[here, chain[-2]] <= distance[here, nearest]:
            nearest = chain[-2]
        if len(chain) < 2 or nearest != chain[-2]:
            chain.append(nearest)
            continue
        del chain[-2:]
        merges.append((here, nearest, float(distance[here, nearest])))
        share = sizes[here] / (sizes[here] + sizes[nearest])
        joined = (share * distance[here] + (1 - share) * distance[nearest]).astype(np.float32)
        joined[[here, nearest]] = np.inf
        distance[here], distance[:, here] = joined, joined
        distance[nearest], distance[:, nearest] = np.inf, np.inf
        sizes[here] += sizes[nearest]
        left[nearest] = False
    return sorted(merges, key=lambda merge: merge[2])


def cut(merges: list[tuple[int, int, float]], count: int, kept: int) -> Labels:
    """Return the cluster of each of `count` items after the first `kept` merges, from 0."""
    parent = list(range(count))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for one, other, _ in merges[:kept]:
        parent[root(other)] = root(one)
    roots = np.array([root(item) for item in range(count)], np.int64)
    labels: Labels = np.unique(roots, return_inverse=True)[1].astype(np.int64)
    return labels


def centres(embeddings: Embeddings, labels: Labels, chosen: Labels) -> Embeddings:
    """Return the mean direction of each chosen cluster, of length 1; shape (chosen, d)."""
    means = np.stack([embeddings[labels == label].mean(axis=0) for label in chosen])
    found: Embeddings = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    return found
