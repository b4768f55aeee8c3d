import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sotto.audit.v1 import entry_pb2 as _entry_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BackupAct(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BACKUP_ACT_UNSPECIFIED: _ClassVar[BackupAct]
    BACKUP_ACT_MADE: _ClassVar[BackupAct]
    BACKUP_ACT_CHECKED: _ClassVar[BackupAct]
    BACKUP_ACT_RESTORED: _ClassVar[BackupAct]
BACKUP_ACT_UNSPECIFIED: BackupAct
BACKUP_ACT_MADE: BackupAct
BACKUP_ACT_CHECKED: BackupAct
BACKUP_ACT_RESTORED: BackupAct

class GetUpkeepRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetUpkeepResponse(_message.Message):
    __slots__ = ("acts", "witnesses")
    ACTS_FIELD_NUMBER: _ClassVar[int]
    WITNESSES_FIELD_NUMBER: _ClassVar[int]
    acts: _containers.RepeatedCompositeFieldContainer[UpkeepAct]
    witnesses: _containers.RepeatedCompositeFieldContainer[_entry_pb2.WitnessStatus]
    def __init__(self, acts: _Optional[_Iterable[_Union[UpkeepAct, _Mapping]]] = ..., witnesses: _Optional[_Iterable[_Union[_entry_pb2.WitnessStatus, _Mapping]]] = ...) -> None: ...

class UpkeepAct(_message.Message):
    __slots__ = ("event", "zone", "at", "good", "findings")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    event: str
    zone: str
    at: _timestamp_pb2.Timestamp
    good: bool
    findings: int
    def __init__(self, event: _Optional[str] = ..., zone: _Optional[str] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., good: _Optional[bool] = ..., findings: _Optional[int] = ...) -> None: ...

class NoteBackupRequest(_message.Message):
    __slots__ = ("act", "made_at", "files", "good")
    ACT_FIELD_NUMBER: _ClassVar[int]
    MADE_AT_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    act: BackupAct
    made_at: _timestamp_pb2.Timestamp
    files: int
    good: bool
    def __init__(self, act: _Optional[_Union[BackupAct, str]] = ..., made_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., files: _Optional[int] = ..., good: _Optional[bool] = ...) -> None: ...

class NoteBackupResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
