import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Purpose(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PURPOSE_UNSPECIFIED: _ClassVar[Purpose]
    PURPOSE_ANALYSIS: _ClassVar[Purpose]
    PURPOSE_REANALYSIS: _ClassVar[Purpose]
    PURPOSE_CHECKING: _ClassVar[Purpose]
    PURPOSE_TEACHING: _ClassVar[Purpose]
    PURPOSE_ARCHIVE: _ClassVar[Purpose]
    PURPOSE_OTHER: _ClassVar[Purpose]

class NoticeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOTICE_KIND_UNSPECIFIED: _ClassVar[NoticeKind]
    NOTICE_KIND_WITHDRAWN: _ClassVar[NoticeKind]
    NOTICE_KIND_REJECTED: _ClassVar[NoticeKind]
    NOTICE_KIND_REMOVED: _ClassVar[NoticeKind]
    NOTICE_KIND_ENDED: _ClassVar[NoticeKind]
    NOTICE_KIND_NEWER: _ClassVar[NoticeKind]
PURPOSE_UNSPECIFIED: Purpose
PURPOSE_ANALYSIS: Purpose
PURPOSE_REANALYSIS: Purpose
PURPOSE_CHECKING: Purpose
PURPOSE_TEACHING: Purpose
PURPOSE_ARCHIVE: Purpose
PURPOSE_OTHER: Purpose
NOTICE_KIND_UNSPECIFIED: NoticeKind
NOTICE_KIND_WITHDRAWN: NoticeKind
NOTICE_KIND_REJECTED: NoticeKind
NOTICE_KIND_REMOVED: NoticeKind
NOTICE_KIND_ENDED: NoticeKind
NOTICE_KIND_NEWER: NoticeKind

class GetTermsRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class Terms(_message.Message):
    __slots__ = ("text", "sha256", "is_default", "copies_until")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    IS_DEFAULT_FIELD_NUMBER: _ClassVar[int]
    COPIES_UNTIL_FIELD_NUMBER: _ClassVar[int]
    text: str
    sha256: str
    is_default: bool
    copies_until: str
    def __init__(self, text: _Optional[str] = ..., sha256: _Optional[str] = ..., is_default: _Optional[bool] = ..., copies_until: _Optional[str] = ...) -> None: ...

class GetTermsResponse(_message.Message):
    __slots__ = ("terms",)
    TERMS_FIELD_NUMBER: _ClassVar[int]
    terms: Terms
    def __init__(self, terms: _Optional[_Union[Terms, _Mapping]] = ...) -> None: ...

class Notice(_message.Message):
    __slots__ = ("kind", "subject", "seen_at")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    SEEN_AT_FIELD_NUMBER: _ClassVar[int]
    kind: NoticeKind
    subject: str
    seen_at: _timestamp_pb2.Timestamp
    def __init__(self, kind: _Optional[_Union[NoticeKind, str]] = ..., subject: _Optional[str] = ..., seen_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class HeldCopy(_message.Message):
    __slots__ = ("study_id", "copy_id", "release_id", "person", "form", "purpose", "purpose_text", "terms_sha256", "taken_at", "notices", "destroyed_at")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    COPY_ID_FIELD_NUMBER: _ClassVar[int]
    RELEASE_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_TEXT_FIELD_NUMBER: _ClassVar[int]
    TERMS_SHA256_FIELD_NUMBER: _ClassVar[int]
    TAKEN_AT_FIELD_NUMBER: _ClassVar[int]
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    DESTROYED_AT_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    copy_id: str
    release_id: str
    person: str
    form: str
    purpose: Purpose
    purpose_text: str
    terms_sha256: str
    taken_at: _timestamp_pb2.Timestamp
    notices: _containers.RepeatedCompositeFieldContainer[Notice]
    destroyed_at: _timestamp_pb2.Timestamp
    def __init__(self, study_id: _Optional[str] = ..., copy_id: _Optional[str] = ..., release_id: _Optional[str] = ..., person: _Optional[str] = ..., form: _Optional[str] = ..., purpose: _Optional[_Union[Purpose, str]] = ..., purpose_text: _Optional[str] = ..., terms_sha256: _Optional[str] = ..., taken_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., notices: _Optional[_Iterable[_Union[Notice, _Mapping]]] = ..., destroyed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListCopiesRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class ListCopiesResponse(_message.Message):
    __slots__ = ("copies",)
    COPIES_FIELD_NUMBER: _ClassVar[int]
    copies: _containers.RepeatedCompositeFieldContainer[HeldCopy]
    def __init__(self, copies: _Optional[_Iterable[_Union[HeldCopy, _Mapping]]] = ...) -> None: ...

class AcknowledgeNoticesRequest(_message.Message):
    __slots__ = ("study_id", "copy_id", "notices")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    COPY_ID_FIELD_NUMBER: _ClassVar[int]
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    copy_id: str
    notices: _containers.RepeatedCompositeFieldContainer[Notice]
    def __init__(self, study_id: _Optional[str] = ..., copy_id: _Optional[str] = ..., notices: _Optional[_Iterable[_Union[Notice, _Mapping]]] = ...) -> None: ...

class AcknowledgeNoticesResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DeclareDestroyedRequest(_message.Message):
    __slots__ = ("study_id", "copy_id")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    COPY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    copy_id: str
    def __init__(self, study_id: _Optional[str] = ..., copy_id: _Optional[str] = ...) -> None: ...

class DeclareDestroyedResponse(_message.Message):
    __slots__ = ("existed",)
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    existed: bool
    def __init__(self, existed: _Optional[bool] = ...) -> None: ...

class ListHeldCopiesRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class ListHeldCopiesResponse(_message.Message):
    __slots__ = ("copies", "terms")
    COPIES_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    copies: _containers.RepeatedCompositeFieldContainer[HeldCopy]
    terms: _containers.RepeatedCompositeFieldContainer[Terms]
    def __init__(self, copies: _Optional[_Iterable[_Union[HeldCopy, _Mapping]]] = ..., terms: _Optional[_Iterable[_Union[Terms, _Mapping]]] = ...) -> None: ...

class GetLegendRequest(_message.Message):
    __slots__ = ("study_id", "release_id")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    RELEASE_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    release_id: str
    def __init__(self, study_id: _Optional[str] = ..., release_id: _Optional[str] = ...) -> None: ...

class GetLegendResponse(_message.Message):
    __slots__ = ("legend",)
    LEGEND_FIELD_NUMBER: _ClassVar[int]
    legend: bytes
    def __init__(self, legend: _Optional[bytes] = ...) -> None: ...
