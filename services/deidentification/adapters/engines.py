# SPDX-License-Identifier: Apache-2.0
"""Other engines, by Presidio's own loaders: spaCy, stanza or transformers as its NLP engine, GLiNER
and Hugging Face models as its recognisers. Models lie on this machine; nothing is downloaded.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml
from presidio_analyzer import EntityRecognizer
from presidio_analyzer.nlp_engine import NlpEngine

from services.deidentification.errors import EngineUnusable

# What each engine must find installed.
_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "spacy": ("spacy",),
    "stanza": ("spacy", "stanza", "spacy_stanza"),
    "transformers": ("spacy", "transformers", "torch"),
    "HuggingFaceNerRecognizer": ("transformers", "torch"),
    "GLiNERRecognizer": ("gliner", "transformers", "torch"),
}
_ENGINES = ("spacy", "stanza", "transformers")
_RECOGNISERS = ("HuggingFaceNerRecognizer", "GLiNERRecognizer")
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Others:
    """What a configuration adds."""

    nlp: NlpEngine | None
    recognisers: Sequence[EntityRecognizer]


@dataclass(frozen=True)
class Configuration:
    """A configuration whose models were found and hashed, and not loaded; `version` changes with
    its text and with every model in it.
    """

    version: str
    _engine: str
    _nlp: dict[str, Any]
    _recognisers: Sequence[tuple[str, dict[str, Any]]]

    def load(self) -> Others:
        """Load what the configuration names; raises EngineUnusable."""
        nlp = _load_nlp(self._engine, self._nlp) if self._nlp else None
        return Others(nlp, [_load_recogniser(*one) for one in self._recognisers])


def read(path: Path) -> Configuration:
    """Read a configuration; raises EngineUnusable, which names what is missing.

    It is a file in Presidio's NLP engine format, with `recognizers` beside it or alone: a list of
    names and of what their constructors take. Paths are relative to the file.
    """
    for offline in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        os.environ[offline] = "1"
    raw, content = _read(path)
    digest = hashlib.sha256(content)
    recognisers = raw.pop("recognizers", None) or []
    if not isinstance(recognisers, list) or not (recognisers or raw):
        raise EngineUnusable("the engine configuration names neither an NLP engine nor recognizers")
    nlp = _find_nlp(raw, path.parent, digest) if raw else {}
    added = [_find_recogniser(item, path.parent, digest) for item in recognisers]
    return Configuration(
        f"nlp-{digest.hexdigest()[:16]}", str(raw.get("nlp_engine_name", "")), nlp, added
    )


def _read(path: Path) -> tuple[dict[str, Any], bytes]:
    try:
        content = path.read_bytes()
        raw = yaml.safe_load(content)
    except OSError as error:
        raise EngineUnusable(
            f"the engine configuration {path} cannot be read ({error.strerror})"
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise EngineUnusable(f"the engine configuration {path} is not YAML") from error
    if not isinstance(raw, dict):
        raise EngineUnusable(f"the engine configuration {path} is not a mapping")
    return raw, content


def _find_nlp(raw: dict[str, Any], folder: Path, digest: Any) -> dict[str, Any]:
    engine = raw.get("nlp_engine_name")
    if engine not in _ENGINES:
        raise EngineUnusable(f"nlp_engine_name must be one of {', '.join(_ENGINES)}")
    _installed(engine)
    try:
        models = [_local(dict(model), engine, folder, digest) for model in raw["models"]]
    except (KeyError, TypeError) as error:
        raise EngineUnusable(
            "models must be a list of lang_code and model_name, as Presidio's format has it"
        ) from error
    return {**raw, "models": models}


def _load_nlp(engine: str, configuration: dict[str, Any]) -> NlpEngine:
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    try:
        return NlpEngineProvider(nlp_configuration=configuration).create_engine()
    except (Exception, SystemExit) as error:
        raise _broken(engine, error) from error


def _local(model: dict[str, Any], engine: str, folder: Path, digest: Any) -> dict[str, Any]:
    """Return the model with its folders made absolute; raises EngineUnusable where one is
    missing.
    """
    names = model["model_name"]
    if engine == "stanza":
        home = Path(os.environ.get("STANZA_RESOURCES_DIR", Path.home() / "stanza_resources"))
        _folder(str(names), home, digest)
        return model
    if engine == "transformers":
        parts = {"spacy": _spacy(names["spacy"], folder, digest)}
        parts["transformers"] = _folder(names["transformers"], folder, digest)
        return {**model, "model_name": parts}
    return {**model, "model_name": _spacy(names, folder, digest)}


def _spacy(name: str, folder: Path, digest: Any) -> str:
    """Return the name of an installed spaCy package, or the path of a pipeline's folder."""
    from spacy.util import is_package

    if is_package(name):
        digest.update(metadata.version(name).encode())
        return name
    return _folder(name, folder, digest)


def _folder(name: str, folder: Path, digest: Any) -> str:
    place = (folder / name).resolve()
    if not place.is_dir():
        raise EngineUnusable(
            f"there is no model folder {place}; models must be on this machine, none is downloaded"
        )
    for file in _files(place):
        digest.update(str(file.relative_to(place)).encode())
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
    return str(place)


def _files(place: Path) -> Iterator[Path]:
    yield from sorted(file for file in place.rglob("*") if file.is_file())


def _find_recogniser(item: Any, folder: Path, digest: Any) -> tuple[str, dict[str, Any]]:
    name = item.get("name") if isinstance(item, dict) else None
    if name not in _RECOGNISERS:
        raise EngineUnusable(f"recognizers must have a name of {', '.join(_RECOGNISERS)}")
    _installed(name)
    options = {key: value for key, value in item.items() if key != "name"}
    options["model_name"] = _folder(str(options.get("model_name", "")) or "?", folder, digest)
    return name, options


def _load_recogniser(name: str, options: dict[str, Any]) -> EntityRecognizer:
    from presidio_analyzer.predefined_recognizers import GLiNERRecognizer, HuggingFaceNerRecognizer

    class Own(GLiNERRecognizer):
        """Asks the model for its own labels, not for every type that anybody knows."""

        def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> Any:  # noqa: ARG002 - Presidio's signature
            return super().analyze(text, self.supported_entities, nlp_artifacts)

    try:
        made = (Own if name == "GLiNERRecognizer" else HuggingFaceNerRecognizer)(**options)
    except Exception as error:
        raise _broken(name, error) from error
    if not isinstance(made, EntityRecognizer):
        raise TypeError("no recogniser")
    return made


def _installed(engine: str) -> None:
    missing = [name for name in _PACKAGES[engine] if importlib.util.find_spec(name) is None]
    if missing:
        raise EngineUnusable(
            f"{engine} needs packages that are not installed here: {', '.join(missing)}"
        )


def _broken(engine: str, error: BaseException) -> EngineUnusable:
    return EngineUnusable(
        f"{engine} cannot load its model ({type(error).__name__}); check the folder and its format"
    )
