# SPDX-License-Identifier: Apache-2.0
"""JSON of recognition services whose results are no plain list of segments.

Each is read by the field that names speakers and times best: turns before words, words before the
text as a whole, which has neither.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.transcription.adapters.importing.json_segments import segments
from services.transcription.adapters.importing.json_text import Node
from services.transcription.adapters.importing.json_words import Word, turns
from services.transcription.domain.reading import Findings, Passage
from services.transcription.errors import BadTranscript


def deepgram(document: Node, findings: Findings) -> Iterator[Passage]:
    """Read Deepgram: `results.utterances`, or paragraphs or words of each channel, in seconds."""
    results = document.at("results")
    if results.at("utterances").value:
        yield from segments(results.at("utterances").items(), findings, sure=True)
        return
    found: list[Passage] = []
    channels = results.at("channels").items()
    for number, channel in enumerate(channels):
        best = next(iter(channel.at("alternatives").items()), None)
        if best is None:
            continue
        of_channel = f"Speaker {number}" if len(channels) > 1 else None
        paragraphs = best.at("paragraphs").at("paragraphs").items()
        said = [_paragraph(one) for one in paragraphs]
        if not said:
            words = [_deepgram_word(one) for one in best.at("words").items()]
            said = list(turns(words))
        if not said and best.has("transcript"):
            said = [Passage(best.at("transcript").string())]
        found += [_spoken_by(one, of_channel) for one in said]
    # Channels are recorded at the same time.
    if len(channels) > 1 and all(one.start_ms is not None for one in found):
        found.sort(key=lambda one: one.start_ms or 0)
    yield from found


def _spoken_by(one: Passage, speaker: str | None) -> Passage:
    return Passage(one.text, speaker, one.start_ms, one.end_ms) if speaker else one


def _paragraph(one: Node) -> Passage:
    said = [sentence.at("text").string() for sentence in one.at("sentences").items()]
    return Passage(
        " ".join(said), one.at("speaker").speaker(), one.at("start").time(), one.at("end").time()
    )


def _deepgram_word(one: Node) -> Word:
    return Word(
        one.first("punctuated_word", "word").string(),
        one.at("speaker").speaker(),
        one.at("start").time(),
        one.at("end").time(),
    )


def amazon(document: Node, findings: Findings) -> Iterator[Passage]:
    """Read Amazon Transcribe: `audio_segments`, or `items` with the labels of their speakers."""
    results = document.at("results")
    if results.at("audio_segments").value:
        yield from segments(results.at("audio_segments").items(), findings, sure=True)
        return
    labels: dict[int, str] = {}
    for part in results.at("speaker_labels").at("segments").items():
        for item in part.at("items").items():
            start, who = item.at("start_time").time(), item.at("speaker_label").speaker()
            if start is not None and who is not None:
                labels[start] = who
    words: list[Word] = []
    for item in results.at("items").items():
        best = next(iter(item.at("alternatives").items()), None)
        if best is None:
            continue
        start = item.at("start_time").time()
        who = item.first("speaker_label").speaker()
        if who is None and start is not None:
            who = labels.get(start)
        mark = item.at("type").value == "punctuation"
        words.append(
            Word(best.at("content").string(), who, start, item.at("end_time").time(), mark)
        )
    found = list(turns(words))
    yield from found
    if not found:
        for text in results.at("transcripts").items():
            yield Passage(text.at("transcript").string())


def speechmatics(document: Node, _findings: Findings) -> Iterator[Passage]:
    """Read Speechmatics: `results` of words and marks, each with its speaker."""
    words: list[Word] = []
    for item in document.at("results").items():
        best = next(iter(item.at("alternatives").items()), None)
        if best is None:
            continue
        who = best.at("speaker").speaker()
        words.append(
            Word(
                best.at("content").string(),
                None if who == "UU" else who,
                item.at("start_time").time(),
                item.at("end_time").time(),
                item.at("type").value == "punctuation" and item.at("attaches_to").value != "next",
            )
        )
    yield from turns(words)


def google(document: Node, _findings: Findings) -> Iterator[Passage]:
    """Read Google Speech-to-Text: `results`; words with speakers stand in the last one, or all."""
    best = [
        next(iter(result.at("alternatives").items()), None)
        for result in document.at("results").items()
    ]
    said = [one for one in best if one is not None]
    tagged = [
        [_google_word(word) for word in one.at("words").items()]
        for one in said
        if one.at("words").value
    ]
    if tagged and any(word.speaker for word in tagged[-1]):
        # In version 1 the last result has all words once more, in version 2 its own.
        others = sum(map(len, tagged[:-1]))
        alone = len(tagged[-1]) >= others or not any(word.speaker for word in tagged[0])
        yield from turns(tagged[-1] if alone else [word for words in tagged for word in words])
        return
    for number, one in enumerate(said, 1):
        words = [_google_word(word) for word in one.at("words").items()]
        if one.has("transcript"):
            start, end = (words[0].start_ms, words[-1].end_ms) if words else (None, None)
            yield Passage(one.at("transcript").string().strip(), None, start, end, place=number)


def watson(document: Node, _findings: Findings) -> Iterator[Passage]:
    """Read IBM Watson: `timestamps` are lists of word, start and end; speakers go by the start."""
    speakers = {
        one.at("from").time(): one.at("speaker").speaker()
        for one in document.at("speaker_labels").items()
    }
    words: list[Word] = []
    for number, result in enumerate(document.at("results").items(), 1):
        best = next(iter(result.at("alternatives").items()), None)
        if best is None:
            continue
        said = _watson_words(best.at("timestamps"), speakers)
        if speakers:
            words += said
        elif best.has("transcript"):
            start, end = (said[0].start_ms, said[-1].end_ms) if said else (None, None)
            text = best.at("transcript").string().strip()
            yield Passage(text, None, start, end, place=number)
    yield from turns(words)


def _watson_words(listed: Node, speakers: dict[int | None, str | None]) -> list[Word]:
    found: list[Word] = []
    for number, one in enumerate(listed.value if isinstance(listed.value, list) else []):
        path = f"{listed.path}[{number}]"
        if not isinstance(one, list) or len(one) != 3:
            raise BadTranscript(f"{path} of the transcript must be a word and two times.")
        text, start, end = (Node(part, path) for part in one)
        at = start.time()
        found.append(Word(text.string(), speakers.get(at), at, end.time()))
    return found


def _google_word(word: Node) -> Word:
    tag = word.first("speakerLabel", "speakerTag", "speaker_tag")
    return Word(
        word.at("word").string(),
        None if tag.value in (0, "") else tag.speaker(),
        word.first("startTime", "startOffset", "start_time").time(),
        word.first("endTime", "endOffset", "end_time").time(),
    )


def azure(document: Node, findings: Findings) -> Iterator[Passage]:
    """Read Azure Speech: `recognizedPhrases` (batch) or `phrases` (fast transcription)."""
    if document.has("phrases"):
        yield from segments(document.at("phrases").items(), findings, sure=True)
        return
    phrases = document.at("recognizedPhrases").items()
    several = len({str(one.at("channel").value) for one in phrases}) > 1
    found: list[Passage] = []
    for number, one in enumerate(phrases, 1):
        best = next(iter(one.at("nBest").items()), None)
        if best is None:
            continue
        start = one.at("offset").time()
        lasts = one.at("duration").time()
        end = start + lasts if start is not None and lasts is not None else None
        who = one.at("speaker").speaker()
        if who is None and several:
            who = one.at("channel").speaker()
        text = best.first("display", "lexical").string()
        found.append(Passage(text, who, start, end, place=number))
    if several and all(one.start_ms is not None for one in found):
        found.sort(key=lambda one: one.start_ms or 0)
    yield from found


def rev(document: Node, _findings: Findings) -> Iterator[Passage]:
    """Read Rev: `monologues` of elements."""
    for number, one in enumerate(document.at("monologues").items(), 1):
        who = one.first("speaker_name", "speaker").speaker()
        words = [
            Word(
                element.at("value").string(),
                None,
                element.first("ts", "timestamp").time(),
                element.first("end_ts", "end_timestamp").time(),
                glued=True,
            )
            for element in one.at("elements").items()
            if element.has("value")
        ]
        starts = [word.start_ms for word in words if word.start_ms is not None]
        ends = [word.end_ms for word in words if word.end_ms is not None]
        text = "".join(word.text for word in words).strip()
        yield Passage(
            text, who, starts[0] if starts else None, ends[-1] if ends else None, place=number
        )


def words_alone(document: Node, _findings: Findings) -> Iterator[Passage]:
    """Read a list `words`: of ElevenLabs in seconds, of AssemblyAI in milliseconds."""
    items = document.at("words").items()
    whole = all(type(one.at("start").value) is int for one in items if one.has("start"))
    scale = 1 if whole else 1000
    spaced = any(one.at("type").value == "spacing" for one in items)
    words: list[Word] = []
    glued = False
    for one in items:
        if one.at("type").value == "spacing":
            glued = False
            continue
        words.append(
            Word(
                one.first("text", "punctuated_word", "word").string(),
                one.first("speaker_id", "speaker").speaker(),
                one.at("start").time(scale),
                one.at("end").time(scale),
                glued,
            )
        )
        # Where spaces are items of their own, nothing else stands for one.
        glued = spaced
    yield from turns(words)
