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

class ReleaseRef(_message.Message):
    __slots__ = ("study_id", "release_id")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    RELEASE_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    release_id: str
    def __init__(self, study_id: _Optional[str] = ..., release_id: _Optional[str] = ...) -> None: ...

class PutBundleFileRequest(_message.Message):
    __slots__ = ("header", "chunk")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    header: BundleFileHeader
    chunk: bytes
    def __init__(self, header: _Optional[_Union[BundleFileHeader, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class BundleFileHeader(_message.Message):
    __slots__ = ("ref", "file")
    REF_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    ref: ReleaseRef
    file: BundleFile
    def __init__(self, ref: _Optional[_Union[ReleaseRef, _Mapping]] = ..., file: _Optional[_Union[BundleFile, _Mapping]] = ...) -> None: ...

class PutBundleFileResponse(_message.Message):
    __slots__ = ("existed",)
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    existed: bool
    def __init__(self, existed: _Optional[bool] = ...) -> None: ...

class CommitBundleRequest(_message.Message):
    __slots__ = ("ref", "files", "runs")
    REF_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    RUNS_FIELD_NUMBER: _ClassVar[int]
    ref: ReleaseRef
    files: _containers.RepeatedCompositeFieldContainer[BundleFile]
    runs: _containers.RepeatedCompositeFieldContainer[ReleasedRun]
    def __init__(self, ref: _Optional[_Union[ReleaseRef, _Mapping]] = ..., files: _Optional[_Iterable[_Union[BundleFile, _Mapping]]] = ..., runs: _Optional[_Iterable[_Union[ReleasedRun, _Mapping]]] = ...) -> None: ...

class ReleasedRun(_message.Message):
    __slots__ = ("ref", "run_key")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ...) -> None: ...

class BundleFile(_message.Message):
    __slots__ = ("path", "content_sha256", "size", "participant")
    PATH_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    path: str
    content_sha256: bytes
    size: int
    participant: str
    def __init__(self, path: _Optional[str] = ..., content_sha256: _Optional[bytes] = ..., size: _Optional[int] = ..., participant: _Optional[str] = ...) -> None: ...

class CommitBundleResponse(_message.Message):
    __slots__ = ("existed",)
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    existed: bool
    def __init__(self, existed: _Optional[bool] = ...) -> None: ...

class ListBundlesRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class ListBundlesResponse(_message.Message):
    __slots__ = ("bundles",)
    BUNDLES_FIELD_NUMBER: _ClassVar[int]
    bundles: _containers.RepeatedCompositeFieldContainer[Bundle]
    def __init__(self, bundles: _Optional[_Iterable[_Union[Bundle, _Mapping]]] = ...) -> None: ...

class Bundle(_message.Message):
    __slots__ = ("ref", "files", "committed_at", "runs", "removed_recordings")
    REF_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_AT_FIELD_NUMBER: _ClassVar[int]
    RUNS_FIELD_NUMBER: _ClassVar[int]
    REMOVED_RECORDINGS_FIELD_NUMBER: _ClassVar[int]
    ref: ReleaseRef
    files: _containers.RepeatedCompositeFieldContainer[BundleFile]
    committed_at: _timestamp_pb2.Timestamp
    runs: _containers.RepeatedCompositeFieldContainer[ReleasedRun]
    removed_recordings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ref: _Optional[_Union[ReleaseRef, _Mapping]] = ..., files: _Optional[_Iterable[_Union[BundleFile, _Mapping]]] = ..., committed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., runs: _Optional[_Iterable[_Union[ReleasedRun, _Mapping]]] = ..., removed_recordings: _Optional[_Iterable[str]] = ...) -> None: ...

class GetBundleFileRequest(_message.Message):
    __slots__ = ("ref", "path")
    REF_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    ref: ReleaseRef
    path: str
    def __init__(self, ref: _Optional[_Union[ReleaseRef, _Mapping]] = ..., path: _Optional[str] = ...) -> None: ...

class GetBundleFileResponse(_message.Message):
    __slots__ = ("chunk",)
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    def __init__(self, chunk: _Optional[bytes] = ...) -> None: ...
