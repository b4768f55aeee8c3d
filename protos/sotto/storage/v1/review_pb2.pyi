import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sotto.storage.v1 import recording_pb2 as _recording_pb2
from sotto.transcript.v1 import transcript_pb2 as _transcript_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReviewState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVIEW_STATE_UNSPECIFIED: _ClassVar[ReviewState]
    REVIEW_STATE_PENDING: _ClassVar[ReviewState]
    REVIEW_STATE_APPROVED: _ClassVar[ReviewState]
    REVIEW_STATE_REJECTED: _ClassVar[ReviewState]

class CorrectionKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CORRECTION_KIND_UNSPECIFIED: _ClassVar[CorrectionKind]
    CORRECTION_KIND_REDACT: _ClassVar[CorrectionKind]
    CORRECTION_KIND_RESTORE: _ClassVar[CorrectionKind]
    CORRECTION_KIND_RETYPE: _ClassVar[CorrectionKind]
    CORRECTION_KIND_MERGE: _ClassVar[CorrectionKind]
    CORRECTION_KIND_WORDING: _ClassVar[CorrectionKind]

class StepKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STEP_KIND_UNSPECIFIED: _ClassVar[StepKind]
    STEP_KIND_ACCEPT: _ClassVar[StepKind]
    STEP_KIND_NOTHING_HERE: _ClassVar[StepKind]
    STEP_KIND_SKIP: _ClassVar[StepKind]
    STEP_KIND_CORRECT: _ClassVar[StepKind]
    STEP_KIND_REMOVE: _ClassVar[StepKind]
    STEP_KIND_ROLES: _ClassVar[StepKind]
    STEP_KIND_UNDO: _ClassVar[StepKind]
    STEP_KIND_REDO: _ClassVar[StepKind]
REVIEW_STATE_UNSPECIFIED: ReviewState
REVIEW_STATE_PENDING: ReviewState
REVIEW_STATE_APPROVED: ReviewState
REVIEW_STATE_REJECTED: ReviewState
CORRECTION_KIND_UNSPECIFIED: CorrectionKind
CORRECTION_KIND_REDACT: CorrectionKind
CORRECTION_KIND_RESTORE: CorrectionKind
CORRECTION_KIND_RETYPE: CorrectionKind
CORRECTION_KIND_MERGE: CorrectionKind
CORRECTION_KIND_WORDING: CorrectionKind
STEP_KIND_UNSPECIFIED: StepKind
STEP_KIND_ACCEPT: StepKind
STEP_KIND_NOTHING_HERE: StepKind
STEP_KIND_SKIP: StepKind
STEP_KIND_CORRECT: StepKind
STEP_KIND_REMOVE: StepKind
STEP_KIND_ROLES: StepKind
STEP_KIND_UNDO: StepKind
STEP_KIND_REDO: StepKind

class Review(_message.Message):
    __slots__ = ("run_key", "state", "decided_by", "decided_at", "residual_risk", "threshold", "reason", "corrections_generation", "generation", "with_sound")
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_FIELD_NUMBER: _ClassVar[int]
    DECIDED_AT_FIELD_NUMBER: _ClassVar[int]
    RESIDUAL_RISK_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CORRECTIONS_GENERATION_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    WITH_SOUND_FIELD_NUMBER: _ClassVar[int]
    run_key: str
    state: ReviewState
    decided_by: str
    decided_at: _timestamp_pb2.Timestamp
    residual_risk: float
    threshold: float
    reason: str
    corrections_generation: int
    generation: int
    with_sound: bool
    def __init__(self, run_key: _Optional[str] = ..., state: _Optional[_Union[ReviewState, str]] = ..., decided_by: _Optional[str] = ..., decided_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., residual_risk: _Optional[float] = ..., threshold: _Optional[float] = ..., reason: _Optional[str] = ..., corrections_generation: _Optional[int] = ..., generation: _Optional[int] = ..., with_sound: _Optional[bool] = ...) -> None: ...

class PutReviewRequest(_message.Message):
    __slots__ = ("ref", "review")
    REF_FIELD_NUMBER: _ClassVar[int]
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    review: Review
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...

class PutReviewResponse(_message.Message):
    __slots__ = ("review",)
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    review: Review
    def __init__(self, review: _Optional[_Union[Review, _Mapping]] = ...) -> None: ...

class ListReviewsRequest(_message.Message):
    __slots__ = ("ref",)
    REF_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ...) -> None: ...

class ListReviewsResponse(_message.Message):
    __slots__ = ("reviews",)
    REVIEWS_FIELD_NUMBER: _ClassVar[int]
    reviews: _containers.RepeatedCompositeFieldContainer[Review]
    def __init__(self, reviews: _Optional[_Iterable[_Union[Review, _Mapping]]] = ...) -> None: ...

class Correction(_message.Message):
    __slots__ = ("kind", "segment", "start", "end", "entity_type", "text", "corrected_by", "corrected_at", "spread", "carried_from", "doubts")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    ENTITY_TYPE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CORRECTED_BY_FIELD_NUMBER: _ClassVar[int]
    CORRECTED_AT_FIELD_NUMBER: _ClassVar[int]
    SPREAD_FIELD_NUMBER: _ClassVar[int]
    CARRIED_FROM_FIELD_NUMBER: _ClassVar[int]
    DOUBTS_FIELD_NUMBER: _ClassVar[int]
    kind: CorrectionKind
    segment: int
    start: int
    end: int
    entity_type: str
    text: str
    corrected_by: str
    corrected_at: _timestamp_pb2.Timestamp
    spread: bool
    carried_from: str
    doubts: _containers.RepeatedCompositeFieldContainer[_transcript_pb2.Doubt]
    def __init__(self, kind: _Optional[_Union[CorrectionKind, str]] = ..., segment: _Optional[int] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., entity_type: _Optional[str] = ..., text: _Optional[str] = ..., corrected_by: _Optional[str] = ..., corrected_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., spread: _Optional[bool] = ..., carried_from: _Optional[str] = ..., doubts: _Optional[_Iterable[_Union[_transcript_pb2.Doubt, _Mapping]]] = ...) -> None: ...

