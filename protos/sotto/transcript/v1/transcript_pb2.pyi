from buf.validate import validate_pb2 as _validate_pb2
from sotto.transcript.v1 import reading_pb2 as _reading_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Word(_message.Message):
    __slots__ = ("text", "start_ms", "end_ms", "probability", "doubtful")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    START_MS_FIELD_NUMBER: _ClassVar[int]
    END_MS_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    DOUBTFUL_FIELD_NUMBER: _ClassVar[int]
    text: str
    start_ms: int
    end_ms: int
    probability: float
    doubtful: bool
    def __init__(self, text: _Optional[str] = ..., start_ms: _Optional[int] = ..., end_ms: _Optional[int] = ..., probability: _Optional[float] = ..., doubtful: _Optional[bool] = ...) -> None: ...

class Evidence(_message.Message):
    __slots__ = ("avg_logprob", "no_speech_probability", "compression_ratio", "characters_per_second", "speech_share", "doubts")
    AVG_LOGPROB_FIELD_NUMBER: _ClassVar[int]
    NO_SPEECH_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    COMPRESSION_RATIO_FIELD_NUMBER: _ClassVar[int]
    CHARACTERS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    SPEECH_SHARE_FIELD_NUMBER: _ClassVar[int]
    DOUBTS_FIELD_NUMBER: _ClassVar[int]
    avg_logprob: float
    no_speech_probability: float
    compression_ratio: float
    characters_per_second: float
    speech_share: float
    doubts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, avg_logprob: _Optional[float] = ..., no_speech_probability: _Optional[float] = ..., compression_ratio: _Optional[float] = ..., characters_per_second: _Optional[float] = ..., speech_share: _Optional[float] = ..., doubts: _Optional[_Iterable[str]] = ...) -> None: ...

class Segment(_message.Message):
    __slots__ = ("index", "speaker", "role", "start_ms", "end_ms", "text", "words", "language", "evidence", "replacements", "doubts", "doubtful_words", "pauses", "overlaps")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    START_MS_FIELD_NUMBER: _ClassVar[int]
    END_MS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    REPLACEMENTS_FIELD_NUMBER: _ClassVar[int]
    DOUBTS_FIELD_NUMBER: _ClassVar[int]
    DOUBTFUL_WORDS_FIELD_NUMBER: _ClassVar[int]
    PAUSES_FIELD_NUMBER: _ClassVar[int]
    OVERLAPS_FIELD_NUMBER: _ClassVar[int]
    index: int
    speaker: str
    role: str
    start_ms: int
    end_ms: int
    text: str
    words: _containers.RepeatedCompositeFieldContainer[Word]
    language: str
    evidence: Evidence
    replacements: _containers.RepeatedCompositeFieldContainer[Replacement]
    doubts: _containers.RepeatedCompositeFieldContainer[Doubt]
    doubtful_words: _containers.RepeatedCompositeFieldContainer[DoubtfulWord]
    pauses: _containers.RepeatedCompositeFieldContainer[Pause]
    overlaps: _containers.RepeatedCompositeFieldContainer[Overlap]
    def __init__(self, index: _Optional[int] = ..., speaker: _Optional[str] = ..., role: _Optional[str] = ..., start_ms: _Optional[int] = ..., end_ms: _Optional[int] = ..., text: _Optional[str] = ..., words: _Optional[_Iterable[_Union[Word, _Mapping]]] = ..., language: _Optional[str] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ..., replacements: _Optional[_Iterable[_Union[Replacement, _Mapping]]] = ..., doubts: _Optional[_Iterable[_Union[Doubt, _Mapping]]] = ..., doubtful_words: _Optional[_Iterable[_Union[DoubtfulWord, _Mapping]]] = ..., pauses: _Optional[_Iterable[_Union[Pause, _Mapping]]] = ..., overlaps: _Optional[_Iterable[_Union[Overlap, _Mapping]]] = ...) -> None: ...

class DoubtfulWord(_message.Message):
    __slots__ = ("start", "end")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class Pause(_message.Message):
    __slots__ = ("at", "duration_ms")
    AT_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    at: int
    duration_ms: int
    def __init__(self, at: _Optional[int] = ..., duration_ms: _Optional[int] = ...) -> None: ...

class Overlap(_message.Message):
    __slots__ = ("start", "end", "comes_in")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    COMES_IN_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    comes_in: bool
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ..., comes_in: _Optional[bool] = ...) -> None: ...

class Doubt(_message.Message):
    __slots__ = ("start", "end", "reason", "weight")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    reason: str
    weight: float
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ..., reason: _Optional[str] = ..., weight: _Optional[float] = ...) -> None: ...

class Replacement(_message.Message):
    __slots__ = ("start", "end", "entity_type", "doubtful")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    ENTITY_TYPE_FIELD_NUMBER: _ClassVar[int]
    DOUBTFUL_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    entity_type: str
    doubtful: bool
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ..., entity_type: _Optional[str] = ..., doubtful: _Optional[bool] = ...) -> None: ...

