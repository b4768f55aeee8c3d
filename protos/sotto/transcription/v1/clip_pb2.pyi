from buf.validate import validate_pb2 as _validate_pb2
from sotto.storage.v1 import recording_pb2 as _recording_pb2
from sotto.transcription.v1 import bleeping_pb2 as _bleeping_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetClipRequest(_message.Message):
    __slots__ = ("ref", "source_run_key", "times", "words")
    REF_FIELD_NUMBER: _ClassVar[int]
    SOURCE_RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    source_run_key: str
    times: ClipTimes
    words: ClipWords
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., source_run_key: _Optional[str] = ..., times: _Optional[_Union[ClipTimes, _Mapping]] = ..., words: _Optional[_Union[ClipWords, _Mapping]] = ...) -> None: ...

class ClipTimes(_message.Message):
    __slots__ = ("start_ms", "end_ms")
    START_MS_FIELD_NUMBER: _ClassVar[int]
    END_MS_FIELD_NUMBER: _ClassVar[int]
    start_ms: int
    end_ms: int
    def __init__(self, start_ms: _Optional[int] = ..., end_ms: _Optional[int] = ...) -> None: ...

class ClipWords(_message.Message):
    __slots__ = ("segment", "start", "end", "encoded_segment")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    ENCODED_SEGMENT_FIELD_NUMBER: _ClassVar[int]
    segment: int
    start: int
    end: int
    encoded_segment: bytes
    def __init__(self, segment: _Optional[int] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., encoded_segment: _Optional[bytes] = ...) -> None: ...

class GetClipResponse(_message.Message):
    __slots__ = ("missing", "wav", "start_ms", "end_ms", "cut", "left_ms")
    MISSING_FIELD_NUMBER: _ClassVar[int]
    WAV_FIELD_NUMBER: _ClassVar[int]
    START_MS_FIELD_NUMBER: _ClassVar[int]
    END_MS_FIELD_NUMBER: _ClassVar[int]
    CUT_FIELD_NUMBER: _ClassVar[int]
    LEFT_MS_FIELD_NUMBER: _ClassVar[int]
    missing: _bleeping_pb2.NoAudioReason
    wav: bytes
    start_ms: int
    end_ms: int
    cut: bool
    left_ms: int
    def __init__(self, missing: _Optional[_Union[_bleeping_pb2.NoAudioReason, str]] = ..., wav: _Optional[bytes] = ..., start_ms: _Optional[int] = ..., end_ms: _Optional[int] = ..., cut: _Optional[bool] = ..., left_ms: _Optional[int] = ...) -> None: ...
