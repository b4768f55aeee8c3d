# SPDX-License-Identifier: Apache-2.0
"""``sotto study``: studies, their participants and policies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows import study_file
from flows.cli.shared import HomeOption, JsonOption, connected, emit, home_of, say, table
from services.plumbing import access

app = typer.Typer(no_args_is_help=True, help="Create and show studies.")


@app.command()
def create(
    study_path: Annotated[Path, typer.Argument(metavar="STUDY.yaml", help="The study's file.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create a study from its file, or describe an existing one anew."""
    study, policy_document = study_file.read(study_path)
    needs = (access.CLINICAL, access.RESEARCH, access.DEIDENTIFICATION)
    with connected(home_of(home), access.OPERATOR, needs) as peers:
        from sotto.deidentification.v1 import (
            deidentification_pb2,
            deidentification_service_pb2_grpc,
        )
        from sotto.storage.v1 import (
            catalog_pb2,
            catalog_service_pb2_grpc,
            vault_pb2,
            vault_service_pb2_grpc,
        )

        message = study_file.to_message(study, policy_document)
        engine = deidentification_service_pb2_grpc.DeidentificationServiceStub(
            peers.channel(access.DEIDENTIFICATION)
        )
        policy = engine.ValidatePolicy(
            deidentification_pb2.ValidatePolicyRequest(
                name=message.policy, document=policy_document
            )
        )
        existed = True
        for zone in (access.CLINICAL, access.RESEARCH):
            catalog = catalog_service_pb2_grpc.CatalogWriterServiceStub(peers.channel(zone))
            existed &= catalog.PutStudy(catalog_pb2.PutStudyRequest(study=message)).existed
        if roster := study_file.roster_document(study):
            writer = vault_service_pb2_grpc.RosterWriterServiceStub(peers.channel(access.CLINICAL))
            writer.PutRoster(vault_pb2.PutRosterRequest(study_id=study.id, document=roster))
    if as_json:
        emit(
            {
                "study_id": study.id,
                "participants": len(study.participants),
                "policy": message.policy,
                "policy_version": policy.version,
                "existed": existed,
            }
        )
    else:
        done = "was there already" if existed else "is ready"
        say(
            f"Study {study.id} {done}: {len(study.participants)} participants,"
            f" policy {message.policy} {policy.version}."
        )


@app.command("list")
def list_studies(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the studies."""
    with connected(home_of(home), access.OPERATOR, (access.CLINICAL,)) as peers:
        from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc

        catalog = catalog_service_pb2_grpc.CatalogReaderServiceStub(peers.channel(access.CLINICAL))
        ids = list(catalog.ListStudies(catalog_pb2.ListStudiesRequest()).study_ids)
        rows = []
        for study_id in ids:
            study = catalog.GetStudy(catalog_pb2.GetStudyRequest(study_id=study_id)).study
            rows.append((study_id, study.policy, len(study.participants), study.title))
    if as_json:
        for study_id, policy, participants, title in rows:
            emit(
                {
                    "study_id": study_id,
                    "policy": policy,
                    "participants": participants,
                    "title": title,
                }
            )
    else:
        table(("STUDY", "POLICY", "PARTICIPANTS", "TITLE"), rows)
