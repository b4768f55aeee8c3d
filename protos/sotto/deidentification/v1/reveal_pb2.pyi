from buf.validate import validate_pb2 as _validate_pb2
from sotto.storage.v1 import reveal_pb2 as _reveal_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RequestRevealRequest(_message.Message):
    __slots__ = ("study_id", "participant", "label", "reason", "recording_id")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RECORDING_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    participant: str
    label: str
    reason: _reveal_pb2.RevealReason
    recording_id: str
    def __init__(self, study_id: _Optional[str] = ..., participant: _Optional[str] = ..., label: _Optional[str] = ..., reason: _Optional[_Union[_reveal_pb2.RevealReason, str]] = ..., recording_id: _Optional[str] = ...) -> None: ...

class RequestRevealResponse(_message.Message):
    __slots__ = ("reveal", "existed")
    REVEAL_FIELD_NUMBER: _ClassVar[int]
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    reveal: _reveal_pb2.Reveal
    existed: bool
    def __init__(self, reveal: _Optional[_Union[_reveal_pb2.Reveal, _Mapping]] = ..., existed: _Optional[bool] = ...) -> None: ...

class ListRevealsRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class ListRevealsResponse(_message.Message):
    __slots__ = ("reveals",)
    REVEALS_FIELD_NUMBER: _ClassVar[int]
    reveals: _containers.RepeatedCompositeFieldContainer[_reveal_pb2.Reveal]
    def __init__(self, reveals: _Optional[_Iterable[_Union[_reveal_pb2.Reveal, _Mapping]]] = ...) -> None: ...

class DecideRevealRequest(_message.Message):
    __slots__ = ("study_id", "reveal_id", "decision", "hours", "times")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    REVEAL_ID_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    HOURS_FIELD_NUMBER: _ClassVar[int]
    TIMES_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    reveal_id: str
    decision: _reveal_pb2.RevealState
    hours: int
    times: int
    def __init__(self, study_id: _Optional[str] = ..., reveal_id: _Optional[str] = ..., decision: _Optional[_Union[_reveal_pb2.RevealState, str]] = ..., hours: _Optional[int] = ..., times: _Optional[int] = ...) -> None: ...

class DecideRevealResponse(_message.Message):
    __slots__ = ("reveal",)
    REVEAL_FIELD_NUMBER: _ClassVar[int]
    reveal: _reveal_pb2.Reveal
    def __init__(self, reveal: _Optional[_Union[_reveal_pb2.Reveal, _Mapping]] = ...) -> None: ...

class RevealPseudonymRequest(_message.Message):
    __slots__ = ("study_id", "reveal_id")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    REVEAL_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    reveal_id: str
    def __init__(self, study_id: _Optional[str] = ..., reveal_id: _Optional[str] = ...) -> None: ...

class RevealPseudonymResponse(_message.Message):
    __slots__ = ("reveal", "revealed")
    REVEAL_FIELD_NUMBER: _ClassVar[int]
    REVEALED_FIELD_NUMBER: _ClassVar[int]
    reveal: _reveal_pb2.Reveal
    revealed: _containers.RepeatedCompositeFieldContainer[Revealed]
    def __init__(self, reveal: _Optional[_Union[_reveal_pb2.Reveal, _Mapping]] = ..., revealed: _Optional[_Iterable[_Union[Revealed, _Mapping]]] = ...) -> None: ...

class Revealed(_message.Message):
    __slots__ = ("study_wide", "forms")
    STUDY_WIDE_FIELD_NUMBER: _ClassVar[int]
    FORMS_FIELD_NUMBER: _ClassVar[int]
    study_wide: bool
    forms: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, study_wide: _Optional[bool] = ..., forms: _Optional[_Iterable[str]] = ...) -> None: ...
