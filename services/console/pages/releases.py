# SPDX-License-Identifier: Apache-2.0
"""Releases for researchers: which there are, what they state, and their files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from services.common.errors import Corrupted, InvalidInput, NotFound, NotReady
from services.common.signing import load_public_keys
from services.console.adapters.services import Services
from services.console.pages import copies, quality_words
from services.console.pages.certificate_words import CertificateView
from services.console.pages.copy_words import PURPOSES, moment_of
from services.console.pages.researcher import ResearcherVisit
from services.console.web.code_words import FORMATS, STYLES
from services.console.web.forms import Form, GivenForm
from services.console.web.headers import attachment
from services.console.web.language import speaking
from services.console.web.templates import day
from services.console.web.visit import Visit
from services.console.web.waiting import Waiting
from services.console.web.zipping import zipped
from services.registry import ids
from services.registry.export_formats import ExportFormat, Style
from services.registry.identities import RESEARCHER
from services.registry.purposes import Purpose
from sotto.release.v1 import copy_pb2, release_pb2

router = APIRouter()

_FORMATS = {str(one): one for one in ExportFormat}
_STYLES = {str(one): one for one in Style}
_MOST_WORDS = 300  # characters about a purpose, as in the contract


#: What is missing before a release is handed out, in English, by the reason of the refusal.
UNSAID: Mapping[str, str] = {
    "terms_not_accepted": (
        "Read the terms, and tick that you accept them. They may have changed since you opened the"
        " page."
    ),
    "no_purpose": "Say what you take it for; for something else say it in words.",
}


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A release in the list. `held` says in words why it is handed out no more."""

    study: str
    release: str
    time: dt.datetime
    transcripts: int
    redactions: int
    held: Sequence[str]


@router.get("/releases")
def releases(visit: ResearcherVisit) -> Response:
    """List the releases of the person's studies, the newest first."""
    with visit.calling(RESEARCHER) as services:
        found = _by_study(services)
        held = [one for one in copies.held(services) if one.notices]
    studies = [(one, _rows(all_)) for one, all_ in found]
    return visit.render("releases/list.html", studies=studies, held=held)


@router.get("/releases/key")
def key(visit: ResearcherVisit) -> Response:
    """Hand out the public key by which anybody verifies a certificate."""
    with visit.calling(RESEARCHER) as services:
        answer = services.releases.GetSigningKey(release_pb2.GetSigningKeyRequest())
    return Response(
        answer.public_key_pem,
        media_type="application/x-pem-file",
        headers=attachment("release-key.pem"),
    )


@router.get("/releases/{study}/{release}")
def show(visit: ResearcherVisit, study: str, release: str) -> Response:
    """Show what a release states, and what may be taken."""
    return _shown(visit, study, release, Form([]))


def _shown(
    visit: Visit, study: str, release: str, form: Form, fault: str = "", status: int = 200
) -> Response:
    with visit.calling(RESEARCHER) as services:
        row = _row(_found(services, study, release))
        view, fingerprint = _verified(services, study, release)
        terms = services.releases.GetTerms(copy_pb2.GetTermsRequest(study_id=study)).terms
        taken = copies.of_release(services, study, release)
    with speaking(visit.language):
        facts = view.facts()
        quality = [
            (one.number, quality_words.facts(one), one.by_type)
            for one in map(quality_words.Figures.of_certificate, view.quality)
        ]
    return visit.render(
        "releases/show.html",
        status,
        fault=fault,
        form=form,
        terms=terms,
        taken=taken,
        moment_of=moment_of,
        purposes=[
            ("", visit.say("Choose")),
            *((one.value, visit.say(PURPOSES[one])) for one in Purpose),
        ],
        row=row,
        facts=facts,
        quality=quality,
        redactions=view.redactions,
        fingerprint=fingerprint,
        downloads=[
            (file_format, FORMATS[file_format], offered)
            for file_format in ExportFormat
            if (
                offered := [
                    (style, STYLES[style], files)
                    for style in Style
                    if (files := view.files(style.of(file_format)))
                ]
            )
        ],
    )


@router.get("/releases/{study}/{release}/legend")
def legend(visit: ResearcherVisit, study: str, release: str) -> Response:
    """Show the legend of pseudonyms, as the archives hold it."""
    _check(study, release)
    with visit.calling(RESEARCHER) as services:
        rows = _legend(services, study, release)
    return visit.render("releases/legend.html", study=study, release=release, rows=rows)


