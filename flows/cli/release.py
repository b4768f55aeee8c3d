# SPDX-License-Identifier: Apache-2.0
"""`sotto release`: build, export and verify what researchers receive."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli import copies
from flows.cli.options import StudyOption
from services.common.client_session import connected
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_message, print_record, print_table
from services.common.wording import counted
from services.registry import identities
from services.registry.export_formats import ExportFormat, Style
from services.registry.purposes import Purpose

if TYPE_CHECKING:
    from sotto.release.v1 import release_pb2

app = typer.Typer(no_args_is_help=True, help="Build, export and verify releases.")
app.command()(copies.terms)
app.command()(copies.held)
app.command()(copies.destroyed)
app.command("copies")(copies.copies)


@app.command()
def build(
    study: StudyOption,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build a release of all approved transcripts of a study; the same inputs give the same one.

    Names every recording that is not in it, and why.
    """
    needs = (identities.RELEASE, identities.CLINICAL, identities.RESEARCH)
    with connected(installation_of(home), identities.OPERATOR, needs) as peers:
        from flows import omissions
        from services.recordings_client import catalog
        from sotto.release.v1 import release_pb2, release_service_pb2_grpc

        catalog.require_study(peers, study)
        stub = release_service_pb2_grpc.ReleaseBuilderServiceStub(peers.channel(identities.RELEASE))
        unfinished, reasons = omissions.unfinished(peers, study)
        answer = stub.BuildRelease(
            release_pb2.BuildReleaseRequest(study_id=study, unfinished=unfinished),
            # Bleeped sound of each recording is transcribed again.
            timeout=24 * 3600.0,
        )
    missing = [
        replace(one, why=reasons.get(one.recording_id, one.why))
        for one in omissions.omissions(answer.release)
    ]
    summary = _summary(answer.release)
    if as_json:
        print_record(
            {**summary, "left_out": [asdict(one) for one in missing], "existed": answer.existed}
        )
        return
    count = counted(summary["transcripts"], "transcript")
    if answer.existed:
        print_message(
            f"Nothing is new since release {summary['release_id']} of {summary['time']}, so that"
            f" none was made: {count}."
        )
    else:
        print_message(f"Release {summary['release_id']} is built: {count}.")
    if summary["invented"]:
        print_message(
            f"INVENTED: the words of {summary['invented']} of them are a demo model's, which does"
            " not know the recordings; README.txt and the names of the files say which."
        )
    if summary["audio_files"]:
        print_message(
            f"AUDIO: it holds {counted(summary['audio_files'], 'recording')} as bleeped sound, with"
            f" {summary['audio_muted_share']:.0%} of it muted. Voices are those of the speakers:"
            " listen before you hand it out."
        )
    if summary["standing_out"]:
        print_message(
            f"STANDING OUT: {counted(summary['standing_out'], 'participant')} by what the text says"
            " of them, whoever they are. See who and by what before you hand it out: export it, and"
            " run: sotto deid attack FOLDER"
        )
    if summary["withdrawn"]:
        print_message(f"Left out, since they withdrew: {', '.join(summary['withdrawn'])}.")
    for one in missing:
        print_message(
            f"Left out: {one.recording_id}, {one.participant} session {one.session}: {one.why}."
        )


