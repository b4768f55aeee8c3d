# SPDX-License-Identifier: Apache-2.0
"""`sotto study`: studies, their participants and policies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows import study_file
from services.common.client_session import connected
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_message, print_record, print_table
from services.registry import identities

app = typer.Typer(no_args_is_help=True, help="Create and show studies.")


@app.command()
def create(
    study_path: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="The study's file.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create a study from its file, or replace the description of an existing one."""
    study, policy_document = study_file.read(study_path)
    needs = (identities.CLINICAL, identities.RESEARCH, identities.DEIDENTIFICATION)
    with connected(installation_of(home), identities.OPERATOR, needs) as peers:
        from flows import studies

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
            }
        )
    else:
        done = "was there already" if created.existed else "is ready"
        print_message(
            f"Study {study.id} {done}: {len(study.participants)} participants,"
            f" policy {created.policy_version}."
        )
        if not study.members:
            print_message(
                "Nobody can review its transcripts or receive its releases, until its file lists"
                " members and this command runs again; see infra/study.example.yaml."
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
            rows.append((study_id, study.policy, len(study.participants), study.title))
    if as_json:
        for study_id, policy, participants, title in rows:
            print_record(
                {
                    "study_id": study_id,
                    "policy": policy,
                    "participants": participants,
                    "title": title,
                }
            )
    else:
        print_table(("STUDY", "POLICY", "PARTICIPANTS", "TITLE"), rows)
