import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sotto.transcript.v1 import reading_pb2 as _reading_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordingKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECORDING_KIND_UNSPECIFIED: _ClassVar[RecordingKind]
    RECORDING_KIND_MEDIA: _ClassVar[RecordingKind]
    RECORDING_KIND_TRANSCRIPT: _ClassVar[RecordingKind]

class RetentionState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RETENTION_STATE_UNSPECIFIED: _ClassVar[RetentionState]
    RETENTION_STATE_WAITING: _ClassVar[RetentionState]
    RETENTION_STATE_DUE: _ClassVar[RetentionState]
    RETENTION_STATE_HELD: _ClassVar[RetentionState]
    RETENTION_STATE_DELETED: _ClassVar[RetentionState]

class RemovalReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REMOVAL_REASON_UNSPECIFIED: _ClassVar[RemovalReason]
    REMOVAL_REASON_WRONG_PARTICIPANT: _ClassVar[RemovalReason]
    REMOVAL_REASON_WRONG_SESSION: _ClassVar[RemovalReason]
    REMOVAL_REASON_WRONG_READING: _ClassVar[RemovalReason]
    REMOVAL_REASON_DUPLICATE: _ClassVar[RemovalReason]
    REMOVAL_REASON_NOT_CONSENTED: _ClassVar[RemovalReason]
    REMOVAL_REASON_REPLACED: _ClassVar[RemovalReason]
    REMOVAL_REASON_OTHER: _ClassVar[RemovalReason]

class ContentState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONTENT_STATE_UNSPECIFIED: _ClassVar[ContentState]
    CONTENT_STATE_SEALED: _ClassVar[ContentState]
    CONTENT_STATE_REMOVED: _ClassVar[ContentState]
    CONTENT_STATE_WITHDRAWN: _ClassVar[ContentState]
RECORDING_KIND_UNSPECIFIED: RecordingKind
RECORDING_KIND_MEDIA: RecordingKind
RECORDING_KIND_TRANSCRIPT: RecordingKind
RETENTION_STATE_UNSPECIFIED: RetentionState
RETENTION_STATE_WAITING: RetentionState
RETENTION_STATE_DUE: RetentionState
RETENTION_STATE_HELD: RetentionState
RETENTION_STATE_DELETED: RetentionState
REMOVAL_REASON_UNSPECIFIED: RemovalReason
REMOVAL_REASON_WRONG_PARTICIPANT: RemovalReason
REMOVAL_REASON_WRONG_SESSION: RemovalReason
REMOVAL_REASON_WRONG_READING: RemovalReason
REMOVAL_REASON_DUPLICATE: RemovalReason
REMOVAL_REASON_NOT_CONSENTED: RemovalReason
REMOVAL_REASON_REPLACED: RemovalReason
REMOVAL_REASON_OTHER: RemovalReason
CONTENT_STATE_UNSPECIFIED: ContentState
CONTENT_STATE_SEALED: ContentState
CONTENT_STATE_REMOVED: ContentState
CONTENT_STATE_WITHDRAWN: ContentState

class RecordingRef(_message.Message):
    __slots__ = ("study_id", "participant", "recording_id")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    RECORDING_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    participant: str
    recording_id: str
    def __init__(self, study_id: _Optional[str] = ..., participant: _Optional[str] = ..., recording_id: _Optional[str] = ...) -> None: ...

class RecordingHeader(_message.Message):
    __slots__ = ("study_id", "participant", "session", "kind", "file_name", "size", "content_sha256", "session_date", "reading", "speakers")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SHA256_FIELD_NUMBER: _ClassVar[int]
    SESSION_DATE_FIELD_NUMBER: _ClassVar[int]
    READING_FIELD_NUMBER: _ClassVar[int]
    SPEAKERS_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    participant: str
    session: int
    kind: RecordingKind
    file_name: str
    size: int
    content_sha256: bytes
    session_date: str
    reading: _reading_pb2.ReadingOptions
    speakers: int
    def __init__(self, study_id: _Optional[str] = ..., participant: _Optional[str] = ..., session: _Optional[int] = ..., kind: _Optional[_Union[RecordingKind, str]] = ..., file_name: _Optional[str] = ..., size: _Optional[int] = ..., content_sha256: _Optional[bytes] = ..., session_date: _Optional[str] = ..., reading: _Optional[_Union[_reading_pb2.ReadingOptions, _Mapping]] = ..., speakers: _Optional[int] = ...) -> None: ...

