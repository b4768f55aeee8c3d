# SPDX-License-Identifier: Apache-2.0
"""Builds the byte-level tokenizer of the demo model, with Whisper's special tokens."""

from __future__ import annotations

import random
from pathlib import Path

from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from .script import Interview, practice, vocabulary_of

TIMESTAMP_STEP = 0.02  # seconds, fixed by Whisper
# faster-whisper suppresses the first token of " -", " '" and of the musical signs. They must be
# single tokens, or the bare space token is what gets suppressed.
_KEEP_WHOLE = [" -", " '", *(f"{lead}{sign}" for sign in "♩♪♫♬♭♮♯" for lead in (" ", ""))]


class Special:
    """The ids of the special tokens of a tokenizer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        ids = tokenizer.get_vocab()
        self.end = ids["<|endoftext|>"]
        self.start = ids["<|startoftranscript|>"]
        self.transcribe = ids["<|transcribe|>"]
        self.previous = ids["<|startofprev|>"]
        self.no_speech = ids["<|nospeech|>"]
        self.no_timestamps = ids["<|notimestamps|>"]
        self.first_timestamp = self.no_timestamps + 1
        self.languages = {code: ids[f"<|{code}|>"] for code in _LANGUAGE_CODES}


def build_tokenizer(interviews: list[Interview], path: Path, seed: int = 7) -> Tokenizer:
    """Train the tokenizer on the scripts and on practice sentences, and save it.

    The order is Whisper's: text, end of text, start, languages, tasks, no timestamps, and the 1501
    timestamps at the very end. All 256 bytes are in it, so that any hot word can be encoded.
    """
    texts = [f" {s.text}" for i in interviews for _, s in i.sentences] * 4
    rng, words = random.Random(seed), vocabulary_of(interviews)
    texts += [f" {practice(rng, words).text}" for _ in range(4000)]
    texts += _KEEP_WHOLE * 50
    tokenizer = Tokenizer(models.BPE())
    pattern = Regex(r" ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]+|\s+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(pattern, "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=4000,
        min_frequency=1,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    text_tokens = tokenizer.get_vocab_size()
    names = ["endoftext", "startoftranscript", *_LANGUAGE_CODES, "translate", "transcribe"]
    names += ["startoflm", "startofprev", "nospeech", "notimestamps"]
    names += [f"{i * TIMESTAMP_STEP:.2f}" for i in range(1501)]
    tokenizer.add_special_tokens(
        [AddedToken(f"<|{name}|>", special=True, normalized=False) for name in names]
    )
    assert tokenizer.token_to_id("<|endoftext|>") == text_tokens
    tokenizer.save(str(path))
    return tokenizer
