import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sotto.storage.v1 import recording_pb2 as _recording_pb2
from sotto.transcript.v1 import reading_pb2 as _reading_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UploadRef(_message.Message):
    __slots__ = ("study_id", "participant", "upload_id")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    UPLOAD_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    participant: str
    upload_id: str
    def __init__(self, study_id: _Optional[str] = ..., participant: _Optional[str] = ..., upload_id: _Optional[str] = ...) -> None: ...

class BeginUploadRequest(_message.Message):
    __slots__ = ("study_id", "participant", "file_name", "size", "first_part_sha256")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    FIRST_PART_SHA256_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    participant: str
    file_name: str
    size: int
    first_part_sha256: bytes
    def __init__(self, study_id: _Optional[str] = ..., participant: _Optional[str] = ..., file_name: _Optional[str] = ..., size: _Optional[int] = ..., first_part_sha256: _Optional[bytes] = ...) -> None: ...

class BeginUploadResponse(_message.Message):
    __slots__ = ("upload", "existed")
    UPLOAD_FIELD_NUMBER: _ClassVar[int]
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    upload: Upload
    existed: bool
    def __init__(self, upload: _Optional[_Union[Upload, _Mapping]] = ..., existed: _Optional[bool] = ...) -> None: ...

class Upload(_message.Message):
    __slots__ = ("ref", "size", "part_bytes", "parts", "received", "begun_at", "begun_by", "expires_at", "recording")
    REF_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    PART_BYTES_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    BEGUN_AT_FIELD_NUMBER: _ClassVar[int]
    BEGUN_BY_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    RECORDING_FIELD_NUMBER: _ClassVar[int]
    ref: UploadRef
    size: int
    part_bytes: int
    parts: int
    received: int
    begun_at: _timestamp_pb2.Timestamp
    begun_by: str
    expires_at: _timestamp_pb2.Timestamp
    recording: _recording_pb2.RecordingRef
    def __init__(self, ref: _Optional[_Union[UploadRef, _Mapping]] = ..., size: _Optional[int] = ..., part_bytes: _Optional[int] = ..., parts: _Optional[int] = ..., received: _Optional[int] = ..., begun_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., begun_by: _Optional[str] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., recording: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ...) -> None: ...

class PutPartRequest(_message.Message):
    __slots__ = ("ref", "part", "content_sha256", "content")
    REF_FIELD_NUMBER: _ClassVar[int]
    PART_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SHA256_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    ref: UploadRef
    part: int
    content_sha256: bytes
    content: bytes
    def __init__(self, ref: _Optional[_Union[UploadRef, _Mapping]] = ..., part: _Optional[int] = ..., content_sha256: _Optional[bytes] = ..., content: _Optional[bytes] = ...) -> None: ...

class PutPartResponse(_message.Message):
    __slots__ = ("existed",)
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    existed: bool
    def __init__(self, existed: _Optional[bool] = ...) -> None: ...

class GetUploadRequest(_message.Message):
    __slots__ = ("ref",)
    REF_FIELD_NUMBER: _ClassVar[int]
    ref: UploadRef
    def __init__(self, ref: _Optional[_Union[UploadRef, _Mapping]] = ...) -> None: ...

class GetUploadResponse(_message.Message):
    __slots__ = ("upload",)
    UPLOAD_FIELD_NUMBER: _ClassVar[int]
    upload: Upload
    def __init__(self, upload: _Optional[_Union[Upload, _Mapping]] = ...) -> None: ...

class ListUploadsRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class ListUploadsResponse(_message.Message):
    __slots__ = ("uploads",)
    UPLOADS_FIELD_NUMBER: _ClassVar[int]
    uploads: _containers.RepeatedCompositeFieldContainer[Upload]
    def __init__(self, uploads: _Optional[_Iterable[_Union[Upload, _Mapping]]] = ...) -> None: ...

