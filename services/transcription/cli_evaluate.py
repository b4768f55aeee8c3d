# SPDX-License-Identifier: Apache-2.0
"""Offline command `sotto transcribe evaluate`: measures transcripts against references."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.common.errors import NotFound, NotReady
from services.common.options import HomeOption, installation_of

if TYPE_CHECKING:
    from services.transcription.evaluation.utterances import Document

_PACKAGES = {
    "jiwer": "jiwer",
    "pyannote.metrics": "pyannote.metrics",
    "scipy": "scipy",
    "whisper_normalizer": "whisper-normalizer",
}
"""What counts, by the names of modules: packages of the extra `evaluate`."""


def evaluate(
    reference: Annotated[
        Path, typer.Argument(metavar="REF", help="What was said: a file, or a folder of files.")
    ],
    transcript: Annotated[
        Path,
        typer.Argument(
            metavar="HYP", help="What was heard: a file, or a folder of files of the same names."
        ),
    ],
    language: Annotated[
        str,
        typer.Option("--language", help="Language of a reference that states none, such as en."),
    ] = "",
    collar: Annotated[
        float,
        typer.Option(
            "--collar",
            metavar="SECONDS",
            min=0.0,
            max=5.0,
            help="Seconds at each side of a speaker's turn that the DER does not score.",
        ),
    ] = 0.0,
    home: HomeOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Measure transcripts against references: WER, CER, cpWER, DER and doubts, with confidence
    intervals.

    Both are JSON lines of Sotto, STM, or any form that intake reads; RTTM for the DER alone.
    """
    pairs = _pairs(reference, transcript)
    _require_packages()
    from services.transcription.evaluation import report
    from services.transcription.evaluation.forms import read
    from services.transcription.evaluation.measuring import measure
    from services.transcription.settings import TranscriptionSettings

    weak = TranscriptionSettings.load(home=installation_of(home).root).allow_weak_sandbox

    def document(path: Path) -> Document:
        return read(path, allow_weak=weak)

    read_pairs = [(document(said), document(heard)) for said, heard in pairs]
    figures = measure(read_pairs, language=language, collar=collar)
    if as_json:
        made = report.as_json(figures, collar)
        sys.stdout.write(json.dumps(made, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(report.render(figures, collar))


def _require_packages() -> None:
    missing = [name for module, name in _PACKAGES.items() if not _is_there(module)]
    if missing:
        raise NotReady(
            f"to evaluate, these packages are missing: {', '.join(missing)}; they are no part of a"
            " plain installation: pip install 'sotto[evaluate]', or where there is no network"
            " from a folder of their files, in the versions of requirements-dev.txt"
        )


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _pairs(reference: Path, transcript: Path) -> list[tuple[Path, Path]]:
    """Return files to compare; those of folders by their names without suffix."""
    for path in (reference, transcript):
        if not path.exists():
            raise NotFound(f"there is no {path}")
    if not reference.is_dir() and not transcript.is_dir():
        return [(reference, transcript)]
    from services.transcription.evaluation.utterances import BadComparison

    if not (reference.is_dir() and transcript.is_dir()):
        raise BadComparison("one of both is a folder; name two files, or two folders")
    said, heard = dict(_by_stem(reference)), dict(_by_stem(transcript))
    if alone := sorted(said.keys() ^ heard.keys()):
        raise BadComparison(
            f"these are in one of the folders only: {', '.join(alone[:5])}"
            + (f" and {len(alone) - 5} more" if len(alone) > 5 else "")
        )
    if not said:
        raise BadComparison(f"there is no file in {reference}")
    return [(said[stem], heard[stem]) for stem in sorted(said)]


def _by_stem(folder: Path) -> Iterator[tuple[str, Path]]:
    from services.transcription.evaluation.utterances import BadComparison

    seen: set[str] = set()
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            if path.stem in seen:
                raise BadComparison(f"{folder} has two files of the name {path.stem}; keep one")
            seen.add(path.stem)
            yield path.stem, path
