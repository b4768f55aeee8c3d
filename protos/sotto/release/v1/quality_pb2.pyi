import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sotto.study.v1 import study_pb2 as _study_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RoundState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROUND_STATE_UNSPECIFIED: _ClassVar[RoundState]
    ROUND_STATE_READING: _ClassVar[RoundState]
    ROUND_STATE_ADJUDICATION: _ClassVar[RoundState]
    ROUND_STATE_MISSED: _ClassVar[RoundState]
    ROUND_STATE_FAILED: _ClassVar[RoundState]
    ROUND_STATE_READY: _ClassVar[RoundState]
    ROUND_STATE_PASSED: _ClassVar[RoundState]
    ROUND_STATE_OVERTAKEN: _ClassVar[RoundState]

class Shortfall(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SHORTFALL_UNSPECIFIED: _ClassVar[Shortfall]
    SHORTFALL_BOUND: _ClassVar[Shortfall]
    SHORTFALL_SECOND_READER: _ClassVar[Shortfall]
    SHORTFALL_DETECTION: _ClassVar[Shortfall]
    SHORTFALL_AGREEMENT: _ClassVar[Shortfall]
    SHORTFALL_SIGNER: _ClassVar[Shortfall]
ROUND_STATE_UNSPECIFIED: RoundState
ROUND_STATE_READING: RoundState
ROUND_STATE_ADJUDICATION: RoundState
ROUND_STATE_MISSED: RoundState
ROUND_STATE_FAILED: RoundState
ROUND_STATE_READY: RoundState
ROUND_STATE_PASSED: RoundState
ROUND_STATE_OVERTAKEN: RoundState
SHORTFALL_UNSPECIFIED: Shortfall
SHORTFALL_BOUND: Shortfall
SHORTFALL_SECOND_READER: Shortfall
SHORTFALL_DETECTION: Shortfall
SHORTFALL_AGREEMENT: Shortfall
SHORTFALL_SIGNER: Shortfall

class TypeAgreement(_message.Message):
    __slots__ = ("marks", "exact", "overlap", "by_character")
    MARKS_FIELD_NUMBER: _ClassVar[int]
    EXACT_FIELD_NUMBER: _ClassVar[int]
    OVERLAP_FIELD_NUMBER: _ClassVar[int]
    BY_CHARACTER_FIELD_NUMBER: _ClassVar[int]
    marks: int
    exact: float
    overlap: float
    by_character: float
    def __init__(self, marks: _Optional[int] = ..., exact: _Optional[float] = ..., overlap: _Optional[float] = ..., by_character: _Optional[float] = ...) -> None: ...

class ReaderPace(_message.Message):
    __slots__ = ("reader", "read", "fast")
    READER_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    FAST_FIELD_NUMBER: _ClassVar[int]
    reader: str
    read: int
    fast: int
    def __init__(self, reader: _Optional[str] = ..., read: _Optional[int] = ..., fast: _Optional[int] = ...) -> None: ...

class QualityRound(_message.Message):
    __slots__ = ("round", "state", "generation", "opened_by", "opened_at", "gate", "recording_ids", "segments", "census", "sampled", "first_left", "second_left", "disputed", "misses", "most", "bound", "rest_bound", "planted", "found", "detection_at_least", "second_read", "agreement", "found_by_both", "found_by_first", "found_by_second", "missed_by_both", "shortfalls", "frame_sha256", "seed", "searched", "readers", "signed_by", "signed_at", "missed_by_both_deviation", "missed_by_both_most", "paces")
    class AgreementEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: TypeAgreement
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[TypeAgreement, _Mapping]] = ...) -> None: ...
    ROUND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    OPENED_BY_FIELD_NUMBER: _ClassVar[int]
    OPENED_AT_FIELD_NUMBER: _ClassVar[int]
    GATE_FIELD_NUMBER: _ClassVar[int]
    RECORDING_IDS_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    CENSUS_FIELD_NUMBER: _ClassVar[int]
    SAMPLED_FIELD_NUMBER: _ClassVar[int]
    FIRST_LEFT_FIELD_NUMBER: _ClassVar[int]
    SECOND_LEFT_FIELD_NUMBER: _ClassVar[int]
    DISPUTED_FIELD_NUMBER: _ClassVar[int]
    MISSES_FIELD_NUMBER: _ClassVar[int]
    MOST_FIELD_NUMBER: _ClassVar[int]
    BOUND_FIELD_NUMBER: _ClassVar[int]
    REST_BOUND_FIELD_NUMBER: _ClassVar[int]
    PLANTED_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    DETECTION_AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    SECOND_READ_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    FOUND_BY_BOTH_FIELD_NUMBER: _ClassVar[int]
    FOUND_BY_FIRST_FIELD_NUMBER: _ClassVar[int]
    FOUND_BY_SECOND_FIELD_NUMBER: _ClassVar[int]
    MISSED_BY_BOTH_FIELD_NUMBER: _ClassVar[int]
    SHORTFALLS_FIELD_NUMBER: _ClassVar[int]
    FRAME_SHA256_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    SEARCHED_FIELD_NUMBER: _ClassVar[int]
    READERS_FIELD_NUMBER: _ClassVar[int]
    SIGNED_BY_FIELD_NUMBER: _ClassVar[int]
    SIGNED_AT_FIELD_NUMBER: _ClassVar[int]
    MISSED_BY_BOTH_DEVIATION_FIELD_NUMBER: _ClassVar[int]
    MISSED_BY_BOTH_MOST_FIELD_NUMBER: _ClassVar[int]
    PACES_FIELD_NUMBER: _ClassVar[int]
    round: int
    state: RoundState
    generation: int
    opened_by: str
    opened_at: _timestamp_pb2.Timestamp
    gate: _study_pb2.QualityGate
    recording_ids: _containers.RepeatedScalarFieldContainer[str]
    segments: int
    census: int
    sampled: int
    first_left: int
    second_left: int
    disputed: int
    misses: int
    most: int
    bound: float
    rest_bound: float
    planted: int
    found: int
    detection_at_least: float
    second_read: int
    agreement: _containers.MessageMap[str, TypeAgreement]
    found_by_both: int
    found_by_first: int
    found_by_second: int
    missed_by_both: float
    shortfalls: _containers.RepeatedScalarFieldContainer[Shortfall]
    frame_sha256: str
    seed: str
    searched: bool
    readers: _containers.RepeatedScalarFieldContainer[str]
    signed_by: str
    signed_at: _timestamp_pb2.Timestamp
    missed_by_both_deviation: float
    missed_by_both_most: int
    paces: _containers.RepeatedCompositeFieldContainer[ReaderPace]
    def __init__(self, round: _Optional[int] = ..., state: _Optional[_Union[RoundState, str]] = ..., generation: _Optional[int] = ..., opened_by: _Optional[str] = ..., opened_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., gate: _Optional[_Union[_study_pb2.QualityGate, _Mapping]] = ..., recording_ids: _Optional[_Iterable[str]] = ..., segments: _Optional[int] = ..., census: _Optional[int] = ..., sampled: _Optional[int] = ..., first_left: _Optional[int] = ..., second_left: _Optional[int] = ..., disputed: _Optional[int] = ..., misses: _Optional[int] = ..., most: _Optional[int] = ..., bound: _Optional[float] = ..., rest_bound: _Optional[float] = ..., planted: _Optional[int] = ..., found: _Optional[int] = ..., detection_at_least: _Optional[float] = ..., second_read: _Optional[int] = ..., agreement: _Optional[_Mapping[str, TypeAgreement]] = ..., found_by_both: _Optional[int] = ..., found_by_first: _Optional[int] = ..., found_by_second: _Optional[int] = ..., missed_by_both: _Optional[float] = ..., shortfalls: _Optional[_Iterable[_Union[Shortfall, str]]] = ..., frame_sha256: _Optional[str] = ..., seed: _Optional[str] = ..., searched: _Optional[bool] = ..., readers: _Optional[_Iterable[str]] = ..., signed_by: _Optional[str] = ..., signed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., missed_by_both_deviation: _Optional[float] = ..., missed_by_both_most: _Optional[int] = ..., paces: _Optional[_Iterable[_Union[ReaderPace, _Mapping]]] = ...) -> None: ...

class ListRoundsRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class ListRoundsResponse(_message.Message):
    __slots__ = ("gate", "rounds", "waiting")
    GATE_FIELD_NUMBER: _ClassVar[int]
    ROUNDS_FIELD_NUMBER: _ClassVar[int]
    WAITING_FIELD_NUMBER: _ClassVar[int]
    gate: _study_pb2.QualityGate
    rounds: _containers.RepeatedCompositeFieldContainer[QualityRound]
    waiting: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, gate: _Optional[_Union[_study_pb2.QualityGate, _Mapping]] = ..., rounds: _Optional[_Iterable[_Union[QualityRound, _Mapping]]] = ..., waiting: _Optional[_Iterable[str]] = ...) -> None: ...

class OpenRoundRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class OpenRoundResponse(_message.Message):
    __slots__ = ("round",)
    ROUND_FIELD_NUMBER: _ClassVar[int]
    round: QualityRound
    def __init__(self, round: _Optional[_Union[QualityRound, _Mapping]] = ...) -> None: ...

class PassageLine(_message.Message):
    __slots__ = ("role", "text")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    role: str
    text: str
    def __init__(self, role: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class PassageMark(_message.Message):
    __slots__ = ("start", "end", "entity_type")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    ENTITY_TYPE_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    entity_type: str
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ..., entity_type: _Optional[str] = ...) -> None: ...

class PassageReading(_message.Message):
    __slots__ = ("marks",)
    MARKS_FIELD_NUMBER: _ClassVar[int]
    marks: _containers.RepeatedCompositeFieldContainer[PassageMark]
    def __init__(self, marks: _Optional[_Iterable[_Union[PassageMark, _Mapping]]] = ...) -> None: ...

