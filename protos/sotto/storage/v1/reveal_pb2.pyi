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

class RevealReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVEAL_REASON_UNSPECIFIED: _ClassVar[RevealReason]
    REVEAL_REASON_INCIDENTAL_FINDING: _ClassVar[RevealReason]
    REVEAL_REASON_SAFETY_REPORT: _ClassVar[RevealReason]
    REVEAL_REASON_DATA_CORRECTION: _ClassVar[RevealReason]
    REVEAL_REASON_PERSON_ASKS: _ClassVar[RevealReason]
    REVEAL_REASON_LEGAL_DUTY: _ClassVar[RevealReason]

class RevealState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVEAL_STATE_UNSPECIFIED: _ClassVar[RevealState]
    REVEAL_STATE_PENDING: _ClassVar[RevealState]
    REVEAL_STATE_GRANTED: _ClassVar[RevealState]
    REVEAL_STATE_REFUSED: _ClassVar[RevealState]
REVEAL_REASON_UNSPECIFIED: RevealReason
REVEAL_REASON_INCIDENTAL_FINDING: RevealReason
REVEAL_REASON_SAFETY_REPORT: RevealReason
REVEAL_REASON_DATA_CORRECTION: RevealReason
REVEAL_REASON_PERSON_ASKS: RevealReason
REVEAL_REASON_LEGAL_DUTY: RevealReason
REVEAL_STATE_UNSPECIFIED: RevealState
REVEAL_STATE_PENDING: RevealState
REVEAL_STATE_GRANTED: RevealState
REVEAL_STATE_REFUSED: RevealState

class Reveal(_message.Message):
    __slots__ = ("study_id", "participant", "reveal_id", "label", "recording_id", "reason", "requested_by", "requested_at", "state", "decided_by", "decided_at", "expires_at", "most_times", "shown_at")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    REVEAL_ID_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    RECORDING_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_AT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_FIELD_NUMBER: _ClassVar[int]
    DECIDED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    MOST_TIMES_FIELD_NUMBER: _ClassVar[int]
    SHOWN_AT_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    participant: str
    reveal_id: str
    label: str
    recording_id: str
    reason: RevealReason
    requested_by: str
    requested_at: _timestamp_pb2.Timestamp
    state: RevealState
    decided_by: str
    decided_at: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    most_times: int
    shown_at: _containers.RepeatedCompositeFieldContainer[_timestamp_pb2.Timestamp]
    def __init__(self, study_id: _Optional[str] = ..., participant: _Optional[str] = ..., reveal_id: _Optional[str] = ..., label: _Optional[str] = ..., recording_id: _Optional[str] = ..., reason: _Optional[_Union[RevealReason, str]] = ..., requested_by: _Optional[str] = ..., requested_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state: _Optional[_Union[RevealState, str]] = ..., decided_by: _Optional[str] = ..., decided_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., most_times: _Optional[int] = ..., shown_at: _Optional[_Iterable[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]]] = ...) -> None: ...

class PutRevealRequest(_message.Message):
    __slots__ = ("reveal", "generation")
    REVEAL_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    reveal: Reveal
    generation: int
    def __init__(self, reveal: _Optional[_Union[Reveal, _Mapping]] = ..., generation: _Optional[int] = ...) -> None: ...

class PutRevealResponse(_message.Message):
    __slots__ = ("generation",)
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    generation: int
    def __init__(self, generation: _Optional[int] = ...) -> None: ...

class ListRevealsRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class StoredReveal(_message.Message):
    __slots__ = ("reveal", "generation")
    REVEAL_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    reveal: Reveal
    generation: int
    def __init__(self, reveal: _Optional[_Union[Reveal, _Mapping]] = ..., generation: _Optional[int] = ...) -> None: ...

class ListRevealsResponse(_message.Message):
    __slots__ = ("reveals",)
    REVEALS_FIELD_NUMBER: _ClassVar[int]
    reveals: _containers.RepeatedCompositeFieldContainer[StoredReveal]
    def __init__(self, reveals: _Optional[_Iterable[_Union[StoredReveal, _Mapping]]] = ...) -> None: ...
