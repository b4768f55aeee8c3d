import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sotto.storage.v1 import recording_pb2 as _recording_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WorkerState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WORKER_STATE_UNSPECIFIED: _ClassVar[WorkerState]
    WORKER_STATE_ALIVE: _ClassVar[WorkerState]
    WORKER_STATE_STOPPED: _ClassVar[WorkerState]
    WORKER_STATE_SILENT: _ClassVar[WorkerState]
WORKER_STATE_UNSPECIFIED: WorkerState
WORKER_STATE_ALIVE: WorkerState
WORKER_STATE_STOPPED: WorkerState
WORKER_STATE_SILENT: WorkerState

class HeldRecording(_message.Message):
    __slots__ = ("ref", "place", "stage", "done_thousandths", "seconds_left", "before", "begun_at")
    REF_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    DONE_THOUSANDTHS_FIELD_NUMBER: _ClassVar[int]
    SECONDS_LEFT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    BEGUN_AT_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    place: int
    stage: str
    done_thousandths: int
    seconds_left: int
    before: int
    begun_at: _timestamp_pb2.Timestamp
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., place: _Optional[int] = ..., stage: _Optional[str] = ..., done_thousandths: _Optional[int] = ..., seconds_left: _Optional[int] = ..., before: _Optional[int] = ..., begun_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class NoteWorkRequest(_message.Message):
    __slots__ = ("worker", "version", "started_at", "certificate_ends_at", "stopped", "places", "recordings_done", "busy_seconds", "recordings")
    WORKER_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_ENDS_AT_FIELD_NUMBER: _ClassVar[int]
    STOPPED_FIELD_NUMBER: _ClassVar[int]
    PLACES_FIELD_NUMBER: _ClassVar[int]
    RECORDINGS_DONE_FIELD_NUMBER: _ClassVar[int]
    BUSY_SECONDS_FIELD_NUMBER: _ClassVar[int]
    RECORDINGS_FIELD_NUMBER: _ClassVar[int]
    worker: str
    version: str
    started_at: _timestamp_pb2.Timestamp
    certificate_ends_at: _timestamp_pb2.Timestamp
    stopped: bool
    places: int
    recordings_done: int
    busy_seconds: float
    recordings: _containers.RepeatedCompositeFieldContainer[HeldRecording]
    def __init__(self, worker: _Optional[str] = ..., version: _Optional[str] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., certificate_ends_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., stopped: _Optional[bool] = ..., places: _Optional[int] = ..., recordings_done: _Optional[int] = ..., busy_seconds: _Optional[float] = ..., recordings: _Optional[_Iterable[_Union[HeldRecording, _Mapping]]] = ...) -> None: ...

class NoteWorkResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListWorkRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListWorkResponse(_message.Message):
    __slots__ = ("workers", "recordings")
    WORKERS_FIELD_NUMBER: _ClassVar[int]
    RECORDINGS_FIELD_NUMBER: _ClassVar[int]
    workers: _containers.RepeatedCompositeFieldContainer[Worker]
    recordings: _containers.RepeatedCompositeFieldContainer[RecordingWork]
    def __init__(self, workers: _Optional[_Iterable[_Union[Worker, _Mapping]]] = ..., recordings: _Optional[_Iterable[_Union[RecordingWork, _Mapping]]] = ...) -> None: ...

class Worker(_message.Message):
    __slots__ = ("name", "version", "state", "started_at", "noted_at", "certificate_ends_at", "places", "recordings_done", "busy_seconds")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STARTED_AT_FIELD_NUMBER: _ClassVar[int]
    NOTED_AT_FIELD_NUMBER: _ClassVar[int]
    CERTIFICATE_ENDS_AT_FIELD_NUMBER: _ClassVar[int]
    PLACES_FIELD_NUMBER: _ClassVar[int]
    RECORDINGS_DONE_FIELD_NUMBER: _ClassVar[int]
    BUSY_SECONDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    state: WorkerState
    started_at: _timestamp_pb2.Timestamp
    noted_at: _timestamp_pb2.Timestamp
    certificate_ends_at: _timestamp_pb2.Timestamp
    places: int
    recordings_done: int
    busy_seconds: float
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., state: _Optional[_Union[WorkerState, str]] = ..., started_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., noted_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., certificate_ends_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., places: _Optional[int] = ..., recordings_done: _Optional[int] = ..., busy_seconds: _Optional[float] = ...) -> None: ...

class RecordingWork(_message.Message):
    __slots__ = ("held", "worker", "noted_at", "stale")
    HELD_FIELD_NUMBER: _ClassVar[int]
    WORKER_FIELD_NUMBER: _ClassVar[int]
    NOTED_AT_FIELD_NUMBER: _ClassVar[int]
    STALE_FIELD_NUMBER: _ClassVar[int]
    held: HeldRecording
    worker: str
    noted_at: _timestamp_pb2.Timestamp
    stale: bool
    def __init__(self, held: _Optional[_Union[HeldRecording, _Mapping]] = ..., worker: _Optional[str] = ..., noted_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., stale: _Optional[bool] = ...) -> None: ...
