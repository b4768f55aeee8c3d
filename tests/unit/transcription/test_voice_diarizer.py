# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from services.common.errors import Corrupted
from services.transcription.adapters.speaker_encoder import (
    FOLDER,
    Embeddings,
    SpeakerEncoder,
    encoder_version,
)
from services.transcription.adapters.voice_diarizer import VoiceDiarizer, find_voices
from services.transcription.domain.audio import SAMPLE_RATE, SampleRange, Samples
from services.transcription.domain.ports import LabelledSpan

#: Formants of vowels, in hertz (Peterson and Barney 1952, men): what moves while one voice talks.
VOWELS = ((730, 1090), (270, 2290), (300, 870), (530, 1840), (570, 840), (660, 1720))

#: Pitch in hertz, and how much shorter than a man's the vocal tract is.
MAN, WOMAN, CHILD = (105.0, 1.0), (210.0, 1.18), (320.0, 1.45)


def voice(kind: tuple[float, float], seconds: float, seed: int) -> Samples:
    """Vowels one after another in a voice: pulses at its pitch through two moving formants."""
    pitch, tract = kind
    draw = np.random.default_rng(seed)
    count = int(seconds * SAMPLE_RATE)
    time = np.arange(count) / SAMPLE_RATE
    hertz = pitch * (1 + 0.08 * np.sin(2 * np.pi * draw.uniform(1, 3) * time + seed))
    phase = 2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE
    sound = np.zeros(count)
    length = SAMPLE_RATE // 6
    for start in range(0, count, length):
        part = slice(start, start + length)
        first, second = VOWELS[int(draw.integers(len(VOWELS)))]
        for harmonic in range(1, int(5000 / pitch)):
            at = harmonic * pitch
            peaks = ((first * tract, 90), (second * tract, 120), (2600 * tract, 200))
            gain = sum(1 / (1 + ((at - peak) / width) ** 2) for peak, width in peaks)
            sound[part] += gain / harmonic**0.5 * np.sin(harmonic * phase[part])
    sound += draw.normal(0, 0.01, count)
    return np.asarray(0.1 * sound / np.sqrt(np.mean(sound**2)), np.float32)


