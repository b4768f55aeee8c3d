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

class ReviewMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVIEW_MODE_UNSPECIFIED: _ClassVar[ReviewMode]
    REVIEW_MODE_REQUIRED: _ClassVar[ReviewMode]
    REVIEW_MODE_AUTOMATIC: _ClassVar[ReviewMode]

class Notation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOTATION_UNSPECIFIED: _ClassVar[Notation]
    NOTATION_PLAIN: _ClassVar[Notation]
    NOTATION_JEFFERSON: _ClassVar[Notation]

class MemberRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MEMBER_ROLE_UNSPECIFIED: _ClassVar[MemberRole]
    MEMBER_ROLE_REVIEWER: _ClassVar[MemberRole]
    MEMBER_ROLE_RESEARCHER: _ClassVar[MemberRole]

class AudioMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUDIO_MODE_UNSPECIFIED: _ClassVar[AudioMode]
    AUDIO_MODE_BLEEPED: _ClassVar[AudioMode]
    AUDIO_MODE_MUTED: _ClassVar[AudioMode]
REVIEW_MODE_UNSPECIFIED: ReviewMode
REVIEW_MODE_REQUIRED: ReviewMode
REVIEW_MODE_AUTOMATIC: ReviewMode
NOTATION_UNSPECIFIED: Notation
NOTATION_PLAIN: Notation
NOTATION_JEFFERSON: Notation
MEMBER_ROLE_UNSPECIFIED: MemberRole
MEMBER_ROLE_REVIEWER: MemberRole
MEMBER_ROLE_RESEARCHER: MemberRole
AUDIO_MODE_UNSPECIFIED: AudioMode
AUDIO_MODE_BLEEPED: AudioMode
AUDIO_MODE_MUTED: AudioMode

class Member(_message.Message):
    __slots__ = ("person", "roles")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    person: str
    roles: _containers.RepeatedScalarFieldContainer[MemberRole]
    def __init__(self, person: _Optional[str] = ..., roles: _Optional[_Iterable[_Union[MemberRole, str]]] = ...) -> None: ...

class QualityGate(_message.Message):
    __slots__ = ("bound", "sample", "alpha", "second_reader", "planted", "detection", "agreement", "other_signer")
    BOUND_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_FIELD_NUMBER: _ClassVar[int]
    ALPHA_FIELD_NUMBER: _ClassVar[int]
    SECOND_READER_FIELD_NUMBER: _ClassVar[int]
    PLANTED_FIELD_NUMBER: _ClassVar[int]
    DETECTION_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    OTHER_SIGNER_FIELD_NUMBER: _ClassVar[int]
    bound: float
    sample: int
    alpha: float
    second_reader: float
    planted: int
    detection: float
    agreement: float
    other_signer: bool
    def __init__(self, bound: _Optional[float] = ..., sample: _Optional[int] = ..., alpha: _Optional[float] = ..., second_reader: _Optional[float] = ..., planted: _Optional[int] = ..., detection: _Optional[float] = ..., agreement: _Optional[float] = ..., other_signer: _Optional[bool] = ...) -> None: ...

class Study(_message.Message):
    __slots__ = ("id", "title", "languages", "policy", "policy_document", "review", "participants", "keep_recordings_days", "roster_hotwords", "members", "policy_changed_by", "retention_shortened_at", "speakers", "notation", "audio", "disguise_voices", "mark_doubtful_words", "quality", "release_terms", "copies_until")
    ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    POLICY_DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANTS_FIELD_NUMBER: _ClassVar[int]
    KEEP_RECORDINGS_DAYS_FIELD_NUMBER: _ClassVar[int]
    ROSTER_HOTWORDS_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    POLICY_CHANGED_BY_FIELD_NUMBER: _ClassVar[int]
    RETENTION_SHORTENED_AT_FIELD_NUMBER: _ClassVar[int]
    SPEAKERS_FIELD_NUMBER: _ClassVar[int]
    NOTATION_FIELD_NUMBER: _ClassVar[int]
    AUDIO_FIELD_NUMBER: _ClassVar[int]
    DISGUISE_VOICES_FIELD_NUMBER: _ClassVar[int]
    MARK_DOUBTFUL_WORDS_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    RELEASE_TERMS_FIELD_NUMBER: _ClassVar[int]
    COPIES_UNTIL_FIELD_NUMBER: _ClassVar[int]
    id: str
    title: str
    languages: _containers.RepeatedScalarFieldContainer[str]
    policy: str
    policy_document: str
    review: ReviewMode
    participants: _containers.RepeatedScalarFieldContainer[str]
    keep_recordings_days: int
    roster_hotwords: bool
    members: _containers.RepeatedCompositeFieldContainer[Member]
    policy_changed_by: _containers.RepeatedScalarFieldContainer[str]
    retention_shortened_at: _timestamp_pb2.Timestamp
    speakers: int
    notation: Notation
    audio: AudioMode
    disguise_voices: bool
    mark_doubtful_words: bool
    quality: QualityGate
    release_terms: str
    copies_until: str
    def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., languages: _Optional[_Iterable[str]] = ..., policy: _Optional[str] = ..., policy_document: _Optional[str] = ..., review: _Optional[_Union[ReviewMode, str]] = ..., participants: _Optional[_Iterable[str]] = ..., keep_recordings_days: _Optional[int] = ..., roster_hotwords: _Optional[bool] = ..., members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., policy_changed_by: _Optional[_Iterable[str]] = ..., retention_shortened_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., speakers: _Optional[int] = ..., notation: _Optional[_Union[Notation, str]] = ..., audio: _Optional[_Union[AudioMode, str]] = ..., disguise_voices: _Optional[bool] = ..., mark_doubtful_words: _Optional[bool] = ..., quality: _Optional[_Union[QualityGate, _Mapping]] = ..., release_terms: _Optional[str] = ..., copies_until: _Optional[str] = ...) -> None: ...
