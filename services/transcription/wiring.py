# SPDX-License-Identifier: Apache-2.0
"""Builds the service from its settings; the engine is loaded when it is first needed."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from services.common.errors import NotFound
from services.common.sandbox.limits import Walls
from services.common.sandbox.parent import find_walls
from services.common.server import Handler, Process
from services.registry.identities import CLINICAL
from services.storage_client.catalog import CatalogClient
from services.storage_client.voices import put_voice
from services.transcription.adapters.clip_source import StoredClipSource
from services.transcription.adapters.importing.source import ImportLimits
from services.transcription.adapters.models import LONGEST_PIECE_SECONDS, ModelFolder, ModelRegistry
from services.transcription.adapters.word_calibrations import word_calibration
from services.transcription.adapters.zone import StoredRecording, open_upload
from services.transcription.domain.audio import SAMPLE_RATE, SampleRange, Samples
from services.transcription.domain.bleep_job import BleepRunner
from services.transcription.domain.clips import ClipMaker
from services.transcription.domain.enrolled_voices import Likeness
from services.transcription.domain.enrolment import CheckedClip, ClipChecker
from services.transcription.domain.examination import Examiner
from services.transcription.domain.job import TranscriptionRunner
from services.transcription.domain.ports import AudioReader, Diarizer
from services.transcription.domain.reading import Reading, ReadingOptions
from services.transcription.domain.regions import RegionOptions
from services.transcription.domain.runs import EngineDescription, EngineIdentity
from services.transcription.domain.speakers import SpeakerOptions
from services.transcription.domain.transcriber import TranscriptionOptions
from services.transcription.domain.turns import Turn
from services.transcription.domain.waiting_line import WaitingLine
from services.transcription.domain.windows import WindowOptions
from services.transcription.errors import NoSpeechModel, TooLarge
from services.transcription.handlers.bleeping import BleepingHandlers
from services.transcription.handlers.clips import ClipHandlers
from services.transcription.handlers.enrolment import Enrolled, EnrolmentHandlers
from services.transcription.handlers.intake import IntakeHandlers
from services.transcription.handlers.transcription import TranscriptionHandlers
from services.transcription.settings import TranscriptionSettings
from sotto.storage.v1 import recording_pb2
from sotto.transcription.v1 import bleeping_service_pb2_grpc as bleeping_rpc
from sotto.transcription.v1 import clip_service_pb2_grpc as clip_rpc
from sotto.transcription.v1 import enrolment_service_pb2_grpc as enrolment_rpc
from sotto.transcription.v1 import intake_service_pb2_grpc as intake_rpc
from sotto.transcription.v1 import transcription_service_pb2_grpc as rpc

if TYPE_CHECKING:
    from services.transcription.adapters.decoding import AudioLimits
    from services.transcription.adapters.whisper import WhisperEngine, WhisperOptions

_log = structlog.get_logger(__name__)

_SHIPS = "ge2e"

PARSER = "sotto-import/2"
"""Name and version of the importers in run keys: to be counted up when they read otherwise."""


def build(settings: TranscriptionSettings, process: Process) -> Sequence[Handler]:
    """Build the handlers of the service."""
    from services.transcription.adapters.clip_cutter import ClipCutter
    from services.transcription.adapters.flac import encode_flac
    from services.transcription.adapters.voice_disguise import deepened

    walls = check_sandbox(settings)
    provider = EngineProvider(settings)
    # A damaged model stops the service here, and no recording later on. One that is missing does
    # not: transcripts made elsewhere need none.
    with suppress(NotFound):
        provider.describe()
    clinical = process.peers.channel(CLINICAL)
    runner = build_runner(settings, provider)
    line = WaitingLine(settings.speech_parallel)

    def find(ref: recording_pb2.RecordingRef) -> StoredRecording:
        return StoredRecording(clinical, ref)

    def keep(study_id: str, person: str, clip: CheckedClip) -> Enrolled:
        kept = put_voice(clinical, study_id, person, clip.data, clip.speech_ms)
        return Enrolled(kept.existed, kept.replaced)

    return [
        (
            rpc.add_TranscriptionServiceServicer_to_server,
            TranscriptionHandlers(runner, find, process.trail, line, walls.names),
        ),
        (
            bleeping_rpc.add_BleepingServiceServicer_to_server,
            BleepingHandlers(BleepRunner(runner, encode_flac, deepened), find, process.trail, line),
        ),
        (
            intake_rpc.add_IntakeServiceServicer_to_server,
            IntakeHandlers(
                Examiner(runner.open_audio, runner.parse), partial(open_upload, clinical)
            ),
        ),
        (
            enrolment_rpc.add_EnrolmentServiceServicer_to_server,
            EnrolmentHandlers(
                ClipChecker(runner.open_audio, runner.detector, load_diarizer, encode_flac), keep
            ),
        ),
        (
            clip_rpc.add_ClipServiceServicer_to_server,
            ClipHandlers(
                ClipMaker(
                    ClipCutter(audio_limits(settings), allow_weak=settings.allow_weak_sandbox),
                    settings.clip_share,
                ),
                CatalogClient(clinical).study,
                partial(StoredClipSource, clinical),
                process.trail,
            ),
        ),
    ]


def check_sandbox(settings: TranscriptionSettings) -> Walls:
    """Return, and log, what confines the reading of files on this system.

    Raises `NotReady` where it is too little and the settings do not allow that.
    """
    walls = find_walls(allow_weak=settings.allow_weak_sandbox)
    if walls.whole:
        _log.info("sandbox_ready", walls=walls.names)
    else:
        _log.warning("sandbox_weak", walls=walls.names, missing=walls.missing)
    return walls


class EngineProvider:
    """The one engine of a process, loaded when it is first asked for."""

    def __init__(self, settings: TranscriptionSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._description: EngineDescription | None = None
        self._engine: WhisperEngine | None = None

    def describe(self) -> EngineDescription:
        """Return what `engine` loads; hashes the model's files once. Raises `ModelUnusable`."""
        with self._lock:
            return self._describe()

    def engine(self) -> WhisperEngine:
        """Return the loaded engine; raises `ModelUnusable` and NoSpeechModel."""
        from services.transcription.adapters.whisper import WhisperEngine

        with self._lock:
            if self._engine is None:
                demo = self._describe().identity.demo
                self._engine = WhisperEngine.load(
                    self._folder().path, whisper_options(self._settings, demo)
                )
            return self._engine

    def _describe(self) -> EngineDescription:
        if self._description is None:
            try:
                folder = self._folder()
            except NoSpeechModel:
                self._description = _without_model()
                return self._description
            identity = folder.identity(engine_version())
            options = whisper_options(self._settings, identity.demo)
            self._description = EngineDescription(
                identity,
                folder.piece_seconds,
                options.decisive,
                self._settings.demo_model_invents,
                word_calibration(identity.known),
                folder.phantoms,
            )
        return self._description

    def _folder(self) -> ModelFolder:
        return ModelRegistry(self._settings.models).find(self._settings.speech_model)


