# SPDX-License-Identifier: Apache-2.0
"""`sotto participant`: withdrawal of consent."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import StudyOption
from services.common.client_session import connected
from services.common.errors import PermissionDenied
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_message, print_record
from services.registry import identities

if TYPE_CHECKING:
    from sotto.storage.v1 import admin_pb2

app = typer.Typer(no_args_is_help=True, help="Withdraw a participant's consent.")


@app.callback()
def participant() -> None:
    """Withdraw a participant's consent."""


@app.command()
def withdraw(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Participant code.")],
    study: StudyOption,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase a participant by destroying the keys in both zones. It cannot be undone.

    May be repeated; a withdrawal that was interrupted goes on where it stopped.
    """
    question = f"Erase {code} of study {study}? It cannot be undone."
    if not yes and sys.stdin.isatty() and not typer.confirm(question, err=True):
        raise PermissionDenied("nothing was erased")
    zones = (identities.CLINICAL, identities.RESEARCH)
    with connected(
        installation_of(home), identities.COMPLIANCE, zones, purpose="withdrawal"
    ) as peers:
        from flows import catalog
        from sotto.storage.v1 import admin_pb2, admin_service_pb2_grpc

        # A typing error must not pass for an erasure.
        catalog.require_participant(peers, study, code)
        request = admin_pb2.EraseParticipantRequest(study_id=study, participant=code)
        for zone in zones:
            stub = admin_service_pb2_grpc.ErasureServiceStub(peers.channel(zone))
            _print_receipt(stub.EraseParticipant(request).receipt, study, code, as_json)
    print_message(f"{code} is erased. The audit log holds the receipt.")


def _print_receipt(receipt: admin_pb2.ErasureReceipt, study: str, code: str, as_json: bool) -> None:
    destroyed_at = receipt.destroyed_at.ToDatetime(dt.UTC).isoformat(timespec="seconds")
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
                "verified_unreadable": receipt.verified_unreadable,
            }
        )
        return
    print_message(
        f"{receipt.zone}: key destroyed at {destroyed_at},"
        f" {receipt.objects_deleted} objects deleted,"
        f" {receipt.objects_retained} unreadable ones held by retention."
    )