class PutRecordingRequest(_message.Message):
    __slots__ = ("header", "chunk")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    header: RecordingHeader
    chunk: bytes
    def __init__(self, header: _Optional[_Union[RecordingHeader, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class PutRecordingResponse(_message.Message):
    __slots__ = ("ref", "existed")
    REF_FIELD_NUMBER: _ClassVar[int]
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    ref: RecordingRef
    existed: bool
    def __init__(self, ref: _Optional[_Union[RecordingRef, _Mapping]] = ..., existed: _Optional[bool] = ...) -> None: ...

class GetRecordingRequest(_message.Message):
    __slots__ = ("ref",)
    REF_FIELD_NUMBER: _ClassVar[int]
    ref: RecordingRef
    def __init__(self, ref: _Optional[_Union[RecordingRef, _Mapping]] = ...) -> None: ...

class GetRecordingResponse(_message.Message):
    __slots__ = ("header", "chunk", "verified")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    header: RecordingHeader
    chunk: bytes
    verified: bool
    def __init__(self, header: _Optional[_Union[RecordingHeader, _Mapping]] = ..., chunk: _Optional[bytes] = ..., verified: _Optional[bool] = ...) -> None: ...

class ReadRecordingPartsRequest(_message.Message):
    __slots__ = ("begin", "part")
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    begin: ReadRecordingPartsBegin
    part: RecordingPart
    def __init__(self, begin: _Optional[_Union[ReadRecordingPartsBegin, _Mapping]] = ..., part: _Optional[_Union[RecordingPart, _Mapping]] = ...) -> None: ...

class ReadRecordingPartsBegin(_message.Message):
    __slots__ = ("ref", "start_ms", "end_ms", "most_ms")
    REF_FIELD_NUMBER: _ClassVar[int]
    START_MS_FIELD_NUMBER: _ClassVar[int]
    END_MS_FIELD_NUMBER: _ClassVar[int]
    MOST_MS_FIELD_NUMBER: _ClassVar[int]
    ref: RecordingRef
    start_ms: int
    end_ms: int
    most_ms: int
    def __init__(self, ref: _Optional[_Union[RecordingRef, _Mapping]] = ..., start_ms: _Optional[int] = ..., end_ms: _Optional[int] = ..., most_ms: _Optional[int] = ...) -> None: ...

class RecordingPart(_message.Message):
    __slots__ = ("offset", "length")
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    offset: int
    length: int
    def __init__(self, offset: _Optional[int] = ..., length: _Optional[int] = ...) -> None: ...

class ReadRecordingPartsResponse(_message.Message):
    __slots__ = ("header", "chunk")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    header: RecordingPartsHeader
    chunk: bytes
    def __init__(self, header: _Optional[_Union[RecordingPartsHeader, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class RecordingPartsHeader(_message.Message):
    __slots__ = ("kind", "size", "content_deleted", "heard_ms")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_DELETED_FIELD_NUMBER: _ClassVar[int]
    HEARD_MS_FIELD_NUMBER: _ClassVar[int]
    kind: RecordingKind
    size: int
    content_deleted: bool
    heard_ms: int
    def __init__(self, kind: _Optional[_Union[RecordingKind, str]] = ..., size: _Optional[int] = ..., content_deleted: _Optional[bool] = ..., heard_ms: _Optional[int] = ...) -> None: ...

class StageFailure(_message.Message):
    __slots__ = ("stage", "reason", "message", "time")
    STAGE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    stage: str
    reason: str
    message: str
    time: _timestamp_pb2.Timestamp
    def __init__(self, stage: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListRetentionRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class ListRetentionResponse(_message.Message):
    __slots__ = ("recordings",)
    RECORDINGS_FIELD_NUMBER: _ClassVar[int]
    recordings: _containers.RepeatedCompositeFieldContainer[RetentionEntry]
    def __init__(self, recordings: _Optional[_Iterable[_Union[RetentionEntry, _Mapping]]] = ...) -> None: ...

class RetentionEntry(_message.Message):
    __slots__ = ("ref", "due_at", "rule", "state")
    REF_FIELD_NUMBER: _ClassVar[int]
    DUE_AT_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ref: RecordingRef
    due_at: _timestamp_pb2.Timestamp
    rule: str
    state: RetentionState
    def __init__(self, ref: _Optional[_Union[RecordingRef, _Mapping]] = ..., due_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., rule: _Optional[str] = ..., state: _Optional[_Union[RetentionState, str]] = ...) -> None: ...

class ListRetentionCalendarRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class ListRetentionCalendarResponse(_message.Message):
    __slots__ = ("recordings", "keep_days")
    RECORDINGS_FIELD_NUMBER: _ClassVar[int]
    KEEP_DAYS_FIELD_NUMBER: _ClassVar[int]
    recordings: _containers.RepeatedCompositeFieldContainer[RetentionDate]
    keep_days: int
    def __init__(self, recordings: _Optional[_Iterable[_Union[RetentionDate, _Mapping]]] = ..., keep_days: _Optional[int] = ...) -> None: ...

class RetentionDate(_message.Message):
    __slots__ = ("ref", "released_at", "due_at", "state", "held")
    REF_FIELD_NUMBER: _ClassVar[int]
    RELEASED_AT_FIELD_NUMBER: _ClassVar[int]
    DUE_AT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    ref: RecordingRef
    released_at: _timestamp_pb2.Timestamp
    due_at: _timestamp_pb2.Timestamp
    state: RetentionState
    held: bool
    def __init__(self, ref: _Optional[_Union[RecordingRef, _Mapping]] = ..., released_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., due_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state: _Optional[_Union[RetentionState, str]] = ..., held: _Optional[bool] = ...) -> None: ...

class DeleteContentRequest(_message.Message):
    __slots__ = ("ref", "rule")
    REF_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    ref: RecordingRef
    rule: str
    def __init__(self, ref: _Optional[_Union[RecordingRef, _Mapping]] = ..., rule: _Optional[str] = ...) -> None: ...

class DeleteContentResponse(_message.Message):
    __slots__ = ("deleted_at", "existed")
    DELETED_AT_FIELD_NUMBER: _ClassVar[int]
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    deleted_at: _timestamp_pb2.Timestamp
    existed: bool
    def __init__(self, deleted_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., existed: _Optional[bool] = ...) -> None: ...

class PutHoldRequest(_message.Message):
    __slots__ = ("ref", "held")
    REF_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    ref: RecordingRef
    held: bool
    def __init__(self, ref: _Optional[_Union[RecordingRef, _Mapping]] = ..., held: _Optional[bool] = ...) -> None: ...

class PutHoldResponse(_message.Message):
    __slots__ = ("existed",)
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    existed: bool
    def __init__(self, existed: _Optional[bool] = ...) -> None: ...

class GetRecordingHeaderRequest(_message.Message):
    __slots__ = ("ref",)
    REF_FIELD_NUMBER: _ClassVar[int]
    ref: RecordingRef
    def __init__(self, ref: _Optional[_Union[RecordingRef, _Mapping]] = ...) -> None: ...

class GetRecordingHeaderResponse(_message.Message):
    __slots__ = ("header", "content_deleted")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CONTENT_DELETED_FIELD_NUMBER: _ClassVar[int]
    header: RecordingHeader
    content_deleted: bool
    def __init__(self, header: _Optional[_Union[RecordingHeader, _Mapping]] = ..., content_deleted: _Optional[bool] = ...) -> None: ...

class FindContentRequest(_message.Message):
    __slots__ = ("study_id", "content_sha256")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SHA256_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    content_sha256: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, study_id: _Optional[str] = ..., content_sha256: _Optional[_Iterable[bytes]] = ...) -> None: ...

class FindContentResponse(_message.Message):
    __slots__ = ("found",)
    FOUND_FIELD_NUMBER: _ClassVar[int]
    found: _containers.RepeatedCompositeFieldContainer[FoundContent]
    def __init__(self, found: _Optional[_Iterable[_Union[FoundContent, _Mapping]]] = ...) -> None: ...

class FoundContent(_message.Message):
    __slots__ = ("content_sha256", "ref", "session", "state", "removal")
    CONTENT_SHA256_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REMOVAL_FIELD_NUMBER: _ClassVar[int]
    content_sha256: bytes
    ref: RecordingRef
    session: int
    state: ContentState
    removal: RemovalReason
    def __init__(self, content_sha256: _Optional[bytes] = ..., ref: _Optional[_Union[RecordingRef, _Mapping]] = ..., session: _Optional[int] = ..., state: _Optional[_Union[ContentState, str]] = ..., removal: _Optional[_Union[RemovalReason, str]] = ...) -> None: ...
