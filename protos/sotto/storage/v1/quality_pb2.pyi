from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class PutQualityRoundRequest(_message.Message):
    __slots__ = ("study_id", "round", "document", "generation")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    round: int
    document: bytes
    generation: int
    def __init__(self, study_id: _Optional[str] = ..., round: _Optional[int] = ..., document: _Optional[bytes] = ..., generation: _Optional[int] = ...) -> None: ...

class PutQualityRoundResponse(_message.Message):
    __slots__ = ("generation",)
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    generation: int
    def __init__(self, generation: _Optional[int] = ...) -> None: ...

class ListQualityRoundsRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class ListQualityRoundsResponse(_message.Message):
    __slots__ = ("round", "document", "generation")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    round: int
    document: bytes
    generation: int
    def __init__(self, round: _Optional[int] = ..., document: _Optional[bytes] = ..., generation: _Optional[int] = ...) -> None: ...
