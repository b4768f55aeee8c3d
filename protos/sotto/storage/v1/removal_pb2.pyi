import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sotto.storage.v1 import recording_pb2 as _recording_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RemoveRecordingRequest(_message.Message):
    __slots__ = ("ref", "reason")
    REF_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    reason: _recording_pb2.RemovalReason
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., reason: _Optional[_Union[_recording_pb2.RemovalReason, str]] = ...) -> None: ...

class RemoveRecordingResponse(_message.Message):
    __slots__ = ("removal", "existed", "objects_deleted", "objects_retained", "retained_until", "objects_failed", "release_ids")
    REMOVAL_FIELD_NUMBER: _ClassVar[int]
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_DELETED_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_RETAINED_FIELD_NUMBER: _ClassVar[int]
    RETAINED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_FAILED_FIELD_NUMBER: _ClassVar[int]
    RELEASE_IDS_FIELD_NUMBER: _ClassVar[int]
    removal: Removal
    existed: bool
    objects_deleted: int
    objects_retained: int
    retained_until: _timestamp_pb2.Timestamp
    objects_failed: int
    release_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, removal: _Optional[_Union[Removal, _Mapping]] = ..., existed: _Optional[bool] = ..., objects_deleted: _Optional[int] = ..., objects_retained: _Optional[int] = ..., retained_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., objects_failed: _Optional[int] = ..., release_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class MoveRecordingRequest(_message.Message):
    __slots__ = ("ref", "participant", "session")
    REF_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    participant: str
    session: int
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., participant: _Optional[str] = ..., session: _Optional[int] = ...) -> None: ...

class MoveRecordingResponse(_message.Message):
    __slots__ = ("ref", "session", "removed")
    REF_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    session: int
    removed: RemoveRecordingResponse
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., session: _Optional[int] = ..., removed: _Optional[_Union[RemoveRecordingResponse, _Mapping]] = ...) -> None: ...

class ListRemovalsRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class ListRemovalsResponse(_message.Message):
    __slots__ = ("removals",)
    REMOVALS_FIELD_NUMBER: _ClassVar[int]
    removals: _containers.RepeatedCompositeFieldContainer[Removal]
    def __init__(self, removals: _Optional[_Iterable[_Union[Removal, _Mapping]]] = ...) -> None: ...

class Removal(_message.Message):
    __slots__ = ("ref", "session", "reason", "removed_at", "removed_by", "moved_to")
    REF_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REMOVED_AT_FIELD_NUMBER: _ClassVar[int]
    REMOVED_BY_FIELD_NUMBER: _ClassVar[int]
    MOVED_TO_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    session: int
    reason: _recording_pb2.RemovalReason
    removed_at: _timestamp_pb2.Timestamp
    removed_by: str
    moved_to: _recording_pb2.RecordingRef
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., session: _Optional[int] = ..., reason: _Optional[_Union[_recording_pb2.RemovalReason, str]] = ..., removed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., removed_by: _Optional[str] = ..., moved_to: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ...) -> None: ...

class RemoveTranscriptsRequest(_message.Message):
    __slots__ = ("ref", "reason")
    REF_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    reason: _recording_pb2.RemovalReason
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., reason: _Optional[_Union[_recording_pb2.RemovalReason, str]] = ...) -> None: ...

class RemoveTranscriptsResponse(_message.Message):
    __slots__ = ("objects_deleted", "objects_retained", "retained_until", "objects_failed", "release_ids")
    OBJECTS_DELETED_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_RETAINED_FIELD_NUMBER: _ClassVar[int]
    RETAINED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_FAILED_FIELD_NUMBER: _ClassVar[int]
    RELEASE_IDS_FIELD_NUMBER: _ClassVar[int]
    objects_deleted: int
    objects_retained: int
    retained_until: _timestamp_pb2.Timestamp
    objects_failed: int
    release_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, objects_deleted: _Optional[int] = ..., objects_retained: _Optional[int] = ..., retained_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., objects_failed: _Optional[int] = ..., release_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class DeleteReleasedAudioRequest(_message.Message):
    __slots__ = ("ref", "rule")
    REF_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    rule: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., rule: _Optional[str] = ...) -> None: ...

class DeleteReleasedAudioResponse(_message.Message):
    __slots__ = ("objects_deleted", "objects_retained", "objects_failed")
    OBJECTS_DELETED_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_RETAINED_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_FAILED_FIELD_NUMBER: _ClassVar[int]
    objects_deleted: int
    objects_retained: int
    objects_failed: int
    def __init__(self, objects_deleted: _Optional[int] = ..., objects_retained: _Optional[int] = ..., objects_failed: _Optional[int] = ...) -> None: ...
