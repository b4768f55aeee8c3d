# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

from flows.demo.review import DemoReview, check_approvals, check_corrections

BY_RULE = DemoReview("rec-a", "policy:research-default", 0.02, 0.05, False, 0, 0)
BY_PERSON = DemoReview("rec-b", "mei", 0.3, 0.05, True, 3, 2)


class TestApprovals:
    def test_rule_below_its_threshold_and_person_above(self) -> None:
        """The rule approved what lies below its threshold, and a person read the rest."""
        check = check_approvals([BY_RULE, BY_PERSON])

        assert check.passed
        assert check.figure == "1 by the rule of the policy, 1 by a person who read them"

    def test_rule_above_its_threshold(self) -> None:
        """A rule that approved at its threshold, or above, fails the demonstration."""
        assert not check_approvals([replace(BY_RULE, residual_risk=0.05), BY_PERSON]).passed

    def test_unread(self) -> None:
        """A transcript that a person approved without reading it fails the demonstration."""
        unread = replace(BY_PERSON, was_read=False)

        assert not check_approvals([BY_RULE, BY_PERSON, unread]).passed

    def test_each_kind(self) -> None:
        """A demonstration in which only one of the two approved shows nothing."""
        assert not check_approvals([BY_RULE]).passed
        assert not check_approvals([BY_PERSON]).passed


class TestCorrections:
    def test_spread(self) -> None:
        """A redaction must have been found elsewhere too."""
        assert check_corrections([BY_RULE, BY_PERSON]).passed
        assert not check_corrections([replace(BY_PERSON, spread=0)]).passed
        assert not check_corrections([BY_RULE]).passed


class TestHow:
    def test_in_words(self) -> None:
        """The report tells who approved, and how."""
        assert BY_RULE.how == "policy:research-default, risk below 0.05"
        assert BY_PERSON.how == "mei, who read it, 3 places redacted"
