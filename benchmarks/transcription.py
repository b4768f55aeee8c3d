# SPDX-License-Identifier: Apache-2.0
"""Transcription through the service against bare faster-whisper: time, memory, word errors.

    python benchmarks/transcription.py --model DIR [--minutes 1 10] [--wav FOLDER]
    python benchmarks/transcription.py --model DIR --minutes 240 --alone    memory of a long talk

Needs a Whisper model in CTranslate2 form (`sotto models pull base` puts one under the home's
`models`), the program `flite` with its voices slt and rms (Debian), and what `sotto transcribe
evaluate` needs. It makes talk of two voices in turn, mono, from the sentences below in an order
drawn from a seed, so the longer ones say the same sentences again. Both get the same WAV, model,
arithmetic (int8), threads, language (English), beam 1, temperature 0 and word times; bare
faster-whisper has its own voice detection. Each is measured with the model loaded and warm: the
service after a first short recording, the other in a process of its own. Time of the service holds
reading from the encrypted store and writing to it. Memory is the largest sum of PSS of the process
and its children, five times a second. Prints one JSON object a line; ratios are the service
beside bare faster-whisper. On a machine with other work that of processor time says more. The aims
are 1.05 of the time, 1.1 of the memory, and a word error rate at most 0.5 points above. `--alone`
leaves bare faster-whisper out, which needs gigabytes for hours. `MB_above_model` is the peak above
what the service had with the model loaded, warm and idle; the aim is 600.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from services.registry import identities
from services.storage_client import chunks
from services.storage_client.recordings import put_recording
from services.storage_client.transcripts import read_transcript
from services.transcription.evaluation.measuring import measure
from services.transcription.evaluation.utterances import Document, Utterance
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc, recording_pb2
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc
from tests.support.deployment import Deployment
from tests.support.storage_service import study

RATE = 16_000
VOICES = ("slt", "rms")
QUESTIONS = (
    "How have you been since we last spoke?",
    "Can you tell me what a usual morning looks like for you?",
    "Who helps you when things get difficult at home?",
    "What did the nurse say about the new tablets?",
    "Do you remember when the pain first started?",
    "How did you feel when you left the ward that day?",
    "Is there anything that you would have wanted to be different?",
    "What would you say to somebody who is just beginning this treatment?",
    "How do you travel to the clinic, and how long does it take?",
    "And what happened after you stopped working?",
)
ANSWERS = (
    "It has been better than last month, although I still wake up around three in the morning.",
    "I get up early, I make some tea, and then I sit by the window until my daughter calls me.",
    "My sister comes on Tuesdays, and my neighbour drives me to the market when it rains.",
    "She told me to take two of them after breakfast and to drink a lot of water.",
    "It began in the spring, first in my left knee, and then it went up into my back.",
    "To be honest, I was frightened, because nobody had explained to me what would come next.",
    "I would have liked more time with the doctor, and a leaflet that I could read at home.",
    "I would tell them to be patient, to write everything down, and not to be ashamed to ask.",
    "I take the bus from the river to the old station, which takes nearly an hour each way.",
    "At first I slept a lot, and then I started to walk with a group from the community hall.",
)


@dataclass(frozen=True)
class Measured:
    """What one system took, and what it heard; seconds of wall clock and processor, bytes."""

    seconds: float
    processor: float
    memory: int
    before: int
    heard: tuple[Utterance, ...]


_BARE = """
import json, sys, time
from services.common import telemetry
telemetry.switch_off()
from faster_whisper import WhisperModel
folder, threads, *files = sys.argv[1:]
model = WhisperModel(
    folder, device="cpu", compute_type="int8", cpu_threads=int(threads), local_files_only=True
)
def hear(path):
    found, _ = model.transcribe(
        path, language="en", beam_size=1, temperature=0.0, condition_on_previous_text=False,
        word_timestamps=True, vad_filter=True,
    )
    return [segment.text for segment in found]
