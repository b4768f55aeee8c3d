# SPDX-License-Identifier: Apache-2.0
"""Time of a clip of an hour's recording, through real services.

    python benchmarks/listening.py [--minutes 60] [--clips 20]

Makes an hour of noise in bursts, in several forms, and a run of that length whose windows hold
invented words; then asks for clips of words and of times at places drawn from a seed, as a reviewer
does, through the storage, audit and transcription services of an installation with a log on disk.
Prints one JSON object a form: bytes, and milliseconds of a call (median and slowest; the first one,
which starts the sandbox's template, apart).
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import av
import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from services.registry import identities
from services.storage_client import chunks
from services.storage_client.recordings import put_recording
from services.storage_client.transcripts import RunWriter
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc, recording_pb2
from sotto.transcript.v1 import transcript_pb2
from sotto.transcription.v1 import clip_pb2, clip_service_pb2_grpc
from tests.support.deployment import Deployment
from tests.support.storage_service import study

FORMS = {
    "opus 24 kbit/s, ogg": ("ogg", "libopus", 48_000, 24_000),
    "mp3 64 kbit/s": ("mp3", "mp3", 16_000, 64_000),
    "aac 64 kbit/s, mp4": ("mp4", "aac", 16_000, 64_000),
    "wav, 16 kHz": ("wav", "pcm_s16le", 16_000, 0),
}
RUN = "5" * 32
WINDOW_SECONDS = 60


def main() -> None:
    """Measure each form in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--clips", type=int, default=20)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="sotto-bench-") as folder,
        Deployment(Path(folder) / "home") as deployment,
    ):
        deployment.start(identities.TRANSCRIPTION)
        operator = deployment.channel(identities.OPERATOR, identities.CLINICAL)
        catalog_service_pb2_grpc.CatalogWriterServiceStub(operator).PutStudy(
            catalog_pb2.PutStudyRequest(study=study())
        )
        for form, (container, codec, rate, bits) in FORMS.items():
            content = recording(given.minutes, container, codec, rate, bits)
            ref = put_recording(operator, header(content), chunks.of_bytes(content)).ref
            write_run(deployment, ref, given.minutes)
            times = ask(deployment, ref, given.minutes, given.clips)
            first, *others = [round(1000 * one, 1) for one in times]
            print(
                json.dumps(
                    {
                        "form": form,
                        "bytes": len(content),
                        "first_ms": first,
                        "median_ms": statistics.median(others),
                        "slowest_ms": max(others),
                    }
                ),
                flush=True,
            )


def recording(minutes: int, container: str, codec: str, rate: int, bits: int) -> bytes:
    """Return bursts of noise in a form."""
    target = io.BytesIO()
    chance = np.random.default_rng(1)
    with av.open(target, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        if bits:
            stream.bit_rate = bits
        resampler = av.AudioResampler(
            stream.format.name, "mono", rate, frame_size=stream.frame_size or 1024
        )
        for _ in range(minutes * 60):
            loud = np.repeat(chance.uniform(0.0, 0.2, 10), rate // 10)
            sound = (chance.standard_normal(rate) * loud).clip(-1, 1)
            frame = av.AudioFrame.from_ndarray(sound.astype(np.float32)[None], "fltp", "mono")
            frame.sample_rate = rate
            for out in resampler.resample(frame):
                output.mux(stream.encode(out))
        for out in resampler.resample(None):
            output.mux(stream.encode(out))
        output.mux(stream.encode(None))
    return target.getvalue()


def header(content: bytes) -> recording_pb2.RecordingHeader:
    """Return what announces a recording."""
    return recording_pb2.RecordingHeader(
        study_id="peer-2026",
        participant="P07",
        session=1,
        kind=recording_pb2.RECORDING_KIND_MEDIA,
        file_name="x",
        size=len(content),
        content_sha256=hashlib.sha256(content).digest(),
    )


def write_run(deployment: Deployment, ref: recording_pb2.RecordingRef, minutes: int) -> None:
    """Store a run of ten segments a window."""
    writer = RunWriter(deployment.channel(identities.TRANSCRIPTION, identities.CLINICAL), ref, RUN)
    for window in range(minutes * 60 // WINDOW_SECONDS):
        writer.write(window, [segment(10 * window + number) for number in range(10)])
    writer.commit(transcript_pb2.TranscriptManifest(session=1, duration_ms=minutes * 60_000))


def segment(index: int) -> transcript_pb2.Segment:
    """Return a segment of ten words in six seconds."""
    start = 6000 * index
    words = [
        transcript_pb2.Word(
            text=f" word{n}", start_ms=start + 500 * n, end_ms=start + 500 * n + 400
        )
        for n in range(10)
    ]
    return transcript_pb2.Segment(
        index=index,
        speaker="S1",
        start_ms=start,
        end_ms=start + 5500,
        text="".join(one.text for one in words).strip(),
        words=words,
    )


def ask(
    deployment: Deployment, ref: recording_pb2.RecordingRef, minutes: int, clips: int
) -> list[float]:
    """Return the seconds that each clip of a word takes."""
    stub = clip_service_pb2_grpc.ClipServiceStub(
        deployment.channel(identities.REVIEWER, identities.TRANSCRIPTION)
    )
    chance = random.Random(1)
    found = []
    for _ in range(clips + 1):
        words = clip_pb2.ClipWords(segment=chance.randrange(minutes * 10), start=12, end=17)
        request = clip_pb2.GetClipRequest(ref=ref, source_run_key=RUN, words=words)
        began = time.monotonic()
        answer = stub.GetClip(request)
        found.append(time.monotonic() - began)
        assert len(answer.wav) > 32_000
    return found


if __name__ == "__main__":
    main()
