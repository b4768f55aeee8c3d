# SPDX-License-Identifier: Apache-2.0
"""Importer of JSON: turns, segments of Whisper and its kin, and what services answer with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from services.transcription.adapters.importing import json_services, stated_names
from services.transcription.adapters.importing.json_segments import (
    SPEAKERS,
    STARTS,
    TEXTS,
    segment,
    segments,
)
from services.transcription.adapters.importing.json_text import (
    Node,
    named_strings,
    parse,
    refuse_many,
)
from services.transcription.domain.reading import Findings, Passage
from services.transcription.errors import BadTranscript

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_BEGINNING = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[{\]]|\[\s*\[\s*\d)")

_TECHNICAL = frozenset(
    "language language_code languageCode lang locale id type model model_name version format task"
    " status uuid request_id sha256 created created_at createdDateTime date channel_id schema"
    " job_id jobName accountId transaction_key systeminfo recognitionStatus timestamp offset"
    " duration"
    " start end start_time end_time startTime endTime from to confidence".split()
)
"""Fields that hold no words of people, by what the forms below write."""

_PEOPLE = frozenset("participants attendees speakers host author interviewer interviewee".split())
_TITLES = frozenset("title name file filename file_name audio audio_file media".split())

_LONG_FIELD = 50
"""Words of a field from which only those are counted that are nowhere else."""

_DEEPEST_LIST = 3
_MOST_NODES = 1000
"""Objects in objects, and fields of one depth, among which a list of turns is looked for."""

_WORD = re.compile(r"\w+")

Reader = Callable[[Node, Findings], Iterator[Passage]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """A form of JSON: what it is called, how it is recognised, how it is read."""

    name: str
    recognises: Callable[[Node], bool]
    read: Reader


def _listed(*path: str, scale: int = 1000, sure: bool = False) -> Reader:
    def read(document: Node, findings: Findings) -> Iterator[Passage]:
        for name in path:
            document = document.at(name)
        return segments(document.items(), findings, scale, sure=sure)

    return read


def _has(*path: str) -> Callable[[Node], bool]:
    def recognises(document: Node) -> bool:
        for name in path[:-1]:
            document = document.at(name)
        return document.has(path[-1])

    return recognises


def _lists(name: str) -> Callable[[Node], bool]:
    def recognises(document: Node) -> bool:
        return isinstance(document.at(name).value, list)

    return recognises


def _results_with(name: str) -> Callable[[Node], bool]:
    """Recognise a list `results` of which an item's first alternative has this field."""

    def recognises(document: Node) -> bool:
        listed = document.at("results").value
        for item in listed if isinstance(listed, list) else []:
            options = item.get("alternatives") if isinstance(item, dict) else None
            if isinstance(options, list) and options and isinstance(options[0], dict):
                return name in options[0]
        return False

    return recognises


def _chunks(document: Node, findings: Findings) -> Iterator[Passage]:
    """Read insanely-fast-whisper: `speakers`, where it found any, have the text as well."""
    spoken = document.at("speakers")
    listed = spoken.value if isinstance(spoken.value, list) else []
    of_speakers = bool(listed) and all(isinstance(i, dict) and "text" in i for i in listed)
    return segments((spoken if of_speakers else document.at("chunks")).items(), findings)


def _elsewhere(document: Node) -> Node | None:
    """Return the first list of turns that stands under another name, or None.

    Each of its items has a text, and most have a speaker or a time.
    """
    level = [document]
    for _ in range(_DEEPEST_LIST):
        below: list[Node] = []
        for node in level:
            if not isinstance(node.value, dict):
                continue
            for name, value in node.value.items():
                if _are_turns(value):
                    return node.at(name)
                below.append(node.at(name))
        level = below[:_MOST_NODES]
    return None


def _are_turns(value: object) -> bool:
    if not isinstance(value, list) or not value:
        return False
    nodes = [Node(one) for one in value]
    said = [one for one in nodes if any(isinstance(one.at(name).value, str) for name in TEXTS)]
    told = sum(any(map(one.has, (*SPEAKERS, *STARTS, "timestamp"))) for one in said)
    return len(said) == len(nodes) and 2 * told > len(said)


