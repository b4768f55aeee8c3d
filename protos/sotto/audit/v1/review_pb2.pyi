import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Finding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FINDING_UNSPECIFIED: _ClassVar[Finding]
    FINDING_NOTHING_TO_REPORT: _ClassVar[Finding]
    FINDING_QUESTION_RAISED: _ClassVar[Finding]
    FINDING_ACCESS_UNEXPLAINED: _ClassVar[Finding]
    FINDING_BREACH_SUSPECTED: _ClassVar[Finding]
    FINDING_LOG_NOT_WHOLE: _ClassVar[Finding]

class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERDICT_UNSPECIFIED: _ClassVar[Verdict]
    VERDICT_WHOLE: _ClassVar[Verdict]
    VERDICT_NOT_WHOLE: _ClassVar[Verdict]
FINDING_UNSPECIFIED: Finding
FINDING_NOTHING_TO_REPORT: Finding
FINDING_QUESTION_RAISED: Finding
FINDING_ACCESS_UNEXPLAINED: Finding
FINDING_BREACH_SUSPECTED: Finding
FINDING_LOG_NOT_WHOLE: Finding
VERDICT_UNSPECIFIED: Verdict
VERDICT_WHOLE: Verdict
VERDICT_NOT_WHOLE: Verdict

class RecordReviewRequest(_message.Message):
    __slots__ = ("since", "until", "finding", "size", "root", "verdict")
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    FINDING_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    since: _timestamp_pb2.Timestamp
    until: _timestamp_pb2.Timestamp
    finding: Finding
    size: int
    root: bytes
    verdict: Verdict
    def __init__(self, since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finding: _Optional[_Union[Finding, str]] = ..., size: _Optional[int] = ..., root: _Optional[bytes] = ..., verdict: _Optional[_Union[Verdict, str]] = ...) -> None: ...

class RecordReviewResponse(_message.Message):
    __slots__ = ("index",)
    INDEX_FIELD_NUMBER: _ClassVar[int]
    index: int
    def __init__(self, index: _Optional[int] = ...) -> None: ...

class RecordVerificationRequest(_message.Message):
    __slots__ = ("size", "root", "findings")
    SIZE_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    size: int
    root: bytes
    findings: int
    def __init__(self, size: _Optional[int] = ..., root: _Optional[bytes] = ..., findings: _Optional[int] = ...) -> None: ...

class RecordVerificationResponse(_message.Message):
    __slots__ = ("index",)
    INDEX_FIELD_NUMBER: _ClassVar[int]
    index: int
    def __init__(self, index: _Optional[int] = ...) -> None: ...
