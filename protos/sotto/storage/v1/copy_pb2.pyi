from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class PutCopyRecordRequest(_message.Message):
    __slots__ = ("study_id", "copy_id", "document", "generation")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    COPY_ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    copy_id: str
    document: bytes
    generation: int
    def __init__(self, study_id: _Optional[str] = ..., copy_id: _Optional[str] = ..., document: _Optional[bytes] = ..., generation: _Optional[int] = ...) -> None: ...

class PutCopyRecordResponse(_message.Message):
    __slots__ = ("generation",)
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    generation: int
    def __init__(self, generation: _Optional[int] = ...) -> None: ...

class ListCopyRecordsRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class ListCopyRecordsResponse(_message.Message):
    __slots__ = ("copy_id", "document", "generation")
    COPY_ID_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    copy_id: str
    document: bytes
    generation: int
    def __init__(self, copy_id: _Optional[str] = ..., document: _Optional[bytes] = ..., generation: _Optional[int] = ...) -> None: ...
