# SPDX-License-Identifier: Apache-2.0
"""Download of a model by its name: the only code of Sotto that uses the internet."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from services.common.errors import Exhausted, InvalidInput, NotFound, Unavailable
from services.transcription.adapters.models import ModelFolder, ModelRegistry

_PATTERNS = [
    "config.json",
    "preprocessor_config.json",
    "model.bin",
    "tokenizer.json",
    "vocabulary.*",
]


def pull(
    registry: ModelRegistry, name: str, folder: Path, check: Callable[[Path], None]
) -> ModelFolder:
    """Fetch a model by a size such as "small" or as "owner/name", and add it to the registry.

    `folder` takes the download until it is checked. Raises `Unavailable` without a network and
    `NotFound` where nothing has that name.
    """
    # Read once by huggingface_hub, which must not have been imported for offline use before.
    os.environ["HF_HUB_OFFLINE"] = "0"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    import huggingface_hub
    from faster_whisper.utils import _MODELS
    from huggingface_hub import constants
    from huggingface_hub.errors import RepositoryNotFoundError

    constants.HF_HUB_OFFLINE = False
    repository = name if "/" in name else _MODELS.get(name)
    if repository is None:
        raise InvalidInput(
            f"There is no model named {name}; name one of {', '.join(_MODELS)}, or owner/name."
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pull-", dir=folder) as staging:
        try:
            info = huggingface_hub.HfApi().model_info(repository, timeout=20)
            huggingface_hub.snapshot_download(
                repository, revision=info.sha, allow_patterns=_PATTERNS, local_dir=staging
            )
        except RepositoryNotFoundError as error:
            raise NotFound(f"There is no model {repository} at the model hub.") from error
        except Exception as error:
            # The hub's client raises errors of several HTTP libraries.
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise Exhausted("The disk is full; free disk space and try again.") from error
            raise Unavailable(
                "The model hub cannot be reached. On a machine with a network, fetch the model "
                "there, copy its folder to this machine and run `sotto models add DIR`."
            ) from error
        return registry.add(
            Path(staging), name.replace("/", "--"), check, f"{repository}@{info.sha}"
        )