def _without_model() -> EngineDescription:
    """Return what is known where there is no model; each recording is refused by it."""
    return EngineDescription(EngineIdentity(engine_version(), "", ""), LONGEST_PIECE_SECONDS, {})


def engine_version() -> str:
    """Return names and versions of the libraries that make the engine."""
    parts = ("faster-whisper", "ctranslate2", "onnxruntime", "av")
    return " ".join(f"{part}/{metadata.version(part)}" for part in parts)


def whisper_options(settings: TranscriptionSettings, demo: bool) -> WhisperOptions:
    """Return how the model is run.

    The demo model knows no prompts and is too small for threads; those of a GPU are its own.
    """
    from services.transcription.adapters.whisper import WhisperOptions

    return WhisperOptions(
        language_floor=settings.language_floor,
        beam_size=settings.beam_size,
        prompt="" if demo else settings.prompt,
        silence_seconds=settings.hallucination_silence_seconds,
        device=settings.speech_device,
        compute_type=settings.speech_compute_type,
        threads=1 if demo or settings.speech_device != "cpu" else settings.threads,
        parallel=settings.speech_parallel,
    )


def transcription_options(settings: TranscriptionSettings) -> TranscriptionOptions:
    """Return what the domain needs of the settings.

    Raises `Corrupted` where the encoder is not the one that ships, and NotFound as
    `diarizer_class` does.
    """
    return TranscriptionOptions(
        regions=RegionOptions(),
        windows=WindowOptions(longest=settings.window_seconds),
        speakers=SpeakerOptions(
            channels=settings.channels,
            roles=tuple(settings.channel_roles),
            roles_by_talk=settings.roles_by_talk,
            diarizer=_diarizer_version(settings) if settings.tell_voices_apart else "",
        ),
    )


def load_diarizer(threads: int = 1) -> Diarizer:
    """Return the bundled diarizer. Raises `Corrupted` where its encoder is not the one that ships.

    It takes so many threads. Loading takes milliseconds, so that each recording gets its own.
    """
    from services.transcription.adapters.speaker_encoder import SpeakerEncoder
    from services.transcription.adapters.voice_diarizer import VoiceDiarizer

    return VoiceDiarizer(SpeakerEncoder.load(), threads)


