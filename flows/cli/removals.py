# SPDX-License-Identifier: Apache-2.0
"""`sotto recordings remove` and `move`: mistakes of intake are undone."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import StudyFilter
from services.common import supervisor
from services.common.client_session import connected
from services.common.errors import Corrupted, PermissionDenied, SottoError
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_message, print_record
from services.common.wording import counted
from services.registry import identities
from services.registry.removals import RemovalReason

if TYPE_CHECKING:
    from services.common.client import Peers
    from services.common.installation import Installation
    from services.recordings_client.removals import LocatedRecording
    from sotto.storage.v1 import recording_pb2, removal_pb2

_ZONES = (identities.CLINICAL, identities.RESEARCH)
_COMPLIANCE_ONLY = "compliance_only"  # the store's reason

_Recording = Annotated[str, typer.Argument(metavar="REC", help="Recording id.")]
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def remove(
    recording: _Recording,
    reason: Annotated[
        RemovalReason, typer.Option("--reason", help="Why, as the audit log shall say it.")
    ],
    study: StudyFilter = "",
    yes: _Yes = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove a recording that was brought in by mistake, and all that was made of it.

    It goes from both zones for good; who did so, when and why stays in the log. The same file may
    be ingested again then. May be repeated; one that was interrupted is finished.
    """

    def work(peers: Peers, found: LocatedRecording) -> None:
        from services.recordings_client import removals

        done = removals.remove(peers, found.ref, reason)
        if as_json:
            print_record(removals.as_record(done))
        _tell(done, as_json)

    _undo(installation_of(home), recording, study, f"for good ({reason})", "Remove", yes, work)


def move(
    recording: _Recording,
    participant: Annotated[str, typer.Option("--participant", metavar="CODE", help="Whose it is.")],
    session: Annotated[
        int,
        typer.Option(
            "--session", metavar="N", min=0, max=999, help="Number of the interview; 0 keeps it."
        ),
    ] = 0,
    study: StudyFilter = "",
    yes: _Yes = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move a recording to another participant or session of its study.

    It is sealed anew under that participant's key, inside the clinical zone, gets another id and is
    processed again. The old one is removed with all that was made of it. May be repeated.
    """
    installation = installation_of(home)
    moved: list[recording_pb2.RecordingRef] = []

    def work(peers: Peers, found: LocatedRecording) -> None:
        from services.recordings_client import catalog, removals

        catalog.require_participant(peers, found.ref.study_id, participant)
        done = removals.move(peers, found.ref, participant, session)
        moved.append(done.ref)
        if as_json:
            told = {"participant": participant, "recording_id": done.ref.recording_id}
            print_record(
                {**told, "session": done.session, "removed": removals.as_record(done.removed)}
            )
        print_message(
            f"{done.ref.recording_id} is session {done.session} of {participant} now, and waits to"
            " be processed."
        )
        _tell(done.removed, as_json)

    where = f"to {participant}" + (f", session {session}" if session else "")
    _undo(installation, recording, study, where, "Move", yes, work)
    if supervisor.state(installation) is not None:
        _start(installation, moved)


def _start(installation: Installation, refs: Sequence[recording_pb2.RecordingRef]) -> None:
    """Have recordings processed now; where that does not work, a sweep finds them."""
    with (
        contextlib.suppress(SottoError),
        connected(installation, identities.OPERATOR, _ZONES) as peers,
    ):
        from flows.submit import submit

        submit(installation, peers, refs)


def _undo(
    installation: Installation,
    recording: str,
    study: str,
    what: str,
    verb: str,
    yes: bool,
    work: Callable[[Peers, LocatedRecording], None],
) -> None:
    """Ask, then work as the operator, or as compliance where the store asks for it."""
    agreed = yes
    for client in (identities.OPERATOR, identities.COMPLIANCE):
        with connected(installation, client, _ZONES, purpose="correction") as peers:
            from services.recordings_client import removals

            found = removals.locate(peers, recording, study)
            if not agreed:
                _agree(found, what, verb)
                agreed = True
            try:
                work(peers, found)
            except PermissionDenied as error:
                if error.reason != _COMPLIANCE_ONLY or client == identities.COMPLIANCE:
                    raise
                print_message(f"Going on as compliance: {error.message}.")
            else:
                return


def _agree(found: LocatedRecording, what: str, verb: str) -> None:
    """Ask, unless it was removed before; raises PermissionDenied without a yes."""
    if found.removal is not None:
        return
    ref = found.ref
    who = f"{ref.recording_id} (session {found.session} of {ref.participant} in {ref.study_id})"
    if not sys.stdin.isatty():
        raise PermissionDenied(
            f"nothing was changed; to {verb.lower()} {who} {what}, say so with --yes"
        )
    if not typer.confirm(f"{verb} {who} {what}?", err=True):
        raise PermissionDenied("nothing was changed")


def _tell(done: removal_pb2.RemoveRecordingResponse, as_json: bool) -> None:
    """Say what is gone, what is left, and who has words of it; raises Corrupted for a remainder."""
    from services.recordings_client import removals

    told = removals.as_record(done)
    if not as_json:
        before = " before" if done.existed else ""
        print_message(
            f"{told['recording_id']} was removed{before} ({told['reason']}):"
            f" {counted(done.objects_deleted, 'object')} deleted."
        )
    if done.release_ids:
        print_message(
            "These releases hold its words; they are handed out no more, and what was handed out is"
            f" where it is: {', '.join(done.release_ids)}. See who has them with: sotto audit who"
            f" {told['participant']} --study {told['study_id']}; then build a new one."
        )
    if done.objects_retained:
        print_message(
            f"{counted(done.objects_retained, 'object')} are locked by the store until"
            f" {told['retained_until'] or 'a lock is lifted'}: run this again then."
        )
    if done.objects_failed:
        raise Corrupted(
            f"{counted(done.objects_failed, 'object')} could not be deleted: see the log of the"
            " zone, then run this again"
        )