hear(files[0])
print("ready", flush=True)
sys.stdin.readline()
began = time.monotonic()
texts = hear(files[1])
print(json.dumps({"seconds": time.monotonic() - began, "texts": texts}), flush=True)
"""


def main() -> None:
    """Measure each length in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, metavar="DIR")
    parser.add_argument("--minutes", type=float, nargs="*", default=[1.0, 10.0])
    parser.add_argument("--alone", action="store_true", help="The service alone.")
    parser.add_argument("--wav", type=Path, metavar="FOLDER", help="Keep the recordings there.")
    given = parser.parse_args()
    threads = min(4, os.cpu_count() or 1)
    settings = {
        "SOTTO_SPEECH_MODEL": str(given.model.resolve()),
        "SOTTO_SPEECH_THREADS": str(threads),
    }
    with tempfile.TemporaryDirectory(prefix="sotto-bench-") as folder:
        root = Path(folder)
        wavs = given.wav or root
        wavs.mkdir(parents=True, exist_ok=True)
        voices = speak(root)
        warm, _ = record(voices, 0.2, wavs / "warm.wav")
        for minutes in given.minutes:
            path, said = record(voices, minutes, wavs / f"talk-{minutes:g}.wav")
            bare = None
            if not given.alone:
                bare = through_faster_whisper(given.model, threads, warm, path)
            with Deployment(root / f"home-{minutes:g}", settings) as deployment:
                ours = through_the_service(deployment, warm, path)
            tell(minutes, said, bare, ours)


def speak(folder: Path) -> dict[str, np.ndarray]:
    """Return each sentence as samples: questions in the first voice, answers in the second."""
    found = {}
    for voice, sentences in zip(VOICES, (QUESTIONS, ANSWERS), strict=True):
        for sentence in sentences:
            path = folder / "sentence.wav"
            subprocess.run(["flite", "-voice", voice, "-t", sentence, "-o", path], check=True)
            with wave.open(str(path)) as file:
                assert file.getframerate() == RATE
                found[sentence] = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return found


def record(
    voices: dict[str, np.ndarray], minutes: float, path: Path
) -> tuple[Path, list[Utterance]]:
    """Write a talk of at least that length, and return what is said in it."""
    chosen = random.Random(f"talk {minutes}")
    parts: list[np.ndarray] = []
    said: list[Utterance] = []
    at = 0
    while at < minutes * 60 * RATE:
        for who, sentences in (("I", QUESTIONS), ("P", ANSWERS)):
            sentence = chosen.choice(sentences)
            sound = voices[sentence]
            said.append(Utterance(sentence, who, "en", at / RATE, (at + len(sound)) / RATE))
            pause = np.zeros(int(chosen.uniform(0.3, 1.2) * RATE), np.int16)
            parts += [sound, pause]
            at += len(sound) + len(pause)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.concatenate(parts).tobytes())
    return path, said


