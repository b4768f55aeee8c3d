# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.domain.clustering import Embeddings, average_linkage, centres, cut


def drawn(seed: int, count: int) -> Embeddings:
    """Directions at random."""
    found = np.random.default_rng(seed).normal(0, 1, (count, 5)).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def by_definition(embeddings: Embeddings) -> list[float]:
    """Distances of the merges, by comparing all clusters each time."""
    distance = 1 - embeddings @ embeddings.T
    clusters, found = [[i] for i in range(len(embeddings))], []
    while len(clusters) > 1:
        pairs = [(i, j) for i in range(len(clusters)) for j in range(i)]
        means = [float(distance[np.ix_(clusters[i], clusters[j])].mean()) for i, j in pairs]
        nearest = int(np.argmin(means))
        i, j = pairs[nearest]
        found.append(means[nearest])
        clusters[j] += clusters.pop(i)
    return found


class TestAverageLinkage:
    @given(st.integers(0, 10_000), st.integers(1, 14))
    def test_is_what_its_definition_says(self, seed: int, count: int) -> None:
        """The chain finds the merges that comparing all pairs finds, in the same order."""
        embeddings = drawn(seed, count)
        distances = [distance for *_, distance in average_linkage(embeddings)]
        assert distances == pytest.approx(by_definition(embeddings), abs=1e-4)

    def test_equal_embeddings(self) -> None:
        """Windows of one sound that repeats do not turn it in circles."""
        merges = average_linkage(np.repeat(drawn(1, 2), 20, axis=0))
        assert len(merges) == 39
        assert [round(distance, 3) for *_, distance in merges[:38]] == [0] * 38

    def test_groups(self) -> None:
        """Cut before the last merges, the clusters are the groups, and their centres the middle."""
        middles = np.eye(5, dtype=np.float32)[:3]
        near = np.repeat(middles, 7, axis=0) + 0.1 * drawn(2, 21)
        near = (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
        labels = cut(average_linkage(near), 21, 21 - 3)
        assert [len(set(labels[i : i + 7].tolist())) for i in (0, 7, 14)] == [1, 1, 1]
        assert len(set(labels.tolist())) == 3
        found = centres(near, labels, np.array([labels[0], labels[7], labels[14]]))
        assert np.diag(found @ middles.T).min() > 0.99