class Passage(_message.Message):
    __slots__ = ("number", "role", "text", "language", "replaced", "before", "after", "readings")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    REPLACED_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    READINGS_FIELD_NUMBER: _ClassVar[int]
    number: int
    role: str
    text: str
    language: str
    replaced: _containers.RepeatedCompositeFieldContainer[PassageMark]
    before: _containers.RepeatedCompositeFieldContainer[PassageLine]
    after: _containers.RepeatedCompositeFieldContainer[PassageLine]
    readings: _containers.RepeatedCompositeFieldContainer[PassageReading]
    def __init__(self, number: _Optional[int] = ..., role: _Optional[str] = ..., text: _Optional[str] = ..., language: _Optional[str] = ..., replaced: _Optional[_Iterable[_Union[PassageMark, _Mapping]]] = ..., before: _Optional[_Iterable[_Union[PassageLine, _Mapping]]] = ..., after: _Optional[_Iterable[_Union[PassageLine, _Mapping]]] = ..., readings: _Optional[_Iterable[_Union[PassageReading, _Mapping]]] = ...) -> None: ...

class ReadPassagesRequest(_message.Message):
    __slots__ = ("study_id", "round", "count")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    round: int
    count: int
    def __init__(self, study_id: _Optional[str] = ..., round: _Optional[int] = ..., count: _Optional[int] = ...) -> None: ...

class ReadPassagesResponse(_message.Message):
    __slots__ = ("passages", "left")
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    passages: _containers.RepeatedCompositeFieldContainer[Passage]
    left: int
    def __init__(self, passages: _Optional[_Iterable[_Union[Passage, _Mapping]]] = ..., left: _Optional[int] = ...) -> None: ...

class PassageFinding(_message.Message):
    __slots__ = ("number", "marks")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    MARKS_FIELD_NUMBER: _ClassVar[int]
    number: int
    marks: _containers.RepeatedCompositeFieldContainer[PassageMark]
    def __init__(self, number: _Optional[int] = ..., marks: _Optional[_Iterable[_Union[PassageMark, _Mapping]]] = ...) -> None: ...

class RecordReadingsRequest(_message.Message):
    __slots__ = ("study_id", "round", "findings")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    round: int
    findings: _containers.RepeatedCompositeFieldContainer[PassageFinding]
    def __init__(self, study_id: _Optional[str] = ..., round: _Optional[int] = ..., findings: _Optional[_Iterable[_Union[PassageFinding, _Mapping]]] = ...) -> None: ...

class RecordReadingsResponse(_message.Message):
    __slots__ = ("round",)
    ROUND_FIELD_NUMBER: _ClassVar[int]
    round: QualityRound
    def __init__(self, round: _Optional[_Union[QualityRound, _Mapping]] = ...) -> None: ...

class ListDisagreementsRequest(_message.Message):
    __slots__ = ("study_id", "round")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    round: int
    def __init__(self, study_id: _Optional[str] = ..., round: _Optional[int] = ...) -> None: ...

class ListDisagreementsResponse(_message.Message):
    __slots__ = ("passages",)
    PASSAGES_FIELD_NUMBER: _ClassVar[int]
    passages: _containers.RepeatedCompositeFieldContainer[Passage]
    def __init__(self, passages: _Optional[_Iterable[_Union[Passage, _Mapping]]] = ...) -> None: ...

class RuleOnPassageRequest(_message.Message):
    __slots__ = ("study_id", "round", "finding")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    FINDING_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    round: int
    finding: PassageFinding
    def __init__(self, study_id: _Optional[str] = ..., round: _Optional[int] = ..., finding: _Optional[_Union[PassageFinding, _Mapping]] = ...) -> None: ...

class RuleOnPassageResponse(_message.Message):
    __slots__ = ("round",)
    ROUND_FIELD_NUMBER: _ClassVar[int]
    round: QualityRound
    def __init__(self, round: _Optional[_Union[QualityRound, _Mapping]] = ...) -> None: ...

class SearchMissesRequest(_message.Message):
    __slots__ = ("study_id", "round")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    round: int
    def __init__(self, study_id: _Optional[str] = ..., round: _Optional[int] = ...) -> None: ...

class SearchMissesResponse(_message.Message):
    __slots__ = ("round", "replaced")
    ROUND_FIELD_NUMBER: _ClassVar[int]
    REPLACED_FIELD_NUMBER: _ClassVar[int]
    round: QualityRound
    replaced: int
    def __init__(self, round: _Optional[_Union[QualityRound, _Mapping]] = ..., replaced: _Optional[int] = ...) -> None: ...

class SignRoundRequest(_message.Message):
    __slots__ = ("study_id", "round", "generation")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    ROUND_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    round: int
    generation: int
    def __init__(self, study_id: _Optional[str] = ..., round: _Optional[int] = ..., generation: _Optional[int] = ...) -> None: ...

class SignRoundResponse(_message.Message):
    __slots__ = ("round",)
    ROUND_FIELD_NUMBER: _ClassVar[int]
    round: QualityRound
    def __init__(self, round: _Optional[_Union[QualityRound, _Mapping]] = ...) -> None: ...
