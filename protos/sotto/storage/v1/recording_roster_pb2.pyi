from buf.validate import validate_pb2 as _validate_pb2
from sotto.storage.v1 import recording_pb2 as _recording_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordingName(_message.Message):
    __slots__ = ("name", "source", "role")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    name: str
    source: str
    role: str
    def __init__(self, name: _Optional[str] = ..., source: _Optional[str] = ..., role: _Optional[str] = ...) -> None: ...

class PutRecordingRosterRequest(_message.Message):
    __slots__ = ("ref", "run_key", "names")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    names: _containers.RepeatedCompositeFieldContainer[RecordingName]
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ..., names: _Optional[_Iterable[_Union[RecordingName, _Mapping]]] = ...) -> None: ...

class PutRecordingRosterResponse(_message.Message):
    __slots__ = ("existed",)
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    existed: bool
    def __init__(self, existed: _Optional[bool] = ...) -> None: ...

class GetRecordingRosterRequest(_message.Message):
    __slots__ = ("ref", "run_key")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ...) -> None: ...

class GetRecordingRosterResponse(_message.Message):
    __slots__ = ("names",)
    NAMES_FIELD_NUMBER: _ClassVar[int]
    names: _containers.RepeatedCompositeFieldContainer[RecordingName]
    def __init__(self, names: _Optional[_Iterable[_Union[RecordingName, _Mapping]]] = ...) -> None: ...