def talk(
    turns: list[tuple[tuple[float, float], float]], *, same_words: bool = False
) -> tuple[Samples, list[SampleRange]]:
    """Turns with half a second between, and where they are; with `same_words` each voice says one
    thing again and again, since voices made of so little differ by words as people do by voice.
    """
    parts, regions, at = [], [], 0
    for seed, (kind, seconds) in enumerate(turns):
        said = voice(kind, seconds, int(kind[0]) if same_words else seed)
        regions.append(SampleRange(at, at + len(said)))
        parts += [said, np.zeros(SAMPLE_RATE // 2, np.float32)]
        at += len(said) + SAMPLE_RATE // 2
    return np.concatenate(parts), regions


def blocks(audio: Samples, size: int = 7001) -> Iterator[Samples]:
    """The sound in blocks of an odd size."""
    yield from (audio[at : at + size] for at in range(0, len(audio), size))


@pytest.fixture(scope="module")
def diarizer() -> VoiceDiarizer:
    """With the encoder that ships."""
    return VoiceDiarizer(SpeakerEncoder.load())


def speakers(spans: list[LabelledSpan], regions: list[SampleRange]) -> list[int]:
    """Who has most of each region; checks that the spans cover them in order."""
    assert sum(len(one.span) for one in spans) == sum(map(len, regions))
    assert all(a.span.end <= b.span.start for a, b in pairwise(spans))
    return [max(spans, key=lambda one: one.span.overlap(r)).speaker for r in regions]


class TestVoiceDiarizer:
    @pytest.mark.parametrize("known", [True, False])
    def test_voices_in_turn(self, diarizer: VoiceDiarizer, known: bool) -> None:
        """Two voices and three are told apart, their number known or not; who begins is 0."""
        for kinds in ([MAN, WOMAN], [MAN, WOMAN, CHILD]):
            audio, regions = talk([(kind, 3.0) for kind in kinds * 4], same_words=not known)
            spans = diarizer.diarize(blocks(audio), regions, len(kinds) if known else 0)
            assert speakers(spans, regions) == list(range(len(kinds))) * 4

    def test_one_voice(self, diarizer: VoiceDiarizer) -> None:
        """One voice stays one speaker where their number is not known."""
        audio, regions = talk([(MAN, 3.0)] * 6, same_words=True)
        assert {one.speaker for one in diarizer.diarize(blocks(audio), regions, 0)} == {0}

    def test_a_change_inside_a_region(self, diarizer: VoiceDiarizer) -> None:
        """Where one voice takes over without a pause, the region is cut there, to half a second."""
        audio, regions = talk([(kind, 4.0) for kind in [MAN, WOMAN] * 4])
        both = np.concatenate([voice(MAN, 5, 50), voice(WOMAN, 5, 51)])
        whole = np.concatenate([audio, both])
        regions.append(SampleRange(len(audio), len(whole)))
        spans = diarizer.diarize(blocks(whole), regions, 2)
        last = [one for one in spans if one.span.start >= len(audio)]
        assert [one.speaker for one in last] == [0, 1]
        assert abs(last[1].span.start - len(audio) - 5 * SAMPLE_RATE) < SAMPLE_RATE // 2

    def test_a_short_answer_continues_or_is_told_apart(self, diarizer: VoiceDiarizer) -> None:
        """A word of a third of a second has too little of a voice: it goes with the turn before."""
        turns = [(kind, 3.0) for kind in [MAN, WOMAN] * 3]
        audio, regions = talk([*turns, (MAN, 0.35), (MAN, 3.0)])
        found = speakers(diarizer.diarize(blocks(audio), regions, 2), regions)
        assert found == [0, 1] * 3 + [1, 0]

    @pytest.mark.parametrize("size", [512, 10**7])
    def test_blocks_change_nothing(self, diarizer: VoiceDiarizer, size: int) -> None:
        """However the decoder cuts its blocks, the spans are the same."""
        audio, regions = talk([(kind, 2.0) for kind in [MAN, WOMAN] * 3])
        found = diarizer.diarize(blocks(audio, size), regions, 2)
        assert found == diarizer.diarize(blocks(audio), regions, 2)

    def test_threads_change_nothing(self, diarizer: VoiceDiarizer) -> None:
        """However many threads encode, the spans are the same."""
        audio, regions = talk([(kind, 2.0) for kind in [MAN, WOMAN] * 8])
        several = VoiceDiarizer(SpeakerEncoder.load(), threads=3)
        found = several.diarize(blocks(audio), regions, 2)
        assert found == diarizer.diarize(blocks(audio), regions, 2)

    def test_silence(self, diarizer: VoiceDiarizer) -> None:
        """Nothing to hear means nothing to tell apart, and no regions no spans."""
        regions = [SampleRange(0, 3 * SAMPLE_RATE)]
        nothing = np.zeros(3 * SAMPLE_RATE, np.float32)
        assert diarizer.diarize(blocks(nothing), regions, 2) == [LabelledSpan(regions[0], 0)]
        assert diarizer.diarize(blocks(nothing), [], 2) == []


class TestFindVoices:
    """How many voices there are, where nobody knows."""

    @staticmethod
    def around(cosine: float, spread: float, count: int, seed: int) -> Embeddings:
        """Embeddings of a voice that lies at a cosine to the first direction, with the cosine
        distance `spread` between any two of them.
        """
        draw = np.random.default_rng(seed)
        middle = np.zeros(256)
        middle[0], middle[1] = cosine, np.sqrt(1 - cosine**2)
        noise = draw.normal(0, 1 / np.sqrt(256), (count, 256))
        found = np.sqrt(1 - spread) * middle + np.sqrt(spread) * noise
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)

    @pytest.mark.parametrize(
        ("spread", "between", "voices"),
        [
            (0.15, 0.45, 2),
            (0.15, 0.28, 2),  # closer than any fixed limit, and not as close as each is to itself
            (0.12, 0.22, 2),
            (0.20, 0.24, 1),
        ],
    )
    def test_voices_alike(self, spread: float, between: float, voices: int) -> None:
        """Two voices that differ little are two where each of them varies less."""
        second = (1 - between) / (1 - spread)
        said = [self.around(1.0, spread, 60, 1), self.around(second, spread, 30, 2)]
        assert len(find_voices(np.concatenate(said), 0)) == voices

    @pytest.mark.parametrize("spread", [0.12, 0.2, 0.28])
    def test_one_voice_is_not_parted(self, spread: float) -> None:
        """However much it varies."""
        assert len(find_voices(self.around(1.0, spread, 90, 1), 0)) == 1

    def test_little_talk_is_not_parted(self) -> None:
        """Some seconds of each say too little of voices that are alike."""
        said = [self.around(1.0, 0.15, 9, 1), self.around(0.85, 0.15, 9, 2)]
        assert len(find_voices(np.concatenate(said), 0)) == 1


class TestSpeakerEncoder:
    def test_embeddings_have_length_one(self) -> None:
        """A dot product of two is their cosine."""
        encoder = SpeakerEncoder.load()
        windows = encoder.mels(voice(MAN, 1.6, 1))[None, :160]
        assert np.linalg.norm(encoder.embed(windows)) == pytest.approx(1, abs=1e-4)

    def test_loudness_changes_little(self) -> None:
        """Somebody who sits farther away is the same voice."""
        encoder = SpeakerEncoder.load()
        said = voice(WOMAN, 1.6, 1)
        windows = np.stack([encoder.mels(said * gain)[:160] for gain in (1.0, 0.05)])
        near, far = encoder.embed(windows)
        assert near @ far > 0.999

    @pytest.mark.parametrize("damage", ["cut", "lost", "manifest"])
    def test_a_damaged_encoder_is_refused(self, tmp_path: Path, damage: str) -> None:
        """What differs from its manifest, or is missing, is not loaded."""
        folder = tmp_path / "encoder"
        shutil.copytree(FOLDER, folder)
        model = folder / "ge2e.onnx"
        if damage == "cut":
            model.write_bytes(model.read_bytes()[:-1])
        elif damage == "lost":
            model.unlink()
        else:
            (folder / "manifest.json").write_text("[]")
        with pytest.raises(Corrupted):
            SpeakerEncoder.load(folder)
        with pytest.raises(Corrupted):
            encoder_version(folder)
