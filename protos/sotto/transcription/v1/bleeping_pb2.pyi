from buf.validate import validate_pb2 as _validate_pb2
from sotto.storage.v1 import recording_pb2 as _recording_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BleepSound(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BLEEP_SOUND_UNSPECIFIED: _ClassVar[BleepSound]
    BLEEP_SOUND_TONE: _ClassVar[BleepSound]
    BLEEP_SOUND_SILENCE: _ClassVar[BleepSound]

class NoAudioReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NO_AUDIO_REASON_UNSPECIFIED: _ClassVar[NoAudioReason]
    NO_AUDIO_REASON_MADE_ELSEWHERE: _ClassVar[NoAudioReason]
    NO_AUDIO_REASON_DELETED: _ClassVar[NoAudioReason]
    NO_AUDIO_REASON_INVENTED: _ClassVar[NoAudioReason]
BLEEP_SOUND_UNSPECIFIED: BleepSound
BLEEP_SOUND_TONE: BleepSound
BLEEP_SOUND_SILENCE: BleepSound
NO_AUDIO_REASON_UNSPECIFIED: NoAudioReason
NO_AUDIO_REASON_MADE_ELSEWHERE: NoAudioReason
NO_AUDIO_REASON_DELETED: NoAudioReason
NO_AUDIO_REASON_INVENTED: NoAudioReason

class BleepRequest(_message.Message):
    __slots__ = ("ref", "source_run_key", "sound", "encoded_segments", "disguise")
    REF_FIELD_NUMBER: _ClassVar[int]
    SOURCE_RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    SOUND_FIELD_NUMBER: _ClassVar[int]
    ENCODED_SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    DISGUISE_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    source_run_key: str
    sound: BleepSound
    encoded_segments: _containers.RepeatedScalarFieldContainer[bytes]
    disguise: bool
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., source_run_key: _Optional[str] = ..., sound: _Optional[_Union[BleepSound, str]] = ..., encoded_segments: _Optional[_Iterable[bytes]] = ..., disguise: _Optional[bool] = ...) -> None: ...

class BleepResponse(_message.Message):
    __slots__ = ("progress", "audio", "chunk")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    progress: BleepProgress
    audio: BleepedAudio
    chunk: bytes
    def __init__(self, progress: _Optional[_Union[BleepProgress, _Mapping]] = ..., audio: _Optional[_Union[BleepedAudio, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class BleepProgress(_message.Message):
    __slots__ = ("before",)
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    before: int
    def __init__(self, before: _Optional[int] = ...) -> None: ...

class BleepedAudio(_message.Message):
    __slots__ = ("missing", "content_sha256", "size", "duration_ms", "redacted_stretches", "redacted_ms", "muted_ms", "heard_again", "checked_with")
    MISSING_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    REDACTED_STRETCHES_FIELD_NUMBER: _ClassVar[int]
    REDACTED_MS_FIELD_NUMBER: _ClassVar[int]
    MUTED_MS_FIELD_NUMBER: _ClassVar[int]
    HEARD_AGAIN_FIELD_NUMBER: _ClassVar[int]
    CHECKED_WITH_FIELD_NUMBER: _ClassVar[int]
    missing: NoAudioReason
    content_sha256: bytes
    size: int
    duration_ms: int
    redacted_stretches: int
    redacted_ms: int
    muted_ms: int
    heard_again: int
    checked_with: str
    def __init__(self, missing: _Optional[_Union[NoAudioReason, str]] = ..., content_sha256: _Optional[bytes] = ..., size: _Optional[int] = ..., duration_ms: _Optional[int] = ..., redacted_stretches: _Optional[int] = ..., redacted_ms: _Optional[int] = ..., muted_ms: _Optional[int] = ..., heard_again: _Optional[int] = ..., checked_with: _Optional[str] = ...) -> None: ...
