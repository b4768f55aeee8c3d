import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sotto.release.v1 import copy_pb2 as _copy_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Format(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FORMAT_UNSPECIFIED: _ClassVar[Format]
    FORMAT_TXT: _ClassVar[Format]
    FORMAT_DOCX: _ClassVar[Format]
    FORMAT_VTT: _ClassVar[Format]
    FORMAT_JSONL: _ClassVar[Format]

class Style(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STYLE_UNSPECIFIED: _ClassVar[Style]
    STYLE_VERBATIM: _ClassVar[Style]
    STYLE_READABLE: _ClassVar[Style]

class LeftOutReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LEFT_OUT_REASON_UNSPECIFIED: _ClassVar[LeftOutReason]
    LEFT_OUT_REASON_PENDING: _ClassVar[LeftOutReason]
    LEFT_OUT_REASON_REJECTED: _ClassVar[LeftOutReason]
    LEFT_OUT_REASON_SEALED: _ClassVar[LeftOutReason]
    LEFT_OUT_REASON_TRANSCRIBING: _ClassVar[LeftOutReason]
    LEFT_OUT_REASON_TRANSCRIBED: _ClassVar[LeftOutReason]
    LEFT_OUT_REASON_FAILED: _ClassVar[LeftOutReason]
    LEFT_OUT_REASON_QUALITY: _ClassVar[LeftOutReason]
FORMAT_UNSPECIFIED: Format
FORMAT_TXT: Format
FORMAT_DOCX: Format
FORMAT_VTT: Format
FORMAT_JSONL: Format
STYLE_UNSPECIFIED: Style
STYLE_VERBATIM: Style
STYLE_READABLE: Style
LEFT_OUT_REASON_UNSPECIFIED: LeftOutReason
LEFT_OUT_REASON_PENDING: LeftOutReason
LEFT_OUT_REASON_REJECTED: LeftOutReason
LEFT_OUT_REASON_SEALED: LeftOutReason
LEFT_OUT_REASON_TRANSCRIBING: LeftOutReason
LEFT_OUT_REASON_TRANSCRIBED: LeftOutReason
LEFT_OUT_REASON_FAILED: LeftOutReason
LEFT_OUT_REASON_QUALITY: LeftOutReason

class BuildReleaseRequest(_message.Message):
    __slots__ = ("study_id", "unfinished")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    UNFINISHED_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    unfinished: _containers.RepeatedCompositeFieldContainer[LeftOut]
    def __init__(self, study_id: _Optional[str] = ..., unfinished: _Optional[_Iterable[_Union[LeftOut, _Mapping]]] = ...) -> None: ...

class BuildReleaseResponse(_message.Message):
    __slots__ = ("release", "existed")
    RELEASE_FIELD_NUMBER: _ClassVar[int]
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    release: ReleaseSummary
    existed: bool
    def __init__(self, release: _Optional[_Union[ReleaseSummary, _Mapping]] = ..., existed: _Optional[bool] = ...) -> None: ...

class ReleaseSummary(_message.Message):
    __slots__ = ("study_id", "release_id", "time", "transcripts", "replacements", "withdrawn", "left_out", "invented", "held_back", "rejected_since", "removed_since", "standing_out", "smallest_k", "audio_files", "audio_muted_share")
    class ReplacementsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    RELEASE_ID_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    TRANSCRIPTS_FIELD_NUMBER: _ClassVar[int]
    REPLACEMENTS_FIELD_NUMBER: _ClassVar[int]
    WITHDRAWN_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    INVENTED_FIELD_NUMBER: _ClassVar[int]
    HELD_BACK_FIELD_NUMBER: _ClassVar[int]
    REJECTED_SINCE_FIELD_NUMBER: _ClassVar[int]
    REMOVED_SINCE_FIELD_NUMBER: _ClassVar[int]
    STANDING_OUT_FIELD_NUMBER: _ClassVar[int]
    SMALLEST_K_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FILES_FIELD_NUMBER: _ClassVar[int]
    AUDIO_MUTED_SHARE_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    release_id: str
    time: _timestamp_pb2.Timestamp
    transcripts: int
    replacements: _containers.ScalarMap[str, int]
    withdrawn: _containers.RepeatedScalarFieldContainer[str]
    left_out: _containers.RepeatedCompositeFieldContainer[LeftOut]
    invented: int
    held_back: _containers.RepeatedScalarFieldContainer[str]
    rejected_since: _containers.RepeatedScalarFieldContainer[str]
    removed_since: _containers.RepeatedScalarFieldContainer[str]
    standing_out: int
    smallest_k: float
    audio_files: int
    audio_muted_share: float
    def __init__(self, study_id: _Optional[str] = ..., release_id: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., transcripts: _Optional[int] = ..., replacements: _Optional[_Mapping[str, int]] = ..., withdrawn: _Optional[_Iterable[str]] = ..., left_out: _Optional[_Iterable[_Union[LeftOut, _Mapping]]] = ..., invented: _Optional[int] = ..., held_back: _Optional[_Iterable[str]] = ..., rejected_since: _Optional[_Iterable[str]] = ..., removed_since: _Optional[_Iterable[str]] = ..., standing_out: _Optional[int] = ..., smallest_k: _Optional[float] = ..., audio_files: _Optional[int] = ..., audio_muted_share: _Optional[float] = ...) -> None: ...

class LeftOut(_message.Message):
    __slots__ = ("recording_id", "participant", "session", "reason")
    RECORDING_ID_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    recording_id: str
    participant: str
    session: int
    reason: LeftOutReason
    def __init__(self, recording_id: _Optional[str] = ..., participant: _Optional[str] = ..., session: _Optional[int] = ..., reason: _Optional[_Union[LeftOutReason, str]] = ...) -> None: ...

class ListReleasesRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class ListReleasesResponse(_message.Message):
    __slots__ = ("releases",)
    RELEASES_FIELD_NUMBER: _ClassVar[int]
    releases: _containers.RepeatedCompositeFieldContainer[ReleaseSummary]
    def __init__(self, releases: _Optional[_Iterable[_Union[ReleaseSummary, _Mapping]]] = ...) -> None: ...

class ListStudiesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListStudiesResponse(_message.Message):
    __slots__ = ("study_ids",)
    STUDY_IDS_FIELD_NUMBER: _ClassVar[int]
    study_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, study_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class GetCertificateRequest(_message.Message):
    __slots__ = ("study_id", "release_id")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    RELEASE_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    release_id: str
    def __init__(self, study_id: _Optional[str] = ..., release_id: _Optional[str] = ...) -> None: ...

class GetCertificateResponse(_message.Message):
    __slots__ = ("certificate", "signature")
    CERTIFICATE_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    certificate: bytes
    signature: bytes
    def __init__(self, certificate: _Optional[bytes] = ..., signature: _Optional[bytes] = ...) -> None: ...

class ExportReleaseRequest(_message.Message):
    __slots__ = ("study_id", "release_id", "format", "style", "terms_sha256", "purpose", "purpose_text")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    RELEASE_ID_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    STYLE_FIELD_NUMBER: _ClassVar[int]
    TERMS_SHA256_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_TEXT_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    release_id: str
    format: Format
    style: Style
    terms_sha256: str
    purpose: _copy_pb2.Purpose
    purpose_text: str
    def __init__(self, study_id: _Optional[str] = ..., release_id: _Optional[str] = ..., format: _Optional[_Union[Format, str]] = ..., style: _Optional[_Union[Style, str]] = ..., terms_sha256: _Optional[str] = ..., purpose: _Optional[_Union[_copy_pb2.Purpose, str]] = ..., purpose_text: _Optional[str] = ...) -> None: ...

class ExportReleaseResponse(_message.Message):
    __slots__ = ("file_name", "chunk", "last")
    FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    file_name: str
    chunk: bytes
    last: bool
    def __init__(self, file_name: _Optional[str] = ..., chunk: _Optional[bytes] = ..., last: _Optional[bool] = ...) -> None: ...

class GetSigningKeyRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetSigningKeyResponse(_message.Message):
    __slots__ = ("public_key_pem", "fingerprint")
    PUBLIC_KEY_PEM_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    public_key_pem: str
    fingerprint: str
    def __init__(self, public_key_pem: _Optional[str] = ..., fingerprint: _Optional[str] = ...) -> None: ...
