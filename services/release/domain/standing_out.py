# SPDX-License-Identifier: Apache-2.0
"""Who stands out of a release by what its text says, for the certificate."""

from __future__ import annotations

from services.release.domain.certificate import SinglingOut
from services.release.domain.transcript import Transcript, turns
from services.singling_out import tables
from services.singling_out.estimate import standings
from services.singling_out.profiles import Interview, Profiles, Turn, by_value
from services.singling_out.report import LEAST, Report


class StandingOut:
    """Reads the transcripts of a release one by one, and keeps none of their words."""

    def __init__(self) -> None:
        self._profiles = Profiles()

    def add(self, transcript: Transcript) -> None:
        """Read a transcript as it is released."""
        said = tuple(
            Turn(turn.number, turn.text, turn.segments[0].role != "interviewer")
            for turn in turns(transcript)
        )
        summary = transcript.summary
        self._profiles.add(Interview(summary.recording_id, summary.participant, said))

    def stated(self) -> SinglingOut:
        """Return what the certificate states."""
        found = self._profiles.finish()
        report = Report.of(standings(found, by_value(found)))
        return SinglingOut(
            basis=tables.BASIS,
            least=LEAST,
            smallest_k=report.smallest,
            participants=len(report.rows),
            standing_out=report.count("stands out"),
            unknown=report.count("unknown"),
        )
