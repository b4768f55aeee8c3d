# SPDX-License-Identifier: Apache-2.0
"""`sotto release`: terms of releases, and the copies that people took on them."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.options import StudyFilter, StudyOption
from services.common.client_session import connected
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_message, print_record, print_table
from services.common.wording import counted
from services.registry import identities

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp

    from sotto.release.v1 import copy_pb2

#: What to do about a copy, by the kind of the notice; `{}` is what it is about.
_WHAT = {
    "withdrawn": "DESTROY it: {} withdrew",
    "rejected": "DESTROY it: {} was rejected since",
    "removed": "DESTROY it: {} was removed since",
    "ended": "DESTROY it: copies were to be kept until {}",
    "newer": "a newer release is {}",
}


def terms(study: StudyOption, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Print the terms on which a release of a study is taken."""
    with connected(installation_of(home), identities.RESEARCHER, (identities.RELEASE,)) as peers:
        from flows import exporting

        found = exporting.terms_of(peers, study)
    if as_json:
        print_record(
            {
                "study_id": study,
                "sha256": found.sha256,
                "text": found.text,
                "is_default": found.is_default,
                "copies_until": found.copies_until,
            }
        )
        return
    sys.stdout.write(found.text + "\n")
    print_message(
        f"Version {found.sha256}. Whoever accepts them says so when taking a release:"
        f" sotto release export --study {study} --out FOLDER --purpose analysis --accept-terms"
        f" {found.sha256[: exporting.LEAST_DIGITS]}"
    )


def held(
    study: StudyFilter = "",
    seen: Annotated[
        bool, typer.Option("--seen", help="Say that you read what is told of your copies.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the copies of releases that you took, and what concerns them."""
    with connected(installation_of(home), identities.RESEARCHER, (identities.RELEASE,)) as peers:
        from sotto.release.v1 import copy_pb2, release_service_pb2_grpc

        stub = release_service_pb2_grpc.ReleaseReaderServiceStub(peers.channel(identities.RELEASE))
        found = stub.ListCopies(copy_pb2.ListCopiesRequest(study_id=study)).copies
        for one in found if seen else ():
            new = [notice for notice in one.notices if not notice.HasField("seen_at")]
            if new:
                stub.AcknowledgeNotices(
                    copy_pb2.AcknowledgeNoticesRequest(
                        study_id=one.study_id, copy_id=one.copy_id, notices=new
                    )
                )
    if as_json:
        for one in found:
            print_record(record(one))
        return
    if not found:
        print_message("You took no copy of a release.")
        return
    print_table(
        ("COPY", "STUDY", "RELEASE", "FORM", "TAKEN", "WHAT CONCERNS IT"),
        [
            (one.copy_id, one.study_id, one.release_id, one.form, _time(one.taken_at), _told(one))
            for one in found
        ],
    )
    if any(one.notices for one in found):
        print_message(
            "Once a copy is destroyed, say so with: sotto release destroyed COPY --study STUDY"
        )


def destroyed(
    copies: Annotated[list[str], typer.Argument(metavar="COPY...", help="Copies of yours.")],
    study: StudyOption,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Declare that you destroyed copies that you took. The audit log has your word."""
    with connected(installation_of(home), identities.RESEARCHER, (identities.RELEASE,)) as peers:
        from sotto.release.v1 import copy_pb2, release_service_pb2_grpc

        stub = release_service_pb2_grpc.ReleaseReaderServiceStub(peers.channel(identities.RELEASE))
        for one in copies:
            request = copy_pb2.DeclareDestroyedRequest(study_id=study, copy_id=one)
            existed = stub.DeclareDestroyed(request).existed
            if as_json:
                print_record({"study_id": study, "copy_id": one, "existed": existed})
    if not as_json:
        print_message(f"{counted(len(copies), 'copy', 'copies')} declared destroyed.")


def copies(study: StudyOption, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List who took copies of a study's releases, who still holds one, and who knows."""
    needs = (identities.RELEASE, identities.AUDIT, identities.CLINICAL)
    with connected(installation_of(home), identities.COMPLIANCE, needs, purpose="audit") as peers:
        from services.audit_client.copies import held_copies, unrecorded_exports
        from services.recordings_client import catalog

        catalog.require_study(peers, study)
        found = held_copies(peers.channel(identities.RELEASE), study).copies
        before = unrecorded_exports(peers.channel(identities.AUDIT), study)
    if as_json:
        for one in found:
            print_record(record(one))
        if before:
            print_record({"study_id": study, "exports_before_records": before})
        return
    if found:
        print_table(
            ("PERSON", "RELEASE", "FORM", "FOR", "TAKEN", "WHAT CONCERNS IT", "COPY"),
            [
                (
                    one.person, one.release_id, one.form, purpose(one), _time(one.taken_at),
                    _told(one), one.copy_id,
                )
                for one in found
            ],
        )  # fmt: skip
    else:
        print_message(f"Nobody took a copy of a release of {study} that is on record.")
    if before:
        print_message(
            f"{counted(before, 'export')} before records of copies were kept: see them with: sotto"
            f" audit list --study {study} --name release:bundle:exported"
        )


def purpose(one: copy_pb2.HeldCopy) -> str:
    """Return what a copy was taken for, as commands say it."""
    from sotto.release.v1 import copy_pb2

    return copy_pb2.Purpose.Name(one.purpose).removeprefix("PURPOSE_").lower()


def record(one: copy_pb2.HeldCopy) -> dict[str, Any]:
    """Return a copy as a record for programs."""
    return {
        "study_id": one.study_id,
        "copy_id": one.copy_id,
        "release_id": one.release_id,
        "person": one.person,
        "form": one.form,
        "purpose": purpose(one),
        "purpose_text": one.purpose_text,
        "terms": one.terms_sha256,
        "taken_at": _time(one.taken_at),
        "notices": [
            {
                "kind": _kind(notice),
                "subject": notice.subject,
                "seen_at": _time(notice.seen_at) if notice.HasField("seen_at") else "",
            }
            for notice in one.notices
        ],
        "destroyed_at": _time(one.destroyed_at) if one.HasField("destroyed_at") else "",
    }


def _told(one: copy_pb2.HeldCopy) -> str:
    if one.HasField("destroyed_at"):
        return f"declared destroyed {_time(one.destroyed_at)}"
    return "; ".join(
        _WHAT[_kind(notice)].format(notice.subject)
        + (f" (read {_time(notice.seen_at)})" if notice.HasField("seen_at") else " (not read)")
        for notice in one.notices
    )


def _kind(notice: copy_pb2.Notice) -> str:
    from sotto.release.v1 import copy_pb2

    return copy_pb2.NoticeKind.Name(notice.kind).removeprefix("NOTICE_KIND_").lower()


def _time(stamp: Timestamp) -> str:
    return stamp.ToDatetime(dt.UTC).isoformat(timespec="seconds")
