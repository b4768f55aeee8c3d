from buf.validate import validate_pb2 as _validate_pb2
from sotto.storage.v1 import recording_pb2 as _recording_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListPendingRequest(_message.Message):
    __slots__ = ("study_id", "page_size", "page_token")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    page_size: int
    page_token: str
    def __init__(self, study_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPendingResponse(_message.Message):
    __slots__ = ("recordings", "next_page_token")
    RECORDINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    recordings: _containers.RepeatedCompositeFieldContainer[PendingRecording]
    next_page_token: str
    def __init__(self, recordings: _Optional[_Iterable[_Union[PendingRecording, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class PendingRecording(_message.Message):
    __slots__ = ("ref", "session", "mark")
    REF_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    MARK_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    session: int
    mark: int
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., session: _Optional[int] = ..., mark: _Optional[int] = ...) -> None: ...

class MarkPendingRequest(_message.Message):
    __slots__ = ("study_id", "recording")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    RECORDING_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    recording: _recording_pb2.RecordingRef
    def __init__(self, study_id: _Optional[str] = ..., recording: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ...) -> None: ...

class MarkPendingResponse(_message.Message):
    __slots__ = ("marked",)
    MARKED_FIELD_NUMBER: _ClassVar[int]
    marked: int
    def __init__(self, marked: _Optional[int] = ...) -> None: ...

class SettleRecordingRequest(_message.Message):
    __slots__ = ("ref", "mark")
    REF_FIELD_NUMBER: _ClassVar[int]
    MARK_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    mark: int
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., mark: _Optional[int] = ...) -> None: ...

class SettleRecordingResponse(_message.Message):
    __slots__ = ("still_pending",)
    STILL_PENDING_FIELD_NUMBER: _ClassVar[int]
    still_pending: bool
    def __init__(self, still_pending: _Optional[bool] = ...) -> None: ...

class PutEnginesRequest(_message.Message):
    __slots__ = ("engines_sha256",)
    ENGINES_SHA256_FIELD_NUMBER: _ClassVar[int]
    engines_sha256: str
    def __init__(self, engines_sha256: _Optional[str] = ...) -> None: ...

class PutEnginesResponse(_message.Message):
    __slots__ = ("marked",)
    MARKED_FIELD_NUMBER: _ClassVar[int]
    marked: int
    def __init__(self, marked: _Optional[int] = ...) -> None: ...
