import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sotto.storage.v1 import recording_pb2 as _recording_pb2
from sotto.storage.v1 import review_pb2 as _review_pb2
from sotto.storage.v1 import segment_pb2 as _segment_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Decision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_UNSPECIFIED: _ClassVar[Decision]
    DECISION_APPROVE: _ClassVar[Decision]
    DECISION_REJECT: _ClassVar[Decision]

class Mark(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MARK_UNSPECIFIED: _ClassVar[Mark]
    MARK_ACCEPT: _ClassVar[Mark]
    MARK_NOTHING_HERE: _ClassVar[Mark]
    MARK_SKIP: _ClassVar[Mark]
DECISION_UNSPECIFIED: Decision
DECISION_APPROVE: Decision
DECISION_REJECT: Decision
MARK_UNSPECIFIED: Mark
MARK_ACCEPT: Mark
MARK_NOTHING_HERE: Mark
MARK_SKIP: Mark

class ListReviewsRequest(_message.Message):
    __slots__ = ("study_id", "state", "page_size", "page_token")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    state: _review_pb2.ReviewState
    page_size: int
    page_token: str
    def __init__(self, study_id: _Optional[str] = ..., state: _Optional[_Union[_review_pb2.ReviewState, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListReviewsResponse(_message.Message):
    __slots__ = ("items", "next_page_token")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[ReviewItem]
    next_page_token: str
    def __init__(self, items: _Optional[_Iterable[_Union[ReviewItem, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReviewItem(_message.Message):
    __slots__ = ("ref", "run_key", "session", "review", "residual_risk", "threshold", "doubts", "segments", "words", "committed_at", "corrections", "lost_corrections", "approved_before", "invented", "with_sound", "source_run_key")
    class DoubtsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    RESIDUAL_RISK_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    DOUBTS_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_AT_FIELD_NUMBER: _ClassVar[int]
    CORRECTIONS_FIELD_NUMBER: _ClassVar[int]
    LOST_CORRECTIONS_FIELD_NUMBER: _ClassVar[int]
    APPROVED_BEFORE_FIELD_NUMBER: _ClassVar[int]
    INVENTED_FIELD_NUMBER: _ClassVar[int]
    WITH_SOUND_FIELD_NUMBER: _ClassVar[int]
    SOURCE_RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    session: int
    review: _review_pb2.Review
    residual_risk: float
    threshold: float
    doubts: _containers.ScalarMap[str, int]
    segments: int
    words: int
    committed_at: _timestamp_pb2.Timestamp
    corrections: int
    lost_corrections: int
    approved_before: str
    invented: bool
    with_sound: bool
    source_run_key: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ..., session: _Optional[int] = ..., review: _Optional[_Union[_review_pb2.Review, _Mapping]] = ..., residual_risk: _Optional[float] = ..., threshold: _Optional[float] = ..., doubts: _Optional[_Mapping[str, int]] = ..., segments: _Optional[int] = ..., words: _Optional[int] = ..., committed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., corrections: _Optional[int] = ..., lost_corrections: _Optional[int] = ..., approved_before: _Optional[str] = ..., invented: _Optional[bool] = ..., with_sound: _Optional[bool] = ..., source_run_key: _Optional[str] = ...) -> None: ...

class GetReviewRequest(_message.Message):
    __slots__ = ("ref", "run_key")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ...) -> None: ...

class GetReviewResponse(_message.Message):
    __slots__ = ("summary", "window")
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    WINDOW_FIELD_NUMBER: _ClassVar[int]
    summary: ReviewSummary
    window: _segment_pb2.Window
    def __init__(self, summary: _Optional[_Union[ReviewSummary, _Mapping]] = ..., window: _Optional[_Union[_segment_pb2.Window, _Mapping]] = ...) -> None: ...

class ReviewSummary(_message.Message):
    __slots__ = ("item", "corrections", "undecided_places", "position")
    ITEM_FIELD_NUMBER: _ClassVar[int]
    CORRECTIONS_FIELD_NUMBER: _ClassVar[int]
    UNDECIDED_PLACES_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    item: ReviewItem
    corrections: _review_pb2.Corrections
    undecided_places: int
    position: int
    def __init__(self, item: _Optional[_Union[ReviewItem, _Mapping]] = ..., corrections: _Optional[_Union[_review_pb2.Corrections, _Mapping]] = ..., undecided_places: _Optional[int] = ..., position: _Optional[int] = ...) -> None: ...

class DecideReviewRequest(_message.Message):
    __slots__ = ("ref", "run_key", "corrections_generation", "decision", "reason", "review_generation", "with_sound")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    CORRECTIONS_GENERATION_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REVIEW_GENERATION_FIELD_NUMBER: _ClassVar[int]
    WITH_SOUND_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    corrections_generation: int
    decision: Decision
    reason: str
    review_generation: int
    with_sound: bool
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ..., corrections_generation: _Optional[int] = ..., decision: _Optional[_Union[Decision, str]] = ..., reason: _Optional[str] = ..., review_generation: _Optional[int] = ..., with_sound: _Optional[bool] = ...) -> None: ...

class DecideReviewResponse(_message.Message):
    __slots__ = ("review", "existed")
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    review: _review_pb2.Review
    existed: bool
    def __init__(self, review: _Optional[_Union[_review_pb2.Review, _Mapping]] = ..., existed: _Optional[bool] = ...) -> None: ...

class AddCorrectionRequest(_message.Message):
    __slots__ = ("ref", "run_key", "kind", "segment", "start", "end", "entity_type", "text", "left_out", "also")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    ENTITY_TYPE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    ALSO_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    kind: _review_pb2.CorrectionKind
    segment: int
    start: int
    end: int
    entity_type: str
    text: str
    left_out: _containers.RepeatedCompositeFieldContainer[_review_pb2.MarkedPlace]
    also: _containers.RepeatedCompositeFieldContainer[RestoredPlace]
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ..., kind: _Optional[_Union[_review_pb2.CorrectionKind, str]] = ..., segment: _Optional[int] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., entity_type: _Optional[str] = ..., text: _Optional[str] = ..., left_out: _Optional[_Iterable[_Union[_review_pb2.MarkedPlace, _Mapping]]] = ..., also: _Optional[_Iterable[_Union[RestoredPlace, _Mapping]]] = ...) -> None: ...

class RestoredPlace(_message.Message):
    __slots__ = ("segment", "start", "end", "text")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    segment: int
    start: int
    end: int
    text: str
    def __init__(self, segment: _Optional[int] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., text: _Optional[str] = ...) -> None: ...

class AddCorrectionResponse(_message.Message):
    __slots__ = ("added", "generation", "step")
    ADDED_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    added: _containers.RepeatedCompositeFieldContainer[_review_pb2.Correction]
    generation: int
    step: _review_pb2.ReviewStep
    def __init__(self, added: _Optional[_Iterable[_Union[_review_pb2.Correction, _Mapping]]] = ..., generation: _Optional[int] = ..., step: _Optional[_Union[_review_pb2.ReviewStep, _Mapping]] = ...) -> None: ...

class RemoveCorrectionRequest(_message.Message):
    __slots__ = ("ref", "run_key", "segment", "start")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    segment: int
    start: int
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ..., segment: _Optional[int] = ..., start: _Optional[int] = ...) -> None: ...

class RemoveCorrectionResponse(_message.Message):
    __slots__ = ("removed", "generation", "step")
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    removed: int
    generation: int
    step: _review_pb2.ReviewStep
    def __init__(self, removed: _Optional[int] = ..., generation: _Optional[int] = ..., step: _Optional[_Union[_review_pb2.ReviewStep, _Mapping]] = ...) -> None: ...

class AssignRolesRequest(_message.Message):
    __slots__ = ("ref", "run_key", "roles")
    class RolesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    roles: _containers.ScalarMap[str, str]
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ..., roles: _Optional[_Mapping[str, str]] = ...) -> None: ...

class AssignRolesResponse(_message.Message):
    __slots__ = ("roles", "generation", "step")
    class RolesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ROLES_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    roles: _containers.ScalarMap[str, str]
    generation: int
    step: _review_pb2.ReviewStep
    def __init__(self, roles: _Optional[_Mapping[str, str]] = ..., generation: _Optional[int] = ..., step: _Optional[_Union[_review_pb2.ReviewStep, _Mapping]] = ...) -> None: ...

class MarkPlacesRequest(_message.Message):
    __slots__ = ("ref", "run_key", "mark", "places")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    MARK_FIELD_NUMBER: _ClassVar[int]
    PLACES_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    mark: Mark
    places: _containers.RepeatedCompositeFieldContainer[_review_pb2.MarkedPlace]
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ..., mark: _Optional[_Union[Mark, str]] = ..., places: _Optional[_Iterable[_Union[_review_pb2.MarkedPlace, _Mapping]]] = ...) -> None: ...

class MarkPlacesResponse(_message.Message):
    __slots__ = ("step", "generation")
    STEP_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    step: _review_pb2.ReviewStep
    generation: int
    def __init__(self, step: _Optional[_Union[_review_pb2.ReviewStep, _Mapping]] = ..., generation: _Optional[int] = ...) -> None: ...

class MergeLabelsRequest(_message.Message):
    __slots__ = ("ref", "run_key", "label", "into")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    INTO_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    label: str
    into: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ..., label: _Optional[str] = ..., into: _Optional[str] = ...) -> None: ...

