from buf.validate import validate_pb2 as _validate_pb2
from sotto.storage.v1 import recording_pb2 as _recording_pb2
from sotto.transcript.v1 import transcript_pb2 as _transcript_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListWindowsRequest(_message.Message):
    __slots__ = ("ref", "run_key")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ...) -> None: ...

class ListWindowsResponse(_message.Message):
    __slots__ = ("windows", "manifest")
    WINDOWS_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    windows: _containers.RepeatedScalarFieldContainer[int]
    manifest: _transcript_pb2.TranscriptManifest
    def __init__(self, windows: _Optional[_Iterable[int]] = ..., manifest: _Optional[_Union[_transcript_pb2.TranscriptManifest, _Mapping]] = ...) -> None: ...

class PutWindowRequest(_message.Message):
    __slots__ = ("ref", "run_key", "window", "encoded_segments")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    ENCODED_SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    window: int
    encoded_segments: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ..., window: _Optional[int] = ..., encoded_segments: _Optional[_Iterable[bytes]] = ...) -> None: ...

class PutWindowResponse(_message.Message):
    __slots__ = ("existed",)
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    existed: bool
    def __init__(self, existed: _Optional[bool] = ...) -> None: ...

class CommitTranscriptRequest(_message.Message):
    __slots__ = ("ref", "manifest")
    REF_FIELD_NUMBER: _ClassVar[int]
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    manifest: _transcript_pb2.TranscriptManifest
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., manifest: _Optional[_Union[_transcript_pb2.TranscriptManifest, _Mapping]] = ...) -> None: ...

class CommitTranscriptResponse(_message.Message):
    __slots__ = ("existed",)
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    existed: bool
    def __init__(self, existed: _Optional[bool] = ...) -> None: ...

class GetWindowRequest(_message.Message):
    __slots__ = ("ref", "run_key", "window")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    window: int
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ..., window: _Optional[int] = ...) -> None: ...

class GetWindowResponse(_message.Message):
    __slots__ = ("encoded_segments",)
    ENCODED_SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    encoded_segments: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, encoded_segments: _Optional[_Iterable[bytes]] = ...) -> None: ...

class GetTranscriptRequest(_message.Message):
    __slots__ = ("ref", "run_key")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ...) -> None: ...

class GetTranscriptResponse(_message.Message):
    __slots__ = ("manifest", "window", "session_date")
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    SESSION_DATE_FIELD_NUMBER: _ClassVar[int]
    manifest: _transcript_pb2.TranscriptManifest
    window: Window
    session_date: str
    def __init__(self, manifest: _Optional[_Union[_transcript_pb2.TranscriptManifest, _Mapping]] = ..., window: _Optional[_Union[Window, _Mapping]] = ..., session_date: _Optional[str] = ...) -> None: ...

class Window(_message.Message):
    __slots__ = ("window", "encoded_segments")
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    ENCODED_SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    window: int
    encoded_segments: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, window: _Optional[int] = ..., encoded_segments: _Optional[_Iterable[bytes]] = ...) -> None: ...

class GetTranscriptManifestRequest(_message.Message):
    __slots__ = ("ref", "run_key")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ...) -> None: ...

class GetTranscriptManifestResponse(_message.Message):
    __slots__ = ("manifest", "session_date")
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    SESSION_DATE_FIELD_NUMBER: _ClassVar[int]
    manifest: _transcript_pb2.TranscriptManifest
    session_date: str
    def __init__(self, manifest: _Optional[_Union[_transcript_pb2.TranscriptManifest, _Mapping]] = ..., session_date: _Optional[str] = ...) -> None: ...

class SelectTranscriptRequest(_message.Message):
    __slots__ = ("ref", "run_key")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ...) -> None: ...

class SelectTranscriptResponse(_message.Message):
    __slots__ = ("existed",)
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    existed: bool
    def __init__(self, existed: _Optional[bool] = ...) -> None: ...