@router.post("/releases/{study}/{release}/files")
def take(visit: ResearcherVisit, study: str, release: str, form: GivenForm) -> Response:
    """Hand out the files of a format and style as one archive.

    Where terms or purpose are missing, or the terms changed meanwhile, the page comes again.
    """
    wanted = form.text("take").partition(":")
    file_format, style = _FORMATS.get(wanted[0]), _STYLES.get(wanted[2])
    if file_format is None or style is None:
        raise InvalidInput("choose a form of the files from the page of the release")
    _check(study, release)
    purpose = form.one_of("purpose", ["", *Purpose])
    request = release_pb2.ExportReleaseRequest(
        study_id=study,
        release_id=release,
        format=release_pb2.Format.Name(file_format.number),
        style=release_pb2.Style.Name(style.number),
        terms_sha256=form.text("terms", most=64) if form.text("accepted") else "",
        purpose=f"PURPOSE_{purpose.upper()}" if purpose else None,
        purpose_text=form.text("purpose_text", most=_MOST_WORDS),
    )
    try:
        with visit.calling(RESEARCHER) as services:
            sent = iter(services.releases.ExportRelease(request))
            # A refusal comes before the first byte, and is a page.
            first = next(sent)
    except NotReady as error:
        if error.reason not in UNSAID:
            raise
        return _shown(visit, study, release, form, UNSAID[error.reason], 409)
    name = f"{release}-{style.of(file_format)}.zip"
    return StreamingResponse(
        zipped(_named(itertools.chain([first], sent))),
        media_type="application/zip",
        headers=attachment(name),
    )


def waiting(visit: Visit) -> Sequence[Waiting]:
    """Tell of the newest release of each study of a researcher."""
    with visit.calling(RESEARCHER) as services:
        rows = [row for _, found in _by_study(services) for row in _rows(found)[:1]]
    return [
        Waiting(
            heading=row.study,
            text=visit.say_count(
                row.transcripts,
                "The newest release is of {day}, with {count} transcript in it.",
                "The newest release is of {day}, with {count} transcripts in it.",
                day=day(row.time),
            ),
            path=f"/releases/{row.study}/{row.release}",
            link=visit.say(
                "It is held back; look why" if row.held else "Look at it and take its files"
            ),
        )
        for row in rows
    ]


def _by_study(
    services: Services,
) -> Sequence[tuple[str, Sequence[release_pb2.ReleaseSummary]]]:
    studies = services.releases.ListStudies(release_pb2.ListStudiesRequest()).study_ids
    return [(one, _releases(services, one)) for one in studies]


def _releases(services: Services, study: str) -> Sequence[release_pb2.ReleaseSummary]:
    request = release_pb2.ListReleasesRequest(study_id=study)
    return list(reversed(services.releases.ListReleases(request).releases))


def _found(services: Services, study: str, release: str) -> release_pb2.ReleaseSummary:
    _check(study, release)
    for one in _releases(services, study):
        if one.release_id == release:
            return one
    raise NotFound(f"{study} has no release {release}; choose one from the list")


def _verified(services: Services, study: str, release: str) -> tuple[CertificateView, str]:
    """Return what a certificate states and the fingerprint of the key that it verifies with."""
    request = release_pb2.GetCertificateRequest(study_id=study, release_id=release)
    answer = services.releases.GetCertificate(request)
    signer = services.releases.GetSigningKey(release_pb2.GetSigningKeyRequest())
    [public] = load_public_keys(signer.public_key_pem.encode())
    if not public.verifies(answer.signature, answer.certificate):
        raise Corrupted(
            "the certificate is not signed with the key of this installation; build the release"
            " again"
        )
    return CertificateView(answer.certificate), signer.fingerprint


def _legend(services: Services, study: str, release: str) -> Sequence[Mapping[str, str]]:
    """Return the rows of a legend, by the names of their columns."""
    request = copy_pb2.GetLegendRequest(study_id=study, release_id=release)
    data = services.releases.GetLegend(request).legend
    return list(csv.DictReader(io.StringIO(data.decode())))


def _check(study: str, release: str) -> None:
    if not (re.fullmatch(ids.STUDY_ID, study) and re.fullmatch(ids.RELEASE_ID, release)):
        raise NotFound("there is no such release; choose one from the list")


def _rows(found: Iterable[release_pb2.ReleaseSummary]) -> Sequence[ReleaseRow]:
    return [_row(one) for one in found]


def _row(one: release_pb2.ReleaseSummary) -> ReleaseRow:
    held = [*one.held_back, *one.rejected_since, *one.removed_since]
    return ReleaseRow(
        study=one.study_id,
        release=one.release_id,
        time=one.time.ToDatetime(dt.UTC),
        transcripts=one.transcripts,
        redactions=sum(one.replacements.values()),
        held=held,
    )


def _named(chunks: Iterable[release_pb2.ExportReleaseResponse]) -> Iterator[tuple[str, bytes]]:
    """Yield the chunks, each with the name of its file."""
    name = ""
    for chunk in chunks:
        name = chunk.file_name or name
        if not re.fullmatch(ids.RELEASED_FILE, name):
            raise InvalidInput("the release service sent an unsafe file name")
        yield name, chunk.chunk
