from buf.validate import validate_pb2 as _validate_pb2
from sotto.storage.v1 import recording_pb2 as _recording_pb2
from sotto.transcript.v1 import reading_pb2 as _reading_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TranscribeRequest(_message.Message):
    __slots__ = ("ref",)
    REF_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ...) -> None: ...

class TranscribeResponse(_message.Message):
    __slots__ = ("progress", "result")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    progress: TranscribeProgress
    result: TranscribeResult
    def __init__(self, progress: _Optional[_Union[TranscribeProgress, _Mapping]] = ..., result: _Optional[_Union[TranscribeResult, _Mapping]] = ...) -> None: ...

class TranscribeProgress(_message.Message):
    __slots__ = ("segments", "done", "before")
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    segments: int
    done: int
    before: int
    def __init__(self, segments: _Optional[int] = ..., done: _Optional[int] = ..., before: _Optional[int] = ...) -> None: ...

class TranscribeResult(_message.Message):
    __slots__ = ("run_key", "segments", "existed")
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    run_key: str
    segments: int
    existed: bool
    def __init__(self, run_key: _Optional[str] = ..., segments: _Optional[int] = ..., existed: _Optional[bool] = ...) -> None: ...

class DescribeEngineRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribeEngineResponse(_message.Message):
    __slots__ = ("model", "model_sha256", "demo", "engine", "invents", "run_version", "sandbox")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    MODEL_SHA256_FIELD_NUMBER: _ClassVar[int]
    DEMO_FIELD_NUMBER: _ClassVar[int]
    ENGINE_FIELD_NUMBER: _ClassVar[int]
    INVENTS_FIELD_NUMBER: _ClassVar[int]
    RUN_VERSION_FIELD_NUMBER: _ClassVar[int]
    SANDBOX_FIELD_NUMBER: _ClassVar[int]
    model: str
    model_sha256: str
    demo: bool
    engine: str
    invents: bool
    run_version: str
    sandbox: str
    def __init__(self, model: _Optional[str] = ..., model_sha256: _Optional[str] = ..., demo: _Optional[bool] = ..., engine: _Optional[str] = ..., invents: _Optional[bool] = ..., run_version: _Optional[str] = ..., sandbox: _Optional[str] = ...) -> None: ...

class PlanRequest(_message.Message):
    __slots__ = ("ref",)
    REF_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ...) -> None: ...

class PlanResponse(_message.Message):
    __slots__ = ("run_key", "provenance", "content_deleted", "invented")
    class ProvenanceEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_DELETED_FIELD_NUMBER: _ClassVar[int]
    INVENTED_FIELD_NUMBER: _ClassVar[int]
    run_key: str
    provenance: _containers.ScalarMap[str, str]
    content_deleted: bool
    invented: bool
    def __init__(self, run_key: _Optional[str] = ..., provenance: _Optional[_Mapping[str, str]] = ..., content_deleted: _Optional[bool] = ..., invented: _Optional[bool] = ...) -> None: ...

class ExamineTranscriptRequest(_message.Message):
    __slots__ = ("begin", "chunk")
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    begin: TranscriptToExamine
    chunk: bytes
    def __init__(self, begin: _Optional[_Union[TranscriptToExamine, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class TranscriptToExamine(_message.Message):
    __slots__ = ("file_name", "options")
    FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    file_name: str
    options: _reading_pb2.ReadingOptions
    def __init__(self, file_name: _Optional[str] = ..., options: _Optional[_Union[_reading_pb2.ReadingOptions, _Mapping]] = ...) -> None: ...

class ExamineTranscriptResponse(_message.Message):
    __slots__ = ("reading",)
    READING_FIELD_NUMBER: _ClassVar[int]
    reading: _reading_pb2.Reading
    def __init__(self, reading: _Optional[_Union[_reading_pb2.Reading, _Mapping]] = ...) -> None: ...