class RoleCorrection(_message.Message):
    __slots__ = ("role", "corrected_by", "corrected_at", "carried_from")
    ROLE_FIELD_NUMBER: _ClassVar[int]
    CORRECTED_BY_FIELD_NUMBER: _ClassVar[int]
    CORRECTED_AT_FIELD_NUMBER: _ClassVar[int]
    CARRIED_FROM_FIELD_NUMBER: _ClassVar[int]
    role: str
    corrected_by: str
    corrected_at: _timestamp_pb2.Timestamp
    carried_from: str
    def __init__(self, role: _Optional[str] = ..., corrected_by: _Optional[str] = ..., corrected_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., carried_from: _Optional[str] = ...) -> None: ...

class MarkedPlace(_message.Message):
    __slots__ = ("segment", "start", "end")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    segment: int
    start: int
    end: int
    def __init__(self, segment: _Optional[int] = ..., start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class ReviewStep(_message.Message):
    __slots__ = ("number", "kind", "person", "at", "of", "places", "removed", "added", "removed_roles", "added_roles")
    class RemovedRolesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: RoleCorrection
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[RoleCorrection, _Mapping]] = ...) -> None: ...
    class AddedRolesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: RoleCorrection
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[RoleCorrection, _Mapping]] = ...) -> None: ...
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    OF_FIELD_NUMBER: _ClassVar[int]
    PLACES_FIELD_NUMBER: _ClassVar[int]
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    ADDED_FIELD_NUMBER: _ClassVar[int]
    REMOVED_ROLES_FIELD_NUMBER: _ClassVar[int]
    ADDED_ROLES_FIELD_NUMBER: _ClassVar[int]
    number: int
    kind: StepKind
    person: str
    at: _timestamp_pb2.Timestamp
    of: int
    places: _containers.RepeatedCompositeFieldContainer[MarkedPlace]
    removed: _containers.RepeatedCompositeFieldContainer[Correction]
    added: _containers.RepeatedCompositeFieldContainer[Correction]
    removed_roles: _containers.MessageMap[str, RoleCorrection]
    added_roles: _containers.MessageMap[str, RoleCorrection]
    def __init__(self, number: _Optional[int] = ..., kind: _Optional[_Union[StepKind, str]] = ..., person: _Optional[str] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., of: _Optional[int] = ..., places: _Optional[_Iterable[_Union[MarkedPlace, _Mapping]]] = ..., removed: _Optional[_Iterable[_Union[Correction, _Mapping]]] = ..., added: _Optional[_Iterable[_Union[Correction, _Mapping]]] = ..., removed_roles: _Optional[_Mapping[str, RoleCorrection]] = ..., added_roles: _Optional[_Mapping[str, RoleCorrection]] = ...) -> None: ...

class Corrections(_message.Message):
    __slots__ = ("run_key", "content_sha256", "corrections", "lost", "generation", "roles", "lost_roles", "journal")
    class RolesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: RoleCorrection
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[RoleCorrection, _Mapping]] = ...) -> None: ...
    class LostRolesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: RoleCorrection
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[RoleCorrection, _Mapping]] = ...) -> None: ...
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SHA256_FIELD_NUMBER: _ClassVar[int]
    CORRECTIONS_FIELD_NUMBER: _ClassVar[int]
    LOST_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    LOST_ROLES_FIELD_NUMBER: _ClassVar[int]
    JOURNAL_FIELD_NUMBER: _ClassVar[int]
    run_key: str
    content_sha256: bytes
    corrections: _containers.RepeatedCompositeFieldContainer[Correction]
    lost: _containers.RepeatedCompositeFieldContainer[Correction]
    generation: int
    roles: _containers.MessageMap[str, RoleCorrection]
    lost_roles: _containers.MessageMap[str, RoleCorrection]
    journal: _containers.RepeatedCompositeFieldContainer[ReviewStep]
    def __init__(self, run_key: _Optional[str] = ..., content_sha256: _Optional[bytes] = ..., corrections: _Optional[_Iterable[_Union[Correction, _Mapping]]] = ..., lost: _Optional[_Iterable[_Union[Correction, _Mapping]]] = ..., generation: _Optional[int] = ..., roles: _Optional[_Mapping[str, RoleCorrection]] = ..., lost_roles: _Optional[_Mapping[str, RoleCorrection]] = ..., journal: _Optional[_Iterable[_Union[ReviewStep, _Mapping]]] = ...) -> None: ...

class PutCorrectionsRequest(_message.Message):
    __slots__ = ("ref", "corrections")
    REF_FIELD_NUMBER: _ClassVar[int]
    CORRECTIONS_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    corrections: Corrections
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., corrections: _Optional[_Union[Corrections, _Mapping]] = ...) -> None: ...

class PutCorrectionsResponse(_message.Message):
    __slots__ = ("generation",)
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    generation: int
    def __init__(self, generation: _Optional[int] = ...) -> None: ...

class GetCorrectionsRequest(_message.Message):
    __slots__ = ("ref", "run_key")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ...) -> None: ...

class GetCorrectionsResponse(_message.Message):
    __slots__ = ("corrections",)
    CORRECTIONS_FIELD_NUMBER: _ClassVar[int]
    corrections: Corrections
    def __init__(self, corrections: _Optional[_Union[Corrections, _Mapping]] = ...) -> None: ...
