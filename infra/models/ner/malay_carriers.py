# SPDX-License-Identifier: Apache-2.0
"""Running Malay of many registers as talk that names nobody: what the model before took for people
there is shown more often.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.deidentification.adapters.neural import MODEL, NeuralTagger
from services.deidentification.domain import lexicon as lx
from services.deidentification.gazetteers.loading import load_lexicon

MINED = "mined.jsonl"

_WORD = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]")
# Share of a file's lines that is used. The files whose licence is stated one way and linked
# another (matbahasa, sarawak_translations) and those full of film stars (Tamil comments) are left
# out; romanised Hokkien is cut down, since its syllables are the names of people.
SHARES = {
    "flores_bjn": 1.0, "flores_zsm": 1.0, "ntrex_msa": 1.0, "malaya_news_no_person": 1.0,
    "malaya_politics_nocaps": 1.0, "malaya_strings": 1.0, "malaya_tweets_sms_dialect": 1.0,
    "hokkien_cc0_plain": 0.15, "nusawrites_betawi": 0.5, "nusawrites_minang": 0.7,
    "nusax_ind_min_bjn": 0.7, "singlish_erg_testsuite": 1.0, "singlish_treebank": 1.0,
    "stif_indonesia_tweets": 0.35, "talpco_ind": 0.6, "talpco_zsm": 1.0, "tatoeba_ind": 0.6,
    "tatoeba_max": 1.0, "tatoeba_zsm": 1.0, "ud_indonesian_no_propn": 0.6,
    "ud_tamil_mwtt_roman": 1.0,
}  # fmt: skip
_SMALL = frozenset({"malaya_tweets_sms_dialect", "stif_indonesia_tweets"})  # no capitals at all
# What has a capital where capitals are written: none inside of a line, and it names none of these.
_PEOPLE, _NAMED = frozenset({"PER"}), frozenset({"PER", "LOC", "ORG"})
_SURE = 0.8  # of a person, from which a word of a file without capitals may be one
_NAMES = lx.MALAY | lx.INDIAN | lx.GIVEN | lx.CN_FAMILY | lx.STRONG


@dataclass(frozen=True)
class Carrier:
    """Words of a line that names nobody; `weight` is how often it is shown, `types` what it says
    for certain that it does not name.
    """

    tokens: list[str]
    weight: float
    types: frozenset[str]


def _may_name(words: list[str], scores: dict[str, float], *, small: bool) -> bool:
    """Return whether a line without inner capitals may still name somebody."""
    book = load_lexicon()
    if not small:  # a name would have a capital, except as the first word
        first = words[0].lower()
        return bool(book.of(first) & _NAMES) and not book.ordinary(first)
    return any(
        (book.of(w) & _NAMES and not book.ordinary(w))
        or (scores.get(w, 0.0) >= _SURE and not book.known(w) and lx.malay_frequency(w) < 3.0)
        for w in map(str.lower, words)
    )


def mine(folder: Path, out: Path) -> None:
    """Read `folder`/*.jsonl with the bundled model; write the lines that name nobody, each with how
    sure the model is of a person in it, to `out`/mined.jsonl.
    """
    tagger = NeuralTagger(MODEL, floor=0.02)
    out.mkdir(parents=True, exist_ok=True)
    with (out / MINED).open("w", encoding="utf-8") as written:
        for name, share in SHARES.items():
            rows = [json.loads(x) for x in (folder / f"{name}.jsonl").open(encoding="utf-8")]
            kept = 0
            for a in range(0, len(rows), 500):
                part = rows[a : a + 500]
                texts = [row["text"] for row in part]
                for raw, text, spans in zip(part, texts, tagger.tag(texts), strict=True):
                    words = _WORD.findall(text)
                    if raw["caps_ratio"] > 0 or not 3 <= len(words) <= 60:
                        continue
                    people = {
                        w.lower(): s.score
                        for s in spans
                        if s.label == "PERSON"
                        for w in _WORD.findall(text[s.start : s.end])
                    }
                    if _may_name(
                        [w for w in words if w[0].isalpha()] or ["x"], people, small=name in _SMALL
                    ):
                        continue
                    kept += 1
                    row = {
                        "source": name,
                        "text": text,
                        "person": max(people.values(), default=0.0),
                        "share": share,
                    }
                    written.write(json.dumps(row, ensure_ascii=False) + "\n")
            print(name, len(rows), "lines,", kept, "kept", flush=True)


def read(folder: Path) -> Iterator[Carrier]:
    """Yield what `mine` wrote; a line that was taken for a person counts up to six times."""
    for line in (folder / MINED).open(encoding="utf-8"):
        row = json.loads(line)
        hard = 1.0 + 5.0 * min(1.0, row["person"] / 0.3)
        types = _PEOPLE if row["source"] in _SMALL else _NAMED
        yield Carrier(_WORD.findall(row["text"]), row["share"] * hard, types)
