# SPDX-License-Identifier: Apache-2.0
"""All that is known of one recording: ids, counts, states and times, no content."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from services.common.client import Channels
from services.common.errors import NotFound
from services.common.wording import counted
from services.intake.report import reading_record, told, warning_records
from services.recordings_client import catalog, removals
from services.registry import identities
from services.registry.recording_doubts import doubt_sentences
from services.storage_client.catalog import CatalogClient
from sotto.storage.v1 import catalog_pb2
from sotto.transcript.v1 import reading_pb2, transcript_pb2


@dataclass(frozen=True, slots=True)
class ShownRecording:
    """A recording as both zones list it; `research` is None where that zone has nothing of it."""

    summary: catalog.RecordingSummary
    clinical: catalog_pb2.RecordingState
    research: catalog_pb2.RecordingState | None

    @property
    def reading(self) -> reading_pb2.Reading | None:
        """What was found in a transcript made elsewhere, by its newest run; else None."""
        for run in reversed(self.clinical.transcripts):
            if run.manifest.HasField("reading"):
                return run.manifest.reading
        return None


def show(peers: Channels, recording_id: str, study_id: str = "") -> ShownRecording:
    """Return what is known of a recording.

    Raises NotFound with the nearest id, or with what is known of its removal.
    """
    try:
        clinical = catalog.require_one_recording(peers, recording_id, study_id)
    except NotFound:
        for one in removals.removed(peers, study_id):
            if one["recording_id"] == recording_id:
                moved = f", and is {one['moved_to']} now" if one["moved_to"] else ""
                raise NotFound(
                    f"recording {recording_id} was removed at {one['removed_at']} by"
                    f" {one['removed_by']} ({one['reason']}){moved}; the log tells more:"
                    f" sotto audit trace {recording_id}",
                    reason="unknown_name",
                ) from None
        raise
    research = None
    with contextlib.suppress(NotFound):
        research = CatalogClient(peers.channel(identities.RESEARCH)).recording(clinical.ref)
    return ShownRecording(catalog.summary_of(clinical, research), clinical, research)


def record(shown: ShownRecording) -> dict[str, object]:
    """Return a recording as JSON: as the list has it, with its runs and what was found in it."""
    reading = shown.reading
    return {
        **shown.summary.as_record(),
        "held": shown.clinical.held,
        "content_deleted": catalog.moment(shown.clinical.content_deleted_at),
        "reading": reading_record(reading) if reading else None,
        "warnings": warning_records(reading.warnings) if reading else [],
        "runs": [_run(zone, run) for zone, run in _runs(shown)],
    }


def facts(shown: ShownRecording) -> Iterator[tuple[str, str]]:
    """Yield what is known of a recording for people: a word for each fact, and the fact."""
    summary, clinical = shown.summary, shown.clinical
    yield "study", summary.study_id
    yield "who", f"{summary.participant}, session {summary.session}"
    yield "kind", summary.kind
    yield "state", summary.label
    if summary.message:
        yield "failed", f"{summary.stage}: {summary.message}"
    yield "sealed", summary.sealed_at
    if clinical.content_deleted_at.ToNanoseconds():
        yield (
            "deleted",
            f"its content, {catalog.moment(clinical.content_deleted_at)}; transcripts remain",
        )
    if clinical.held:
        yield "held", "a legal hold keeps its content"
    if shown.reading:
        for fact in told(shown.reading):
            yield "reading", fact
        for one in warning_records(shown.reading.warnings):
            yield "look at", str(one["message"])
    if summary.invented:
        yield "look at", "its words are invented by the demo model, which does not know it"
    for sentence in doubt_sentences(summary.doubts):
        yield "look at", sentence
    for zone, run in _runs(shown):
        yield "run", "; ".join(_told_run(zone, run))


def _runs(shown: ShownRecording) -> Iterator[tuple[str, catalog_pb2.TranscriptState]]:
    for run in shown.clinical.transcripts:
        yield "clinical", run
    for run in shown.research.transcripts if shown.research else ():
        yield "research", run


def _run(zone: str, run: catalog_pb2.TranscriptState) -> dict[str, object]:
    manifest, review = run.manifest, run.review
    found: dict[str, object] = {
        "zone": zone,
        "run_key": manifest.run_key,
        "committed_at": catalog.moment(run.committed_at),
        "segments": manifest.segment_count,
        "provenance": dict(manifest.provenance),
    }
    if zone == "research":
        found |= {
            "replacements": sum(manifest.deidentification.redactions.values()),
            "residual_risk": manifest.deidentification.residual_risk,
            "doubtful_words": _doubtful_words(manifest),
            "review": catalog.REVIEWS.get(review.state, ""),
            "decided_by": review.decided_by,
            "released": catalog.moment(run.released_at),
        }
    return found


def _told_run(zone: str, run: catalog_pb2.TranscriptState) -> Iterator[str]:
    manifest, review = run.manifest, run.review
    kind = "identified" if zone == "clinical" else "de-identified"
    yield f"{manifest.run_key}, {kind}, {catalog.moment(run.committed_at)}"
    yield counted(manifest.segment_count, "segment")
    if zone == "clinical":
        return
    yield counted(sum(manifest.deidentification.redactions.values()), "replacement")
    yield f"residual risk {manifest.deidentification.residual_risk:.2f}"
    if doubtful := _doubtful_words(manifest):
        yield f"{counted(doubtful, 'word')} may be misheard"
    if state := catalog.REVIEWS.get(review.state):
        yield f"review {state}" + (f" by {review.decided_by}" if review.decided_by else "")
    if run.released_at.ToNanoseconds():
        yield f"released {catalog.moment(run.released_at)}"


def _doubtful_words(manifest: transcript_pb2.TranscriptManifest) -> int | None:
    """Return how many words that stand may be misheard; None where no word was judged."""
    return manifest.doubtful_word_count if "word_doubts" in manifest.provenance else None
