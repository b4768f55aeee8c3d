# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.audit.domain.intents import Intents
from services.audit.domain.writer import Writer
from services.audit.errors import LogUnavailable, NotOwner
from services.audit_evidence.entry import DraftEntry, Outcome
from services.audit_evidence.errors import InvalidFormat
from tests.support.audit import LogFixture
from tests.support.audit_events import fact, intent, outcome

OWNER, OTHER = "storage-clinical", "storage-research"


class Reopened:
    """A log that can be closed and opened again, and its writer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.open()

    def open(self) -> None:
        """Open it as a new process does."""
        self.fixture = LogFixture(self._folder)
        self.writer = Writer(self.fixture.log)

    def reopen(self) -> None:
        """Close it and open it again."""
        self.close()
        self.open()

    def close(self) -> None:
        """Close it."""
        self.writer.close()
        self.fixture.close()

    @property
    def size(self) -> int:
        """How many entries it has."""
        return self.fixture.log.snapshot.size


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Reopened]:
    """Return an empty log."""
    made = Reopened(tmp_path / "audit")
    yield made
    made.close()


@pytest.mark.parametrize("restarted", [False, True])
class TestOutcomes:
    """An outcome closes one open intent of its own service, also after a restart of the log."""

    def test_closes_an_intent(self, log: Reopened, restarted: bool) -> None:
        """The service of an intent reports its end."""
        first = log.writer.append(intent(), OWNER)
        log.writer.append(fact(), OWNER)
        if restarted:
            log.reopen()
        assert log.writer.append(outcome(first), OWNER) == 2

    def test_of_another_service_is_refused(self, log: Reopened, restarted: bool) -> None:
        """Nobody reports the end of what another service does, and the intent stays open."""
        first = log.writer.append(intent(), OWNER)
        if restarted:
            log.reopen()
        with pytest.raises(NotOwner):
            log.writer.append(outcome(first), OTHER)
        log.writer.append(outcome(first), OWNER)
        assert log.size == 2

    def test_a_second_one_is_refused(self, log: Reopened, restarted: bool) -> None:
        """What succeeded cannot be said to have failed."""
        first = log.writer.append(intent(), OWNER)
        log.writer.append(outcome(first), OWNER)
        if restarted:
            log.reopen()
        with pytest.raises(InvalidFormat):
            log.writer.append(outcome(first, Outcome.FAILURE), OWNER)
        assert log.size == 2

    def test_the_same_one_again_is_answered_with_its_index(
        self, log: Reopened, restarted: bool
    ) -> None:
        """A client that lost the answer and sends its outcome again writes nothing new."""
        first = log.writer.append(intent(), OWNER)
        kept = log.writer.append(outcome(first), OWNER)
        log.writer.append(fact(), OWNER)
        if restarted:
            log.reopen()
        assert log.writer.append(outcome(first), OWNER) == kept
        assert log.size == 3

    def test_of_no_intent_is_refused(self, log: Reopened, restarted: bool) -> None:
        """Neither a fact nor an outcome is an intent, nor is what is not there yet."""
        log.writer.append(fact(), OWNER)
        first = log.writer.append(intent(), OWNER)
        log.writer.append(outcome(first), OWNER)
        if restarted:
            log.reopen()
        for of in (0, 2, 3, 99):
            with pytest.raises(InvalidFormat):
                log.writer.append(outcome(of), OWNER)
        assert log.size == 3


def test_intents_of_several_restarts(log: Reopened) -> None:
    """An intent is known however long ago it was, and what was closed in between stays closed."""
    long_ago = [log.writer.append(intent(), OWNER) for _ in range(3)]
    log.reopen()
    log.writer.append(outcome(long_ago[1]), OWNER)
    log.reopen()
    later = log.writer.append(intent(), OWNER)
    log.writer.append(outcome(later), OWNER)
    log.writer.append(outcome(long_ago[2]), OWNER)
    with pytest.raises(InvalidFormat):
        log.writer.append(outcome(long_ago[1], Outcome.FAILURE), OWNER)
    log.writer.append(outcome(long_ago[0]), OWNER)
    assert log.size == 8


def test_refused_outcomes_take_nobody_with_them(log: Reopened) -> None:
    """In one batch each event is answered for itself."""
    first = log.writer.append(intent(), OWNER)
    with pytest.raises(InvalidFormat):
        log.writer.append(outcome(77), OWNER)
    assert log.writer.append(fact(), OWNER) == 1
    assert log.writer.append(outcome(first), OWNER) == 2


class Reads:
    """The leaves of a log as `Intents` reads them: counted, and failing on demand."""

    def __init__(self, log: Reopened) -> None:
        self._log = log.fixture.log
        self.count = 0
        self.fails_at = -1

    def __call__(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the leaves of a range."""
        for index, leaf in enumerate(self._log.leaves(start, stop), start):
            if index == self.fails_at:
                raise LogUnavailable("the disk is away")
            self.count += 1
            yield leaf


def test_intents_survive_a_disk_that_fails_while_they_are_looked_for(log: Reopened) -> None:
    """Where older entries cannot be read for a moment, what was known of the newer ones stays."""
    old = log.writer.append(intent(), OWNER)
    log.writer.append(fact(), OWNER)
    begun = log.size
    new = log.writer.append(intent(), OWNER)
    reads = Reads(log)
    intents = Intents(reads, begun)
    intents.catch_up(log.size)

    reads.fails_at = 1
    with pytest.raises(LogUnavailable):
        intents.closing(DraftEntry(outcome(old), OWNER))
    reads.fails_at = -1

    assert intents.closing(DraftEntry(outcome(new), OWNER)) is None
    assert intents.closing(DraftEntry(outcome(old), OWNER)) is None


def test_number_of_what_is_no_intent_reads_one_entry(log: Reopened) -> None:
    """Nobody makes all who append wait for a long log by a number that is no intent of theirs."""
    log.writer.append(fact(), OWNER)
    log.writer.append(intent(), OWNER)
    for number in range(20):
        log.writer.append(fact(number), OWNER)
    reads = Reads(log)
    intents = Intents(reads, log.size)

    with pytest.raises(InvalidFormat):
        intents.closing(DraftEntry(outcome(0), OWNER))
    with pytest.raises(NotOwner):
        intents.closing(DraftEntry(outcome(1), OTHER))

    assert reads.count == 2
