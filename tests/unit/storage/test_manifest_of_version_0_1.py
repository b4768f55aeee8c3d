# SPDX-License-Identifier: Apache-2.0
"""Manifests that version 0.1 wrote are read as today's."""

from __future__ import annotations

from services.storage.handlers.convert import from_version_0_1
from sotto.transcript.v1.transcript_pb2 import TranscriptManifest


class TestClinical:
    def test_counts_become_fields(self) -> None:
        """Session, words, speakers and doubts are in fields, and no map of counts is left."""
        old = TranscriptManifest(
            run_key="a" * 32,
            provenance={"engine": "e"},
            counts={"session": 2, "words": 9, "speakers": 3, "doubtful": 1, "doubts.repetition": 1},
        )
        new = from_version_0_1(old)
        assert (new.session, new.word_count, new.speaker_count) == (2, 9, 3)
        assert (new.doubtful_segment_count, dict(new.doubts)) == (1, {"repetition": 1})
        assert not new.counts
        assert not new.HasField("deidentification")
        assert dict(new.provenance) == {"engine": "e"}


class TestResearch:
    def test_report_becomes_a_message(self) -> None:
        """Policy, redactions and risk are in fields; that a person looks is the safe reading."""
        old = TranscriptManifest(
            run_key="a" * 32,
            provenance={"deidentification.policy": "research-default/1/0123456789abcdef"},
            counts={
                "session": 2,
                "words": 9,
                "quasi_kinds": 2,
                "redactions.PERSON": 4,
                "coarser.DATE_TIME": 1,
                "doubts.name_like": 3,
            },
            scores={"residual": 0.25},
        )
        new = from_version_0_1(old)
        done = new.deidentification
        assert (done.policy, done.policy_version) == ("research-default", 1)
        assert done.policy_digest == "0123456789abcdef"
        assert (dict(done.redactions), dict(done.coarsened)) == ({"PERSON": 4}, {"DATE_TIME": 1})
        assert (done.residual_risk, done.quasi_identifier_kinds) == (0.25, 2)
        assert done.review_threshold == 0.0  # so that no rule approves it
        assert dict(new.doubts) == {"name_like": 3}
        assert not new.scores
