import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EraseParticipantRequest(_message.Message):
    __slots__ = ("study_id", "participant")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    participant: str
    def __init__(self, study_id: _Optional[str] = ..., participant: _Optional[str] = ...) -> None: ...

class PreviewErasureRequest(_message.Message):
    __slots__ = ("study_id", "participant")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    participant: str
    def __init__(self, study_id: _Optional[str] = ..., participant: _Optional[str] = ...) -> None: ...

class PreviewErasureResponse(_message.Message):
    __slots__ = ("objects", "erased_before")
    OBJECTS_FIELD_NUMBER: _ClassVar[int]
    ERASED_BEFORE_FIELD_NUMBER: _ClassVar[int]
    objects: _containers.RepeatedCompositeFieldContainer[ErasureObject]
    erased_before: bool
    def __init__(self, objects: _Optional[_Iterable[_Union[ErasureObject, _Mapping]]] = ..., erased_before: _Optional[bool] = ...) -> None: ...

class ErasureObject(_message.Message):
    __slots__ = ("name", "kind", "locked", "locked_until")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    LOCKED_FIELD_NUMBER: _ClassVar[int]
    LOCKED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: str
    locked: bool
    locked_until: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[str] = ..., locked: _Optional[bool] = ..., locked_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class EraseParticipantResponse(_message.Message):
    __slots__ = ("receipt",)
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    receipt: ErasureReceipt
    def __init__(self, receipt: _Optional[_Union[ErasureReceipt, _Mapping]] = ...) -> None: ...

class ErasureReceipt(_message.Message):
    __slots__ = ("study_id", "participant", "zone", "key_id", "destroyed_at", "objects_deleted", "objects_retained", "retained_until", "verified_unreadable", "objects_failed", "unopened_keys", "zone_key_replaced", "rotation_failed")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    DESTROYED_AT_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_DELETED_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_RETAINED_FIELD_NUMBER: _ClassVar[int]
    RETAINED_UNTIL_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_UNREADABLE_FIELD_NUMBER: _ClassVar[int]
    OBJECTS_FAILED_FIELD_NUMBER: _ClassVar[int]
    UNOPENED_KEYS_FIELD_NUMBER: _ClassVar[int]
    ZONE_KEY_REPLACED_FIELD_NUMBER: _ClassVar[int]
    ROTATION_FAILED_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    participant: str
    zone: str
    key_id: str
    destroyed_at: _timestamp_pb2.Timestamp
    objects_deleted: int
    objects_retained: int
    retained_until: _timestamp_pb2.Timestamp
    verified_unreadable: bool
    objects_failed: int
    unopened_keys: _containers.RepeatedScalarFieldContainer[str]
    zone_key_replaced: bool
    rotation_failed: str
    def __init__(self, study_id: _Optional[str] = ..., participant: _Optional[str] = ..., zone: _Optional[str] = ..., key_id: _Optional[str] = ..., destroyed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., objects_deleted: _Optional[int] = ..., objects_retained: _Optional[int] = ..., retained_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., verified_unreadable: _Optional[bool] = ..., objects_failed: _Optional[int] = ..., unopened_keys: _Optional[_Iterable[str]] = ..., zone_key_replaced: _Optional[bool] = ..., rotation_failed: _Optional[str] = ...) -> None: ...

class ScrubRequest(_message.Message):
    __slots__ = ("repair", "accept")
    REPAIR_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_FIELD_NUMBER: _ClassVar[int]
    repair: bool
    accept: bool
    def __init__(self, repair: _Optional[bool] = ..., accept: _Optional[bool] = ...) -> None: ...

class ScrubResponse(_message.Message):
    __slots__ = ("object", "finding", "action", "scanned")
    OBJECT_FIELD_NUMBER: _ClassVar[int]
    FINDING_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    SCANNED_FIELD_NUMBER: _ClassVar[int]
    object: str
    finding: str
    action: str
    scanned: int
    def __init__(self, object: _Optional[str] = ..., finding: _Optional[str] = ..., action: _Optional[str] = ..., scanned: _Optional[int] = ...) -> None: ...

class CheckZoneRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CheckZoneResponse(_message.Message):
    __slots__ = ("scanned", "findings")
    class FindingsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    SCANNED_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    scanned: int
    findings: _containers.ScalarMap[str, int]
    def __init__(self, scanned: _Optional[int] = ..., findings: _Optional[_Mapping[str, int]] = ...) -> None: ...

class RotateZoneKeyRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RotateZoneKeyResponse(_message.Message):
    __slots__ = ("key_id", "rewrapped", "unopened_keys", "zone_keys_kept")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    REWRAPPED_FIELD_NUMBER: _ClassVar[int]
    UNOPENED_KEYS_FIELD_NUMBER: _ClassVar[int]
    ZONE_KEYS_KEPT_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    rewrapped: int
    unopened_keys: _containers.RepeatedScalarFieldContainer[str]
    zone_keys_kept: int
    def __init__(self, key_id: _Optional[str] = ..., rewrapped: _Optional[int] = ..., unopened_keys: _Optional[_Iterable[str]] = ..., zone_keys_kept: _Optional[int] = ...) -> None: ...

class DescribeStoreRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribeStoreResponse(_message.Message):
    __slots__ = ("zone", "backend", "key_provider", "zone_key_id", "disk_free_bytes", "disk_total_bytes", "zone_key_made_at", "taken_bytes_per_day", "taken_days")
    ZONE_FIELD_NUMBER: _ClassVar[int]
    BACKEND_FIELD_NUMBER: _ClassVar[int]
    KEY_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    ZONE_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    DISK_FREE_BYTES_FIELD_NUMBER: _ClassVar[int]
    DISK_TOTAL_BYTES_FIELD_NUMBER: _ClassVar[int]
    ZONE_KEY_MADE_AT_FIELD_NUMBER: _ClassVar[int]
    TAKEN_BYTES_PER_DAY_FIELD_NUMBER: _ClassVar[int]
    TAKEN_DAYS_FIELD_NUMBER: _ClassVar[int]
    zone: str
    backend: str
    key_provider: str
    zone_key_id: str
    disk_free_bytes: int
    disk_total_bytes: int
    zone_key_made_at: _timestamp_pb2.Timestamp
    taken_bytes_per_day: int
    taken_days: int
    def __init__(self, zone: _Optional[str] = ..., backend: _Optional[str] = ..., key_provider: _Optional[str] = ..., zone_key_id: _Optional[str] = ..., disk_free_bytes: _Optional[int] = ..., disk_total_bytes: _Optional[int] = ..., zone_key_made_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., taken_bytes_per_day: _Optional[int] = ..., taken_days: _Optional[int] = ...) -> None: ...