@app.command("list")
def list_releases(study: StudyOption, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the releases of a study."""
    with connected(installation_of(home), identities.RESEARCHER, (identities.RELEASE,)) as peers:
        from sotto.release.v1 import release_pb2, release_service_pb2_grpc

        stub = release_service_pb2_grpc.ReleaseReaderServiceStub(peers.channel(identities.RELEASE))
        found = stub.ListReleases(release_pb2.ListReleasesRequest(study_id=study)).releases
    rows = [_summary(one) for one in found]
    if as_json:
        for row in rows:
            print_record(row)
        return
    if not rows:
        print_message(
            f"{study} has no release yet; make one with: sotto release build --study {study}"
        )
        return
    print_table(
        ("RELEASE", "TIME", "TRANSCRIPTS", "INVENTED", "REDACTIONS", "HELD BACK"),
        [
            (
                row["release_id"],
                row["time"],
                row["transcripts"],
                row["invented"] or "",
                sum(row["replacements"].values()),
                _held_back(row),
            )
            for row in rows
        ],
    )
    if any(row["held_back"] or row["removed_since"] for row in rows):
        print_message(
            "What is held back is handed out no more; build a new release with: sotto release build"
            f" --study {study}"
        )


@app.command()
def export(
    study: StudyOption,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to make.")],
    file_format: Annotated[
        ExportFormat, typer.Option("--format", help="File format.")
    ] = ExportFormat.TXT,
    style: Annotated[
        Style,
        typer.Option("--style", help="Every word, or without fillers, repetitions, false starts."),
    ] = Style.VERBATIM,
    release: Annotated[str, typer.Option("--release", help="Release id; the newest if none.")] = "",
    purpose: Annotated[
        Purpose | None, typer.Option("--purpose", help="What you take it for.")
    ] = None,
    purpose_text: Annotated[
        str, typer.Option("--purpose-text", metavar="TEXT", help="The same in your words; sealed.")
    ] = "",
    accept_terms: Annotated[
        str,
        typer.Option(
            "--accept-terms",
            metavar="VERSION",
            help="Version of the terms that you accept, or its first 8 digits: sotto release terms",
        ),
    ] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the files of a release, with their certificate, into a new folder.

    You take it on the terms of the study and for a purpose, both of which you name. It is on record
    that you hold a copy; see: sotto release held
    """
    from flows import exporting

    target = out.absolute()
    exporting.check_target(target)
    with connected(installation_of(home), identities.RESEARCHER, (identities.RELEASE,)) as peers:
        said = exporting.said(peers, study, accept_terms, purpose, purpose_text)
        names = exporting.export(peers, study, release, file_format, target, said, style)
    if as_json:
        print_record({"study_id": study, "out": str(target), "files": names})
    else:
        print_message(
            f"{len(names)} files are in {out}. Check them with: sotto release verify {out}"
        )


@app.command()
def key(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Print the public key by which anybody can verify a certificate, as PEM."""
    with connected(installation_of(home), identities.RESEARCHER, (identities.RELEASE,)) as peers:
        from sotto.release.v1 import release_pb2, release_service_pb2_grpc

        stub = release_service_pb2_grpc.ReleaseReaderServiceStub(peers.channel(identities.RELEASE))
        answer = stub.GetSigningKey(release_pb2.GetSigningKeyRequest())
    if as_json:
        print_record({"fingerprint": answer.fingerprint, "public_key_pem": answer.public_key_pem})
        return
    sys.stdout.write(answer.public_key_pem)
    print_message(f"Fingerprint (SHA-256 of its DER form): {answer.fingerprint}")


def _held_back(row: dict[str, Any]) -> str:
    """Return why a release is handed out no more; nothing where it is."""
    reasons = [f"{code} withdrew" for code in row["held_back"]]
    reasons += [f"{one} was removed" for one in row["removed_since"]]
    return ", ".join(reasons + [f"{one} was rejected" for one in row["rejected_since"]])


def _summary(release: release_pb2.ReleaseSummary) -> dict[str, Any]:
    from flows.omissions import omissions

    return {
        "study_id": release.study_id,
        "release_id": release.release_id,
        "time": release.time.ToDatetime(dt.UTC).isoformat(timespec="seconds"),
        "transcripts": release.transcripts,
        "replacements": dict(release.replacements),
        "invented": release.invented,
        "withdrawn": list(release.withdrawn),
        "held_back": list(release.held_back),
        "rejected_since": list(release.rejected_since),
        "removed_since": list(release.removed_since),
        "left_out": [asdict(one) for one in omissions(release)],
        "audio_files": release.audio_files,
        "audio_muted_share": release.audio_muted_share,
        "standing_out": release.standing_out,
        "smallest_k": release.smallest_k,
    }
