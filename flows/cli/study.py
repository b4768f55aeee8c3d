# SPDX-License-Identifier: Apache-2.0
"""`sotto study`: studies, their participants and policies."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.common.client_session import connected
from services.common.errors import InvalidInput, NotFound, PermissionDenied
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_message, print_record, print_table
from services.common.wording import counted
from services.registry import identities
from services.studies import study_file

if TYPE_CHECKING:
    from services.studies.study_changes import Change

app = typer.Typer(no_args_is_help=True, help="Create and show studies.")


@app.command()
def create(
    study_path: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="The study's file.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask about what changes.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create a study from its file, or replace the description of an existing one.

    Asks before it changes who may do what, the policy, the review, how long recordings are kept, or
    drops a participant, or leaves names out of the roster.
    """
    study, policy_document = study_file.read(study_path)
    needs = (identities.CLINICAL, identities.RESEARCH, identities.DEIDENTIFICATION)
    with connected(installation_of(home), identities.OPERATOR, needs, makes_home=True) as peers:
        from services.studies import studies
        from services.studies.study_changes import changes, of_roster

        before = studies.stored(peers, study.id)
        changed = []
        if before is not None:
            changed = changes(before, study_file.to_message(study, policy_document))
            names = studies.roster_before(peers, study)
            if names is not None and study.roster is not None:
                changed.append(of_roster(names, study.roster.name_count))
            _confirm(study.id, changed, yes)
        created = studies.create(peers, study, policy_document)
    if as_json:
        print_record(
            {
                "study_id": study.id,
                "participants": len(study.participants),
                "members": len(study.members),
                "policy": created.policy,
                "policy_version": created.policy_version,
                "existed": created.existed,
                "changed": sorted({one.field for one in changed}),
                "below_floor": list(created.below_floor),
            }
        )
    else:
        done = "was there already" if created.existed else "is changed" if changed else "is ready"
        print_message(
            f"Study {study.id} {done}: {counted(len(study.participants), 'participant')},"
            f" {counted(len(study.members), 'member')}, policy {created.policy_version}."
        )
        if created.below_floor:
            print_message(
                "Its policy keeps more than a policy may by itself"
                f" ({'; '.join(created.below_floor)}). Nothing is de-identified under it until a"
                " compliance officer, who changed neither"
                f" policy nor review, looks at it and runs: sotto study countersign {study.id}"
            )
        if not study.members:
            print_message(
                "Nobody can review its transcripts or receive its releases, until its file lists"
                " members and this command runs again; see infra/study.example.yaml."
            )


def _confirm(study_id: str, changed: Sequence[Change], yes: bool) -> None:
    """Tell what changes; raises PermissionDenied unless what is grave is wanted."""
    if not changed:
        return
    print_message(f"Study {study_id} exists. This changes:")
    for one in changed:
        print_message(f"  {one.text}")
    if any(one.is_grave for one in changed):
        _agree(
            yes,
            f"Change study {study_id}?",
            "nothing was changed; read the changes above and run the command again with --yes",
        )


def _agree(yes: bool, question: str, unasked: str) -> None:
    """Ask, unless that was answered before; raises PermissionDenied without a yes."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise PermissionDenied(unasked)
    if not typer.confirm(question, err=True):
        raise PermissionDenied(unasked.partition(";")[0])


@app.command()
def countersign(
    study_id: Annotated[str, typer.Argument(metavar="STUDY", help="Study id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a study use a policy that keeps more than a policy may by itself; for compliance.

    Shows what it keeps and asks. It is for this very policy: another text needs another one.
    """
    needs = (identities.CLINICAL, identities.DEIDENTIFICATION)
    with connected(
        installation_of(home), identities.COMPLIANCE, needs, purpose="compliance"
    ) as peers:
        from services.recordings_client import catalog
        from services.studies import studies

        catalog.require_study(peers, study_id)
        study, _ = studies.countersignatures(peers, study_id)
        policy = studies.validate(peers, study)
        if not policy.below_floor:
            raise InvalidInput(
                f"the policy of {study_id} ({policy.version}) keeps nothing that needs it"
            )
        print_message(
            f"The policy {policy.version} of study {study_id} keeps more than a policy may by"
            " itself:"
        )
        for line in policy.below_floor:
            print_message(f"  {line}")
        print_message(f"Its digest is {policy.digest}.")
        _agree(
            yes,
            f"Let study {study_id} use this policy?",
            "nothing was countersigned; read the lines above and run the command again with --yes",
        )
        existed = studies.countersign(peers, study_id, policy.digest)
    if as_json:
        print_record({"study_id": study_id, "policy_digest": policy.digest, "existed": existed})
        return
    print_message(
        f"You had countersigned this policy for {study_id} before."
        if existed
        else f"Countersigned. What waited for it in {study_id} is due again, and taken up by the"
        f" next sweep; at once with: sotto recordings redo --study {study_id}"
    )


