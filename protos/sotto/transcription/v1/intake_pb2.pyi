from buf.validate import validate_pb2 as _validate_pb2
from sotto.storage.v1 import upload_pb2 as _upload_pb2
from sotto.transcript.v1 import reading_pb2 as _reading_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExamineUploadRequest(_message.Message):
    __slots__ = ("ref", "options")
    REF_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    ref: _upload_pb2.UploadRef
    options: _reading_pb2.ReadingOptions
    def __init__(self, ref: _Optional[_Union[_upload_pb2.UploadRef, _Mapping]] = ..., options: _Optional[_Union[_reading_pb2.ReadingOptions, _Mapping]] = ...) -> None: ...

class ExamineUploadResponse(_message.Message):
    __slots__ = ("reading", "audio")
    READING_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    reading: _reading_pb2.Reading
    audio: FoundAudio
    def __init__(self, reading: _Optional[_Union[_reading_pb2.Reading, _Mapping]] = ..., audio: _Optional[_Union[FoundAudio, _Mapping]] = ...) -> None: ...

class FoundAudio(_message.Message):
    __slots__ = ("duration_ms", "channels", "doubts")
    class DoubtsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    DOUBTS_FIELD_NUMBER: _ClassVar[int]
    duration_ms: int
    channels: int
    doubts: _containers.ScalarMap[str, int]
    def __init__(self, duration_ms: _Optional[int] = ..., channels: _Optional[int] = ..., doubts: _Optional[_Mapping[str, int]] = ...) -> None: ...