def _read_elsewhere(document: Node, findings: Findings) -> Iterator[Passage]:
    listed = _elsewhere(document)
    return segments(listed.items() if listed else [], findings)


def _vosk(document: Node, _findings: Findings) -> Iterator[Passage]:
    words = document.at("result").items()
    start = words[0].at("start").time() if words else None
    end = words[-1].at("end").time() if words else None
    yield Passage(document.at("text").string(), None, start, end, place=1)


def _one(document: Node, findings: Findings) -> Iterator[Passage]:
    """Read a text alone; without a speaker and times, its lines are those of a plain text."""
    gap = False
    for one in segment(document, 1, findings, 1000):
        if one.speaker is not None or one.start_ms is not None:
            yield one
            continue
        for number, line in enumerate(one.text.split("\n"), 1):
            if line.strip():
                yield replace(one, text=line, place=number, gap=gap)
            gap = not line.strip()


def _otter(document: Node, _findings: Findings) -> Iterator[Passage]:
    """Read Otter: offsets are samples of sound with 16 000 a second."""
    speech = document.at("speech")
    names = {
        str(one.at("id").value): one.first("speaker_name", "name").speaker()
        for one in speech.at("speakers").items()
    }
    for number, one in enumerate(speech.at("transcripts").items(), 1):
        start, end = one.at("start_offset").value, one.at("end_offset").value
        yield Passage(
            one.at("transcript").string(),
            names.get(str(one.at("speaker_id").value)),
            start // 16 if type(start) is int and 0 <= start < 2**40 else None,
            end // 16 if type(end) is int and 0 <= end < 2**40 else None,
            place=number,
        )


DIALECTS: tuple[Dialect, ...] = (
    Dialect("turns", _has("turns"), _listed("turns", sure=True)),
    Dialect(
        "Deepgram",
        lambda one: _has("results", "channels")(one) or _has("results", "utterances")(one),
        json_services.deepgram,
    ),
    Dialect(
        "Amazon Transcribe",
        lambda one: _has("results", "items")(one) or _has("results", "transcripts")(one),
        json_services.amazon,
    ),
    Dialect("Amazon Transcribe Call Analytics", _has("Transcript"), _listed("Transcript")),
    Dialect("IBM Watson", _results_with("timestamps"), json_services.watson),
    Dialect("Google Speech-to-Text", _results_with("transcript"), json_services.google),
    Dialect("Speechmatics", _results_with("content"), json_services.speechmatics),
    Dialect(
        "Azure Speech",
        lambda one: one.has("recognizedPhrases") or one.has("phrases"),
        json_services.azure,
    ),
    Dialect("Rev", _lists("monologues"), json_services.rev),
    Dialect("Otter", _has("speech", "transcripts"), _otter),
    Dialect(
        "Whisper, faster-whisper, whisperX",
        _has("segments"),
        _listed("segments"),
    ),
    Dialect("insanely-fast-whisper", _lists("chunks"), _chunks),
    Dialect("whisper.cpp", _lists("transcription"), _listed("transcription")),
    Dialect("AssemblyAI", _lists("utterances"), _listed("utterances", scale=1)),
    Dialect(
        "Gladia",
        _has("result", "transcription", "utterances"),
        _listed("result", "transcription", "utterances"),
    ),
    Dialect(
        "pyannoteAI",
        _has("output", "turnLevelTranscription"),
        _listed("output", "turnLevelTranscription"),
    ),
    Dialect("Sonix", _lists("transcript"), _listed("transcript")),
    Dialect("Microsoft Teams", _lists("entries"), _listed("entries")),
    Dialect("Fireflies", _lists("sentences"), _listed("sentences")),
    Dialect("Vosk", lambda one: one.has("result") and one.has("text"), _vosk),
    Dialect("FunASR", _lists("sentence_info"), _listed("sentence_info", scale=1)),
    Dialect("ElevenLabs", _lists("words"), json_services.words_alone),
    Dialect(
        "programs with a list of turns under a name of their own",
        lambda one: _elsewhere(one) is not None,
        _read_elsewhere,
    ),
    Dialect("a single turn", lambda one: any(map(one.has, TEXTS)), _one),
)
"""Forms in the order in which they are tried: by what no form before them has."""


def looks_like(head: str) -> bool:
    """Return whether a text begins as a JSON object or list does."""
    return _BEGINNING.match(head.lstrip("\ufeff")) is not None