class MergeLabelsResponse(_message.Message):
    __slots__ = ("step", "generation")
    STEP_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    step: _review_pb2.ReviewStep
    generation: int
    def __init__(self, step: _Optional[_Union[_review_pb2.ReviewStep, _Mapping]] = ..., generation: _Optional[int] = ...) -> None: ...

class UndoStepRequest(_message.Message):
    __slots__ = ("ref", "run_key", "step")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    step: int
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ..., step: _Optional[int] = ...) -> None: ...

class UndoStepResponse(_message.Message):
    __slots__ = ("step", "generation")
    STEP_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    step: _review_pb2.ReviewStep
    generation: int
    def __init__(self, step: _Optional[_Union[_review_pb2.ReviewStep, _Mapping]] = ..., generation: _Optional[int] = ...) -> None: ...

class RedoStepRequest(_message.Message):
    __slots__ = ("ref", "run_key")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ...) -> None: ...

class RedoStepResponse(_message.Message):
    __slots__ = ("step", "generation")
    STEP_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    step: _review_pb2.ReviewStep
    generation: int
    def __init__(self, step: _Optional[_Union[_review_pb2.ReviewStep, _Mapping]] = ..., generation: _Optional[int] = ...) -> None: ...

class ListMentionsRequest(_message.Message):
    __slots__ = ("ref", "run_key", "segment", "start", "end", "entity_type")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    ENTITY_TYPE_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    segment: int
    start: int
    end: int
    entity_type: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ..., segment: _Optional[int] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., entity_type: _Optional[str] = ...) -> None: ...

class ListMentionsResponse(_message.Message):
    __slots__ = ("mentions",)
    MENTIONS_FIELD_NUMBER: _ClassVar[int]
    mentions: _containers.RepeatedCompositeFieldContainer[_review_pb2.MarkedPlace]
    def __init__(self, mentions: _Optional[_Iterable[_Union[_review_pb2.MarkedPlace, _Mapping]]] = ...) -> None: ...

class ApplyReviewRuleRequest(_message.Message):
    __slots__ = ("ref", "run_key")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ...) -> None: ...

class ApplyReviewRuleResponse(_message.Message):
    __slots__ = ("state", "carried_corrections", "lost_corrections")
    STATE_FIELD_NUMBER: _ClassVar[int]
    CARRIED_CORRECTIONS_FIELD_NUMBER: _ClassVar[int]
    LOST_CORRECTIONS_FIELD_NUMBER: _ClassVar[int]
    state: _review_pb2.ReviewState
    carried_corrections: int
    lost_corrections: int
    def __init__(self, state: _Optional[_Union[_review_pb2.ReviewState, str]] = ..., carried_corrections: _Optional[int] = ..., lost_corrections: _Optional[int] = ...) -> None: ...