@app.command()
def show(
    study_id: Annotated[str, typer.Argument(metavar="STUDY", help="Study id.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a study as it is stored, and who may do what in it."""
    needs = (identities.CLINICAL, identities.DEIDENTIFICATION)
    with connected(installation_of(home), identities.OPERATOR, needs) as peers:
        from services.recordings_client import catalog
        from services.studies import studies
        from services.studies.study_changes import describe, members_of

        catalog.require_study(peers, study_id)
        study, signed = studies.countersignatures(peers, study_id)
        policy = studies.validate(peers, study)
    valid = [
        one.person
        for one in signed
        if one.policy_digest == policy.digest and one.person not in study.policy_changed_by
    ]
    record = {
        **describe(study),
        "policy_digest": policy.digest,
        "below_floor": list(policy.below_floor),
        "countersigned_by": valid,
    }
    if as_json:
        print_record(record)
        return
    shown = {
        **record,
        "languages": " ".join(study.languages),
        "own_policy": "yes" if study.policy_document else "no",
        "below_floor": "\n".join(policy.below_floor) or "nothing",
        "countersigned_by": ", ".join(valid) or _not_countersigned(study_id, policy.below_floor),
        "policy_changed_by": ", ".join(study.policy_changed_by) or "nobody",
        "keep_recordings_days": study.keep_recordings_days or "for ever",
        "retention_shortened_at": record["retention_shortened_at"] or "never",
        "roster_hotwords": "yes" if study.roster_hotwords else "no",
        "speakers": study.speakers or "not said",
        "participants": " ".join(study.participants),
        "members": "\n".join(
            f"{person}: {', '.join(roles)}" for person, roles in members_of(study).items()
        )
        or "nobody: its transcripts are not reviewed, and its releases not handed out",
    }
    print_table(("FIELD", "VALUE"), list(shown.items()))


def _not_countersigned(study_id: str, below_floor: Sequence[str]) -> str:
    if not below_floor:
        return "not needed"
    return f"nobody: the policy is not used; compliance runs: sotto study countersign {study_id}"


@app.command("add-names")
def add_names(
    study_id: Annotated[str, typer.Argument(metavar="STUDY", help="Study id.")],
    file: Annotated[
        Path,
        typer.Argument(metavar="NAMES.yaml", help="People and places, as in a study's roster."),
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add known names to those that a study never misses; none that is there goes.

    A person's field `participant` says whose relative, or who, it is. Names come in a file alone,
    and are shown to nobody. Transcripts are made again with them by the next sweep.
    """
    names = study_file.read_names(file)
    with connected(installation_of(home), identities.OPERATOR, (identities.CLINICAL,)) as peers:
        from services.recordings_client import catalog
        from services.studies import studies

        catalog.require_study(peers, study_id)
        studies.require_participants(peers, study_id, names)
        done = studies.add_names(peers, study_id, names)
    if as_json:
        record = {"study_id": study_id, "given": names.name_count, "existed": done.existed}
        print_record({**record, "names_before": done.names_before})
    elif done.existed:
        print_message(f"Study {study_id} knows all of these names; nothing changed.")
    else:
        print_message(
            f"{counted(names.name_count, 'name')} of the file added to the {done.names_before} that"
            f" study {study_id} knew; its transcripts are made again with them, by the next sweep."
        )


@app.command("enrol-voice")
def enrol_voice(
    study_id: Annotated[str, typer.Argument(metavar="STUDY", help="Study id.")],
    clip: Annotated[
        Path,
        typer.Argument(metavar="CLIP", help="Half a minute of the person alone, reading aloud."),
    ],
    interviewer: Annotated[
        str,
        typer.Option("--person", metavar="NAME", help="Account name of the one who interviews."),
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="The person agreed to this; do not ask.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let recordings tell the interviewer by voice; the person must have agreed.

    The clip is checked, and its speech alone is sealed. Recordings that are transcribed from now on
    compare voices with it. Never a participant's voice.
    """
    if not clip.is_file():
        raise NotFound(f"there is no file {clip}")
    needs = (identities.CLINICAL, identities.TRANSCRIPTION)
    with connected(installation_of(home), identities.OPERATOR, needs) as peers:
        from services.recordings_client import catalog
        from services.storage_client import chunks
        from services.studies import voices

        catalog.require_study(peers, study_id)
        _agree(
            yes,
            f"Has {interviewer} agreed that {study_id} keeps this clip of their voice, until it is"
            " deleted?",
            "nothing was enrolled; ask the person, and run the command again with --yes",
        )
        with clip.open("rb") as file:
            done = voices.enrol(peers, study_id, interviewer, chunks.of_file(file))
    if as_json:
        print_record(
            {
                "study_id": study_id,
                "person": interviewer,
                "speech_seconds": done.speech_ms / 1000,
                "existed": done.existed,
                "replaced": done.replaced,
            }
        )
        return
    said = (
        "is enrolled already, with this very clip"
        if done.existed
        else f"is enrolled{' anew; the clip before is deleted' if done.replaced else ''}"
    )
    print_message(
        f"The voice of {interviewer} {said}: {done.speech_ms / 1000:.0f} seconds of speech."
        " Recordings that are transcribed from now on are compared with it; delete it with: sotto"
        f" study erase-voice {study_id} --person {interviewer}"
    )


@app.command("voices")
def list_voices(
    study_id: Annotated[str, typer.Argument(metavar="STUDY", help="Study id.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List whose voices a study keeps, and since when."""
    with connected(installation_of(home), identities.OPERATOR, (identities.CLINICAL,)) as peers:
        from services.recordings_client import catalog
        from services.studies import voices

        catalog.require_study(peers, study_id)
        found = voices.listed(peers, study_id)
    if as_json:
        for one in found:
            print_record(
                {
                    "study_id": study_id,
                    "person": one.person,
                    "speech_seconds": one.speech_ms / 1000,
                    "enrolled_at": one.enrolled_at.ToJsonString(),
                }
            )
        return
    rows = [(one.person, f"{one.speech_ms / 1000:.0f} s", one.enrolled_at.ToJsonString()[:10])
            for one in found]  # fmt: skip
    print_table(("PERSON", "SPEECH", "SINCE"), rows)


@app.command("erase-voice")
def erase_voice(
    study_id: Annotated[str, typer.Argument(metavar="STUDY", help="Study id.")],
    interviewer: Annotated[
        str, typer.Option("--person", metavar="NAME", help="Account name of whose voice it is.")
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete the clip of an interviewer's voice; transcripts keep the roles that they have."""
    with connected(installation_of(home), identities.OPERATOR, (identities.CLINICAL,)) as peers:
        from services.recordings_client import catalog
        from services.studies import voices

        catalog.require_study(peers, study_id)
        voices.erase(peers, study_id, interviewer)
    if as_json:
        print_record({"study_id": study_id, "person": interviewer, "erased": True})
        return
    print_message(
        f"The voice of {interviewer} is deleted from {study_id}. Backups of the store that are"
        " older have it still, sealed under the key of the study."
    )


@app.command("list")
def list_studies(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the studies."""
    with connected(installation_of(home), identities.OPERATOR, (identities.CLINICAL,)) as peers:
        from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc

        catalog = catalog_service_pb2_grpc.CatalogReaderServiceStub(
            peers.channel(identities.CLINICAL)
        )
        ids = list(catalog.ListStudies(catalog_pb2.ListStudiesRequest()).study_ids)
        rows = []
        for study_id in ids:
            study = catalog.GetStudy(catalog_pb2.GetStudyRequest(study_id=study_id)).study
            rows.append(
                (
                    study_id,
                    study.policy,
                    len(study.participants),
                    len(study.members),
                    study.title,
                )
            )
    if as_json:
        for study_id, policy, participants, members, title in rows:
            print_record(
                {
                    "study_id": study_id,
                    "policy": policy,
                    "participants": participants,
                    "members": members,
                    "title": title,
                }
            )
    else:
        print_table(("STUDY", "POLICY", "PARTICIPANTS", "MEMBERS", "TITLE"), rows)
