from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class VerifyLogRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class VerifyLogResponse(_message.Message):
    __slots__ = ("whole", "entries", "faults")
    WHOLE_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    whole: bool
    entries: int
    faults: int
    def __init__(self, whole: _Optional[bool] = ..., entries: _Optional[int] = ..., faults: _Optional[int] = ...) -> None: ...

class WriteEvidenceReportRequest(_message.Message):
    __slots__ = ("month",)
    MONTH_FIELD_NUMBER: _ClassVar[int]
    month: str
    def __init__(self, month: _Optional[str] = ...) -> None: ...

class WriteEvidenceReportResponse(_message.Message):
    __slots__ = ("month", "entries", "whole")
    MONTH_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    WHOLE_FIELD_NUMBER: _ClassVar[int]
    month: str
    entries: int
    whole: bool
    def __init__(self, month: _Optional[str] = ..., entries: _Optional[int] = ..., whole: _Optional[bool] = ...) -> None: ...
