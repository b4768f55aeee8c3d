# SPDX-License-Identifier: Apache-2.0
"""`sotto participant`: withdrawal of consent."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import StudyOption
from services.common.client_session import connected
from services.common.errors import Corrupted, NotFound, PermissionDenied, SottoError
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_message, print_record, print_table
from services.common.wording import counted
from services.registry import identities

if TYPE_CHECKING:
    import grpc

    from services.audit_client.recipients import Recipient
    from services.audit_client.withdrawal import ZoneErasure, ZonePreview
    from services.common.installation import Installation
    from sotto.storage.v1 import admin_pb2

app = typer.Typer(no_args_is_help=True, help="Withdraw a participant's consent.")

_ZONES = (identities.CLINICAL, identities.RESEARCH)


@app.callback()
def participant() -> None:
    """Withdraw a participant's consent."""


@app.command()
def preview(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Participant code.")],
    study: StudyOption,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a withdrawal would take in both zones, and what stays; changes nothing."""
    with connected(
        installation_of(home), identities.COMPLIANCE, _ZONES, purpose="withdrawal"
    ) as peers:
        from services.audit_client import withdrawal
        from services.recordings_client import catalog

        catalog.require_participant(peers, study, code)
        zones = withdrawal.preview(peers.channel, study, code)
    for zone in zones:
        if zone.error is not None:
            raise zone.error
    if as_json:
        for zone in zones:
            for one in zone.objects:
                until = (
                    one.locked_until.ToDatetime(dt.UTC).isoformat(timespec="seconds")
                    if one.HasField("locked_until")
                    else ""
                )
                print_record(
                    {
                        "zone": zone.zone, "object": one.name, "kind": one.kind,
                        "locked": one.locked, "locked_until": until,
                    }
                )  # fmt: skip
        return
    _print_preview(zones, study, code)


def _print_preview(zones: list[ZonePreview], study: str, code: str) -> None:
    from services.audit_client.withdrawal import KIND_WORDS

    rows = [
        (zone.zone, KIND_WORDS.get(kind, kind), count)
        for zone in zones
        for kind, count in zone.counts.items()
    ]
    if rows:
        print_table(("ZONE", "WHAT", "OBJECTS"), rows)
    else:
        print_message(f"Nothing of {code} of study {study} is stored.")
    locked = sum(len(zone.locked) for zone in zones)
    if locked:
        print_message(
            f"{counted(locked, 'object')} stay until a lock of the store ends, unreadable without"
            " the key."
        )
    print_message(
        "The audit log stays: it holds codes, never words. Copies of releases that left Sotto stay"
        f" where they are: sotto audit who {code} --study {study}"
    )


@app.command()
def withdraw(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Participant code.")],
    study: StudyOption,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase a participant by destroying the keys in both zones. It cannot be undone.

    Names who received releases with the participant's words. May be repeated; a withdrawal that was
    interrupted goes on where it stopped.
    """
    if not yes and not sys.stdin.isatty():
        raise PermissionDenied(
            f"nothing was erased; to erase {code} of study {study} for ever, say so with --yes"
        )
    question = f"Erase {code} of study {study}? It cannot be undone."
    if not yes and not typer.confirm(question, err=True):
        raise PermissionDenied("nothing was erased")
    with connected(
        installation_of(home),
        identities.COMPLIANCE,
        (*_ZONES, identities.AUDIT),
        purpose="withdrawal",
    ) as peers:
        from services.audit_client import withdrawal
        from services.recordings_client import catalog

        # A typing error must not pass for an erasure, nor a zone that is down hold up the other.
        try:
            catalog.require_participant(peers, study, code)
        except NotFound as error:
            raise NotFound(f"{error.message} (nothing was erased)") from None
        zones = []
        for zone in _ZONES:
            zones.append(withdrawal.erase(peers.channel(zone), zone, study, code))
            _print_erasure(zones[-1], study, code, as_json)
        received = _received(peers.channel(identities.AUDIT), study, code)
    if not isinstance(received, SottoError):
        told = _with_records(installation_of(home), study, code, *received)
        _print_recipients(told, study, code, as_json)
    failed = {one.zone: one.error for one in zones if one.error is not None}
    if failed:
        first, left = next(iter(failed.values())), " and ".join(failed)
        raise type(first)(
            f"{code} is not erased in the {left} zone{'s' if len(failed) > 1 else ''}: mend what is"
            " named above, then withdraw again",
            reason=first.reason,
        )
    print_message(f"{code} is erased. The audit log holds the receipt.")
    if isinstance(received, SottoError):
        raise received
    if not all(one.is_complete for one in zones):
        raise Corrupted("something is left to do: mend what is named above, then withdraw again")


def _received(
    log: grpc.Channel, study: str, code: str
) -> tuple[list[Recipient], set[str]] | SottoError:
    """Return who received the participant's words, and in which releases they are.

    Or else the error of a log that could not be read: that is told after the erasure, which does
    not wait for it.
    """
    from services.audit_client.recipients import holding, recipients

    try:
        return recipients(log, study, code), holding(log, study, code)
    except SottoError as error:
        return type(error)(
            f"{code} is erased, but who received releases is not known: {error.message}; ask again"
            f" with: sotto audit who {code} --study {study}",
            reason=error.reason,
        )


def _with_records(
    installation: Installation, study: str, code: str, found: list[Recipient], releases: set[str]
) -> list[Recipient]:
    """Return the hand-outs with what became of the copies, where that can be asked."""
    if not releases:
        return found
    from services.audit_client.copies import held_copies
    from services.audit_client.recipients import with_records

    try:
        with connected(
            installation, identities.COMPLIANCE, (identities.RELEASE,), purpose="withdrawal"
        ) as peers:
            held = held_copies(peers.channel(identities.RELEASE), study).copies
    except SottoError as error:
        print_message(
            f"What became of the copies is not known ({error.message}); ask again with: sotto"
            f" release copies --study {study}"
        )
        return found
    return with_records(found, [one for one in held if one.release_id in releases], code)


def _print_recipients(found: list[Recipient], study: str, code: str, as_json: bool) -> None:
    if as_json:
        copies = [asdict(one) for one in found]
        print_record({"study_id": study, "participant": code, "recipients": copies})
    elif found:
        print_message(
            f"{counted(len(found), 'copy', 'copies')} with words of {code} left Sotto before. Tell"
            " these people to destroy them:"
        )
        for one in found:
            print_message(f"  {one.text}, release {one.release_id}")
    else:
        print_message(f"No release with words of {code} was handed out.")


def _print_erasure(done: ZoneErasure, study: str, code: str, as_json: bool) -> None:
    if done.error is not None:  # the other zone is erased all the same
        _print_failure(done.zone, study, code, done.error, as_json)
    elif done.receipt is not None:
        _print_receipt(done.receipt, study, code, as_json)


def _print_failure(zone: str, study: str, code: str, error: SottoError, as_json: bool) -> None:
    if as_json:
        print_record(
            {
                "zone": zone,
                "study_id": study,
                "participant": code,
                "error": error.message,
                "reason": error.reason,
            }
        )
    else:
        print_message(f"{zone}: NOT ERASED: {error.message}")


def _print_receipt(receipt: admin_pb2.ErasureReceipt, study: str, code: str, as_json: bool) -> None:
    destroyed_at = (
        receipt.destroyed_at.ToDatetime(dt.UTC).isoformat(timespec="seconds")
        if receipt.HasField("destroyed_at")
        else ""
    )
    until = (
        receipt.retained_until.ToDatetime(dt.UTC).isoformat(timespec="seconds")
        if receipt.HasField("retained_until")
        else ""
    )
    if as_json:
        print_record(
            {
                "zone": receipt.zone,
                "study_id": study,
                "participant": code,
                "key_id": receipt.key_id,
                "destroyed_at": destroyed_at,
                "objects_deleted": receipt.objects_deleted,
                "objects_retained": receipt.objects_retained,
                "retained_until": until,
                "objects_failed": receipt.objects_failed,
                "verified_unreadable": receipt.verified_unreadable,
                "zone_key_replaced": receipt.zone_key_replaced,
                "rotation_failed": receipt.rotation_failed,
                "unopened_keys": list(receipt.unopened_keys),
            }
        )
        return
    held = f" until {until}" if until else ""
    moment = destroyed_at or "a time that its damaged tombstone hides"
    print_message(
        f"{receipt.zone}: key destroyed at {moment},"
        f" {counted(receipt.objects_deleted, 'object')} deleted,"
        f" {receipt.objects_retained} unreadable ones held by retention{held}."
    )
    if receipt.objects_failed:
        failed = counted(receipt.objects_failed, "object")
        print_message(f"{receipt.zone}: {failed} could not be deleted.")
    if receipt.rotation_failed:
        print_message(
            f"{receipt.zone}: the zone key was not replaced ({receipt.rotation_failed}), so that an"
            " older backup of the keys may still open."
        )
    for name in receipt.unopened_keys:
        print_message(
            f"{receipt.zone}: key record {name} does not open: restore it, or move it away."
        )
