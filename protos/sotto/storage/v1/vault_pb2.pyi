from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class VaultRef(_message.Message):
    __slots__ = ("study_id", "participant")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    participant: str
    def __init__(self, study_id: _Optional[str] = ..., participant: _Optional[str] = ...) -> None: ...

class GetVaultRequest(_message.Message):
    __slots__ = ("ref",)
    REF_FIELD_NUMBER: _ClassVar[int]
    ref: VaultRef
    def __init__(self, ref: _Optional[_Union[VaultRef, _Mapping]] = ...) -> None: ...

class GetVaultResponse(_message.Message):
    __slots__ = ("document", "generation")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    document: bytes
    generation: int
    def __init__(self, document: _Optional[bytes] = ..., generation: _Optional[int] = ...) -> None: ...

class PutVaultRequest(_message.Message):
    __slots__ = ("ref", "document", "base_generation")
    REF_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    BASE_GENERATION_FIELD_NUMBER: _ClassVar[int]
    ref: VaultRef
    document: bytes
    base_generation: int
    def __init__(self, ref: _Optional[_Union[VaultRef, _Mapping]] = ..., document: _Optional[bytes] = ..., base_generation: _Optional[int] = ...) -> None: ...

class PutVaultResponse(_message.Message):
    __slots__ = ("generation",)
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    generation: int
    def __init__(self, generation: _Optional[int] = ...) -> None: ...

class GetRosterRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class GetRosterResponse(_message.Message):
    __slots__ = ("document",)
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    document: bytes
    def __init__(self, document: _Optional[bytes] = ...) -> None: ...

class PutRosterRequest(_message.Message):
    __slots__ = ("study_id", "document", "dry_run", "add")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    ADD_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    document: bytes
    dry_run: bool
    add: bool
    def __init__(self, study_id: _Optional[str] = ..., document: _Optional[bytes] = ..., dry_run: _Optional[bool] = ..., add: _Optional[bool] = ...) -> None: ...

class PutRosterResponse(_message.Message):
    __slots__ = ("existed", "names_before")
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    NAMES_BEFORE_FIELD_NUMBER: _ClassVar[int]
    existed: bool
    names_before: int
    def __init__(self, existed: _Optional[bool] = ..., names_before: _Optional[int] = ...) -> None: ...