def read(source: Source) -> Iterator[Passage]:
    """Yield the passages of a document; raises `BadTranscript` naming the field and its place."""
    text = source.text()
    refuse_many(text, source.limits.max_turns)
    return passages(parse(text, source.findings), source.findings)


def passages(document: object, findings: Findings) -> Iterator[Passage]:
    """Yield the passages of a parsed document, and count what is left of it."""
    return _in_order(_read(Node(document), findings), document, findings)


def passages_of_lines(lines: dict[int, object], findings: Findings) -> Iterator[Passage]:
    """Yield the passages of parsed lines, by their numbers, and count what is left of them."""
    nodes = [Node(value, f"line {number}") for number, value in lines.items()]
    for one in nodes:
        if not isinstance(one.value, dict):
            raise BadTranscript(f"{one.path.capitalize()} of the transcript must be an object.")
    return _in_order(_read_items(nodes, findings), list(lines.values()), findings)


def _in_order(read: Iterator[Passage], document: object, findings: Findings) -> Iterator[Passage]:
    names = _names(Node(document).at("speakers"))
    found = [
        replace(one, speaker=names.get(one.speaker or "", one.speaker), place=one.place or number)
        for number, one in enumerate(read, 1)
    ]
    yield from found
    leave_rest(document, found, findings)


def _names(speakers: Node) -> dict[str, str]:
    """Return the names of speakers by what turns call them, where a document lists them apart."""
    listed = speakers.value
    if isinstance(listed, dict):
        return {key: name for key, name in listed.items() if isinstance(name, str) and name.strip()}
    names: dict[str, str] = {}
    if isinstance(speakers.value, list) and all(isinstance(i, dict) for i in speakers.value):
        for one in speakers.items():
            name = one.first("name", "speaker_name", "display_name").value
            key = one.first("id", "spkid", "speaker_id", "label", "speaker").value
            if isinstance(name, str) and name.strip() and isinstance(key, str | int):
                names[str(key)] = names[f"Speaker {key}"] = name
    return names


def _read(document: Node, findings: Findings) -> Iterator[Passage]:
    if isinstance(document.value, list):
        return _read_items(document.items(), findings)
    for dialect in DIALECTS:
        if dialect.recognises(document):
            return dialect.read(document, findings)
    names = ", ".join(one.name for one in DIALECTS[1:-2])
    raise BadTranscript(
        "The transcript is JSON, but of no form that is known. Read are a list of turns or "
        f'segments, an object with such a list named "turns" or "segments", and what these '
        f"write: {names}."
    )


def _read_items(items: list[Node], findings: Findings) -> Iterator[Passage]:
    """Read a list of segments, or of documents, as Vosk and streams write one after the other."""
    if not items:
        raise BadTranscript("The transcript is JSON with an empty list, and no turns in it.")
    if not any(any(map(one.has, (*TEXTS, "words"))) for one in items):
        for item in items:
            yield from _read(item, findings)
    elif all(one.has("sentence_info") for one in items):
        for item in items:
            yield from segments(item.at("sentence_info").items(), findings, 1)
    elif any(one.has("result") for one in items):
        for item in items:
            if item.has("text"):
                yield from _vosk(item, findings)
    else:
        yield from segments(items, findings)


def leave_rest(document: object, found: list[Passage], findings: Findings) -> None:
    """Count the fields that were not read: those with a word that is in no turn and no label.

    Most forms say the same several times, word by word and as a whole: that is not left out.
    """
    known = {word.casefold() for one in found for word in _WORD.findall(one.text)}
    for one in found:
        known.update(word.casefold() for word in _WORD.findall(one.speaker or ""))
    for name, text in named_strings(document):
        if name in _TECHNICAL:
            continue
        words = _WORD.findall(text)
        new = [word for word in words if word.casefold() not in known and not word.isnumeric()]
        if new:
            # A long text is mostly the talk itself once more.
            findings.leave_out("fields", text if len(words) <= _LONG_FIELD else " ".join(new))
            if name in _PEOPLE and len(text) < 100 and any(map(str.isupper, text)):
                findings.know(text, "property")
            elif name in _TITLES:
                stated_names.know_names(text, findings)