def compare_voices(
    clips: Sequence[Samples],
    blocks: Iterable[Samples],
    spoken: Sequence[Sequence[SampleRange]],
) -> Likeness:
    """Return how alike clips and speakers are, by the bundled encoder; see `VoiceComparer`."""
    from services.transcription.adapters.speaker_encoder import SpeakerEncoder
    from services.transcription.adapters.voice_comparer import VoiceComparer

    return VoiceComparer(SpeakerEncoder.load()).likeness(clips, blocks, spoken)


def diarizer_of(settings: TranscriptionSettings) -> Callable[[], Diarizer]:
    """Return what makes the diarizer that the settings name; raises as `diarizer_class` does."""
    if settings.diarizer == _SHIPS:
        return partial(load_diarizer, settings.threads)
    return diarizer_class(settings.diarizer)


def diarizer_class(name: str) -> Callable[[], Diarizer]:
    """Return a class by its name, `module:class`, which says in `version` what decides its spans.

    Raises NotFound where there is none.
    """
    module, _, attribute = name.partition(":")
    try:
        found: Callable[[], Diarizer] = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise NotFound(
            f"the setting diarizer names {name}, and there is no such class where this service is"
            " installed; see docs/transcription.md"
        ) from error
    if not isinstance(getattr(found, "version", None), str):
        raise NotFound(
            f"the setting diarizer names {name}, which has no text 'version': it has to say what"
            " decides its spans, such as the versions of program and model"
        )
    return found


def _diarizer_version(settings: TranscriptionSettings) -> str:
    from services.transcription.adapters.speaker_encoder import encoder_version

    if settings.diarizer == _SHIPS:
        return encoder_version()
    return f"{settings.diarizer} {getattr(diarizer_class(settings.diarizer), 'version', '')}"[:256]


def audio_limits(settings: TranscriptionSettings) -> AudioLimits:
    """Return the limits of a recording."""
    from services.transcription.adapters.decoding import AudioLimits

    return AudioLimits(
        max_seconds=settings.max_recording_seconds,
        max_channels=settings.max_channels,
        accept_truncated=settings.accept_truncated,
    )


def build_runner(settings: TranscriptionSettings, provider: EngineProvider) -> TranscriptionRunner:
    """Build what all runs share."""
    from services.transcription.adapters.sandboxed_recording import SandboxedRecording
    from services.transcription.adapters.spool import SealedSpool
    from services.transcription.adapters.vad import SileroDetector

    @contextmanager
    def open_audio(chunks: Iterable[bytes]) -> Iterator[AudioReader]:
        with SealedSpool(
            settings.temporary,
            memory_bytes=settings.spool_memory_bytes,
            max_bytes=settings.max_recording_bytes,
        ) as spool:
            for chunk in chunks:
                spool.write(chunk)
            spool.finish()
            yield SandboxedRecording(
                spool.open, audio_limits(settings), allow_weak=settings.allow_weak_sandbox
            )

    return TranscriptionRunner(
        describe=provider.describe,
        engine=provider.engine,
        detector=SileroDetector,
        diarizer=diarizer_of(settings),
        open_audio=open_audio,
        parse=partial(read_transcript, settings),
        parser=PARSER,
        likeness=compare_voices,
        options=transcription_options(settings),
        hotwords_characters=settings.hotwords_characters,
    )


def read_transcript(
    settings: TranscriptionSettings,
    chunks: Iterable[bytes],
    file_name: str,
    options: ReadingOptions,
) -> Iterator[Turn | Reading]:
    """Yield the turns of a transcript made elsewhere, and last what was found in it."""
    from services.transcription.adapters.sandboxed_transcript import read_confined

    limits = ImportLimits(
        max_bytes=settings.max_transcript_bytes, max_turns=settings.max_transcript_turns
    )
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > limits.max_bytes:
            raise TooLarge(
                f"The transcript is larger than the limit of {limits.max_bytes} bytes; "
                "split it or raise the limit in the settings."
            )
    yield from read_confined(
        io.BytesIO(data), file_name, limits, options, allow_weak=settings.allow_weak_sandbox
    )


def check_model(folder: Path) -> Mapping[str, Sequence[str]]:
    """Load a model folder, transcribe a second of silence, and return the model's phantom phrases
    by language; raises `ModelUnusable`.
    """
    import numpy as np

    from services.transcription.adapters.whisper import WhisperEngine, WhisperOptions

    ModelFolder.read(folder)
    engine = WhisperEngine.load(folder, WhisperOptions())
    silence = np.zeros(SAMPLE_RATE, np.float32)
    engine.transcribe(silence, engine.language(silence, {}))
    return engine.phantoms()