def through_faster_whisper(model: Path, threads: int, warm: Path, path: Path) -> Measured:
    """Measure bare faster-whisper in a process of its own."""
    command = [sys.executable, "-c", _BARE, str(model), str(threads), str(warm), str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with largest(process.pid) as used:
            process.stdin.write("\n")
            process.stdin.flush()
            found = json.loads(process.stdout.readline())
    heard = tuple(Utterance(text) for text in found["texts"])
    return Measured(found["seconds"], used.processor, used.most, used.before, heard)


def through_the_service(deployment: Deployment, warm: Path, path: Path) -> Measured:
    """Measure the service, beside the clinical store and the audit log."""
    deployment.start(identities.CLINICAL, identities.TRANSCRIPTION)
    refs = seal(deployment, [warm, path])
    stub = transcription_service_pb2_grpc.TranscriptionServiceStub(
        deployment.channel(identities.FLOWS, identities.TRANSCRIPTION)
    )
    list(stub.Transcribe(transcription_pb2.TranscribeRequest(ref=refs[0])))
    with largest(pid_of("services.transcription")) as used:
        began = time.monotonic()
        list(stub.Transcribe(transcription_pb2.TranscribeRequest(ref=refs[1])))
        seconds = time.monotonic() - began
    reader = deployment.channel(identities.DEIDENTIFICATION, identities.CLINICAL)
    stored = read_transcript(reader, refs[1])
    heard = tuple(Utterance(one.text) for one in stored.segments)
    return Measured(seconds, used.processor, used.most, used.before, heard)


def seal(deployment: Deployment, files: Sequence[Path]) -> list[recording_pb2.RecordingRef]:
    """Bring the files in as recordings of one participant of an English study."""
    operator = deployment.channel(identities.OPERATOR, identities.CLINICAL)
    described = study()
    described.ClearField("languages")
    described.languages.append("en")
    catalog_service_pb2_grpc.CatalogWriterServiceStub(operator).PutStudy(
        catalog_pb2.PutStudyRequest(study=described)
    )
    refs = []
    for number, file in enumerate(files, 1):
        data = file.read_bytes()
        header = recording_pb2.RecordingHeader(
            study_id=described.id,
            participant=described.participants[0],
            session=number,
            kind=recording_pb2.RECORDING_KIND_MEDIA,
            file_name=file.name,
            size=len(data),
            content_sha256=hashlib.sha256(data).digest(),
        )
        refs.append(put_recording(operator, header, chunks.of_bytes(data)).ref)
    return refs


@dataclass
class Use:
    """What a process and its children used: memory at first and at most, in bytes, and processor
    time.
    """

    before: int = 0
    most: int = 0
    processor: float = 0.0


@contextlib.contextmanager
def largest(pid: int) -> Iterator[Use]:
    """Watch a process and its children while the block lasts."""
    used, over = Use(before=memory(pid)), threading.Event()
    before = processor_time(pid)

    def watch() -> None:
        while not over.wait(0.2):
            used.most = max(used.most, memory(pid))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield used
    finally:
        over.set()
        thread.join()
        used.processor = processor_time(pid) - before


def pid_of(module: str) -> int:
    """Return the process id of a child of this process that runs a module."""
    return next(one.pid for one in psutil.Process().children() if module in one.cmdline())


def tree(pid: int) -> list[psutil.Process]:
    """Return a process and its children."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def memory(pid: int) -> int:
    """Return the memory (PSS) of a process and its children, in bytes."""
    total = 0
    for one in tree(pid):
        with contextlib.suppress(psutil.Error):
            total += one.memory_full_info().pss
    return total


def processor_time(pid: int) -> float:
    """Return the processor time of a process and of its children that were there, in seconds."""
    total = 0.0
    for one in tree(pid):
        with contextlib.suppress(psutil.Error):
            total += sum(one.cpu_times()[:4])  # user, system, and both of children that ended
    return total


def tell(minutes: float, said: list[Utterance], bare: Measured | None, ours: Measured) -> None:
    """Print what was measured for one length."""
    rates = {}
    for name, one in (("bare", bare), ("service", ours)):
        if one is None:
            continue
        found = measure([(Document(tuple(said)), Document(one.heard))]).wer
        assert found is not None
        errors = found.errors
        rates[name] = found.rate.value
        told: dict[str, object] = {
            "what": name,
            "minutes": minutes,
            "seconds": round(one.seconds, 1),
            "processor_seconds": round(one.processor, 1),
            "MB": round(one.memory / 1e6),
            "MB_above_model": round((one.memory - one.before) / 1e6),
            "wer": round(rates[name], 4),
            "errors": [errors.substitutions, errors.deletions, errors.insertions],
        }
        if bare is not None and one is ours:
            told["time_ratio"] = round(one.seconds / bare.seconds, 2)
            told["processor_ratio"] = round(one.processor / bare.processor, 2)
            told["memory_ratio"] = round(one.memory / bare.memory, 2)
            told["wer_points"] = round(100 * (rates["service"] - rates["bare"]), 2)
        told["load"] = round(os.getloadavg()[0], 1)
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
