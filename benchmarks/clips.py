# SPDX-License-Identifier: Apache-2.0
"""Measures a model on clips: word errors, languages, and what the marks of doubtful words find.

    python benchmarks/clips.py FOLDER --model base=DIR                        as English
    python benchmarks/clips.py FOLDER --model base=DIR --languages en ms      as a study has it
    python benchmarks/clips.py FOLDER --model base=DIR --joined 0.5           as one recording

FOLDER has the clips, and beside each NAME.* a NAME.txt with what is said; a clip without one has
neither errors nor marks that count. With --joined the clips follow each other in one recording, by
name, so many seconds apart. NAME of the model is that in `word_doubts.json`. Prints a JSON line a
recording, with what was heard, and one of all.

Words are compared in lower case without punctuation, those with digits by their digits; the marks
of words with digits do not count.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from benchmarks.spoken_interviews import RATE, Audio
from infra.models.word_doubts.hearing import HeardWord, hear, judged
from infra.models.word_doubts.measuring import worth
from services.common import telemetry
from services.transcription.adapters.whisper import WhisperEngine, WhisperOptions
from services.transcription.adapters.word_calibrations import word_calibration
from services.transcription.domain.transcript import Segment
from services.transcription.evaluation.normalising import basic_words
from services.transcription.evaluation.word_errors import word_errors

_THREADS = 2


@dataclass(frozen=True, slots=True)
class Clip:
    """Sound at 16 kHz and what is said in it; "" where that is not known."""

    name: str
    sound: Audio
    said: str


def main() -> None:
    """Hear the clips and tell what was heard."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", required=True, metavar="NAME=DIR")
    parser.add_argument("--languages", nargs="+", default=["en"])
    parser.add_argument("--joined", type=float, metavar="SECONDS")
    given = parser.parse_args()
    name, _, folder = given.model.partition("=")
    options = WhisperOptions(languages=tuple(given.languages), threads=_THREADS)
    engine = WhisperEngine.load(Path(folder), options)
    clips = list(_clips(given.folder))
    if given.joined is not None:
        clips = [_joined(clips, given.joined)]
    words: list[HeardWord] = []
    errors = length = 0
    seconds = spent = 0.0
    for clip in clips:
        begun = time.process_time()
        found = hear(engine, clip.sound)
        took = time.process_time() - begun
        told: dict[str, object] = {"clip": clip.name, "heard": [_told(one) for one in found]}
        if clip.said:
            compared = word_errors([basic_words(clip.said)], [basic_words(s.text) for s in found])
            [counted] = compared.by_reference
            told |= {"errors": counted.count, "words": counted.length}
            errors, length = errors + counted.count, length + counted.length
            words += judged(clip.name, [clip.said], found)
        seconds, spent = seconds + len(clip.sound) / RATE, spent + took
        _tell(told | {"cpu_seconds": round(took, 2)})
    total: dict[str, object] = {
        "model": name,
        "languages": given.languages,
        "recordings": len(clips),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(spent, 1),
    }
    if length:
        total |= {"errors": errors, "words": length, "wer_percent": round(100 * errors / length, 1)}
    if len({word.is_wrong for word in words}) == 2:
        total["marks"] = worth(words, word_calibration(name).below)
    _tell(total)


def _clips(folder: Path) -> Iterator[Clip]:
    telemetry.switch_off()
    from faster_whisper.audio import decode_audio

    for file in sorted(folder.iterdir()):
        if file.suffix != ".txt":
            text = file.with_suffix(".txt")
            said = text.read_text("utf-8").strip() if text.exists() else ""
            yield Clip(file.name, decode_audio(str(file), sampling_rate=RATE), said)


def _joined(clips: Sequence[Clip], apart: float) -> Clip:
    pause = np.zeros(int(apart * RATE), np.float32)
    sound = np.concatenate([piece for clip in clips for piece in (clip.sound, pause)])
    said = " ".join(clip.said for clip in clips) if all(clip.said for clip in clips) else ""
    return Clip(" ".join(clip.name for clip in clips), sound, said)


def _told(segment: Segment) -> list[str]:
    doubts = segment.evidence.doubts if segment.evidence else ()
    return [segment.language, segment.text, *(doubt.value for doubt in doubts)]


def _tell(found: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