class InspectUploadRequest(_message.Message):
    __slots__ = ("ref",)
    REF_FIELD_NUMBER: _ClassVar[int]
    ref: UploadRef
    def __init__(self, ref: _Optional[_Union[UploadRef, _Mapping]] = ...) -> None: ...

class InspectUploadResponse(_message.Message):
    __slots__ = ("kind", "form", "unreadable", "found")
    KIND_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    UNREADABLE_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    kind: _recording_pb2.RecordingKind
    form: str
    unreadable: str
    found: _containers.RepeatedCompositeFieldContainer[_recording_pb2.FoundContent]
    def __init__(self, kind: _Optional[_Union[_recording_pb2.RecordingKind, str]] = ..., form: _Optional[str] = ..., unreadable: _Optional[str] = ..., found: _Optional[_Iterable[_Union[_recording_pb2.FoundContent, _Mapping]]] = ...) -> None: ...

class FinishUploadRequest(_message.Message):
    __slots__ = ("ref", "parts_sha256", "session", "kind", "session_date", "reading", "speakers")
    REF_FIELD_NUMBER: _ClassVar[int]
    PARTS_SHA256_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SESSION_DATE_FIELD_NUMBER: _ClassVar[int]
    READING_FIELD_NUMBER: _ClassVar[int]
    SPEAKERS_FIELD_NUMBER: _ClassVar[int]
    ref: UploadRef
    parts_sha256: bytes
    session: int
    kind: _recording_pb2.RecordingKind
    session_date: str
    reading: _reading_pb2.ReadingOptions
    speakers: int
    def __init__(self, ref: _Optional[_Union[UploadRef, _Mapping]] = ..., parts_sha256: _Optional[bytes] = ..., session: _Optional[int] = ..., kind: _Optional[_Union[_recording_pb2.RecordingKind, str]] = ..., session_date: _Optional[str] = ..., reading: _Optional[_Union[_reading_pb2.ReadingOptions, _Mapping]] = ..., speakers: _Optional[int] = ...) -> None: ...

class FinishUploadResponse(_message.Message):
    __slots__ = ("ref", "existed")
    REF_FIELD_NUMBER: _ClassVar[int]
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    existed: bool
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., existed: _Optional[bool] = ...) -> None: ...

class AbortUploadRequest(_message.Message):
    __slots__ = ("ref",)
    REF_FIELD_NUMBER: _ClassVar[int]
    ref: UploadRef
    def __init__(self, ref: _Optional[_Union[UploadRef, _Mapping]] = ...) -> None: ...

class AbortUploadResponse(_message.Message):
    __slots__ = ("objects_deleted",)
    OBJECTS_DELETED_FIELD_NUMBER: _ClassVar[int]
    objects_deleted: int
    def __init__(self, objects_deleted: _Optional[int] = ...) -> None: ...

class ReadUploadRequest(_message.Message):
    __slots__ = ("ref",)
    REF_FIELD_NUMBER: _ClassVar[int]
    ref: UploadRef
    def __init__(self, ref: _Optional[_Union[UploadRef, _Mapping]] = ...) -> None: ...

class ReadUploadResponse(_message.Message):
    __slots__ = ("file", "chunk", "verified")
    FILE_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_FIELD_NUMBER: _ClassVar[int]
    file: UploadedFile
    chunk: bytes
    verified: bool
    def __init__(self, file: _Optional[_Union[UploadedFile, _Mapping]] = ..., chunk: _Optional[bytes] = ..., verified: _Optional[bool] = ...) -> None: ...

class UploadedFile(_message.Message):
    __slots__ = ("file_name", "kind")
    FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    file_name: str
    kind: _recording_pb2.RecordingKind
    def __init__(self, file_name: _Optional[str] = ..., kind: _Optional[_Union[_recording_pb2.RecordingKind, str]] = ...) -> None: ...

class EndUploadsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class EndUploadsResponse(_message.Message):
    __slots__ = ("ended",)
    ENDED_FIELD_NUMBER: _ClassVar[int]
    ended: int
    def __init__(self, ended: _Optional[int] = ...) -> None: ...