class TranscriptManifest(_message.Message):
    __slots__ = ("run_key", "content_sha256", "segment_count", "window_count", "duration_ms", "provenance", "counts", "scores", "session", "word_count", "speaker_count", "doubtful_segment_count", "doubts", "deidentification", "invented", "source_run_key", "reading", "doubtful_word_count")
    class ProvenanceEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class CountsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class ScoresEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    class DoubtsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SHA256_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    WINDOW_COUNT_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    WORD_COUNT_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_COUNT_FIELD_NUMBER: _ClassVar[int]
    DOUBTFUL_SEGMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    DOUBTS_FIELD_NUMBER: _ClassVar[int]
    DEIDENTIFICATION_FIELD_NUMBER: _ClassVar[int]
    INVENTED_FIELD_NUMBER: _ClassVar[int]
    SOURCE_RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    READING_FIELD_NUMBER: _ClassVar[int]
    DOUBTFUL_WORD_COUNT_FIELD_NUMBER: _ClassVar[int]
    run_key: str
    content_sha256: bytes
    segment_count: int
    window_count: int
    duration_ms: int
    provenance: _containers.ScalarMap[str, str]
    counts: _containers.ScalarMap[str, int]
    scores: _containers.ScalarMap[str, float]
    session: int
    word_count: int
    speaker_count: int
    doubtful_segment_count: int
    doubts: _containers.ScalarMap[str, int]
    deidentification: Deidentification
    invented: bool
    source_run_key: str
    reading: _reading_pb2.Reading
    doubtful_word_count: int
    def __init__(self, run_key: _Optional[str] = ..., content_sha256: _Optional[bytes] = ..., segment_count: _Optional[int] = ..., window_count: _Optional[int] = ..., duration_ms: _Optional[int] = ..., provenance: _Optional[_Mapping[str, str]] = ..., counts: _Optional[_Mapping[str, int]] = ..., scores: _Optional[_Mapping[str, float]] = ..., session: _Optional[int] = ..., word_count: _Optional[int] = ..., speaker_count: _Optional[int] = ..., doubtful_segment_count: _Optional[int] = ..., doubts: _Optional[_Mapping[str, int]] = ..., deidentification: _Optional[_Union[Deidentification, _Mapping]] = ..., invented: _Optional[bool] = ..., source_run_key: _Optional[str] = ..., reading: _Optional[_Union[_reading_pb2.Reading, _Mapping]] = ..., doubtful_word_count: _Optional[int] = ...) -> None: ...

class Deidentification(_message.Message):
    __slots__ = ("policy", "policy_version", "redactions", "coarsened", "residual_risk", "quasi_identifier_kinds", "policy_digest", "review_threshold", "policy_changed_by", "study_wide", "doubtful_replacement_count", "canaries")
    class RedactionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class CoarsenedEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class CanariesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: CanaryCount
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[CanaryCount, _Mapping]] = ...) -> None: ...
    POLICY_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    REDACTIONS_FIELD_NUMBER: _ClassVar[int]
    COARSENED_FIELD_NUMBER: _ClassVar[int]
    RESIDUAL_RISK_FIELD_NUMBER: _ClassVar[int]
    QUASI_IDENTIFIER_KINDS_FIELD_NUMBER: _ClassVar[int]
    POLICY_DIGEST_FIELD_NUMBER: _ClassVar[int]
    REVIEW_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    POLICY_CHANGED_BY_FIELD_NUMBER: _ClassVar[int]
    STUDY_WIDE_FIELD_NUMBER: _ClassVar[int]
    DOUBTFUL_REPLACEMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    CANARIES_FIELD_NUMBER: _ClassVar[int]
    policy: str
    policy_version: int
    redactions: _containers.ScalarMap[str, int]
    coarsened: _containers.ScalarMap[str, int]
    residual_risk: float
    quasi_identifier_kinds: int
    policy_digest: str
    review_threshold: float
    policy_changed_by: _containers.RepeatedScalarFieldContainer[str]
    study_wide: _containers.RepeatedScalarFieldContainer[str]
    doubtful_replacement_count: int
    canaries: _containers.MessageMap[str, CanaryCount]
    def __init__(self, policy: _Optional[str] = ..., policy_version: _Optional[int] = ..., redactions: _Optional[_Mapping[str, int]] = ..., coarsened: _Optional[_Mapping[str, int]] = ..., residual_risk: _Optional[float] = ..., quasi_identifier_kinds: _Optional[int] = ..., policy_digest: _Optional[str] = ..., review_threshold: _Optional[float] = ..., policy_changed_by: _Optional[_Iterable[str]] = ..., study_wide: _Optional[_Iterable[str]] = ..., doubtful_replacement_count: _Optional[int] = ..., canaries: _Optional[_Mapping[str, CanaryCount]] = ...) -> None: ...

class CanaryCount(_message.Message):
    __slots__ = ("planted", "found")
    PLANTED_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    planted: int
    found: int
    def __init__(self, planted: _Optional[int] = ..., found: _Optional[int] = ...) -> None: ...
