from buf.validate import validate_pb2 as _validate_pb2
from sotto.storage.v1 import recording_pb2 as _recording_pb2
from sotto.transcript.v1 import transcript_pb2 as _transcript_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DeidentifyRequest(_message.Message):
    __slots__ = ("ref", "source_run_key")
    REF_FIELD_NUMBER: _ClassVar[int]
    SOURCE_RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    source_run_key: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., source_run_key: _Optional[str] = ...) -> None: ...

class DeidentifyResponse(_message.Message):
    __slots__ = ("progress", "result")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    progress: DeidentifyProgress
    result: DeidentifyResult
    def __init__(self, progress: _Optional[_Union[DeidentifyProgress, _Mapping]] = ..., result: _Optional[_Union[DeidentifyResult, _Mapping]] = ...) -> None: ...

class DeidentifyProgress(_message.Message):
    __slots__ = ("done", "total")
    DONE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    done: int
    total: int
    def __init__(self, done: _Optional[int] = ..., total: _Optional[int] = ...) -> None: ...

class DeidentifyResult(_message.Message):
    __slots__ = ("run_key", "replacements", "residual_risk", "existed")
    class ReplacementsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    REPLACEMENTS_FIELD_NUMBER: _ClassVar[int]
    RESIDUAL_RISK_FIELD_NUMBER: _ClassVar[int]
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    run_key: str
    replacements: _containers.ScalarMap[str, int]
    residual_risk: float
    existed: bool
    def __init__(self, run_key: _Optional[str] = ..., replacements: _Optional[_Mapping[str, int]] = ..., residual_risk: _Optional[float] = ..., existed: _Optional[bool] = ...) -> None: ...

class ValidatePolicyRequest(_message.Message):
    __slots__ = ("name", "document")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    document: str
    def __init__(self, name: _Optional[str] = ..., document: _Optional[str] = ...) -> None: ...

class ValidatePolicyResponse(_message.Message):
    __slots__ = ("version", "entity_types", "digest", "below_floor")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ENTITY_TYPES_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    BELOW_FLOOR_FIELD_NUMBER: _ClassVar[int]
    version: str
    entity_types: _containers.RepeatedScalarFieldContainer[str]
    digest: str
    below_floor: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, version: _Optional[str] = ..., entity_types: _Optional[_Iterable[str]] = ..., digest: _Optional[str] = ..., below_floor: _Optional[_Iterable[str]] = ...) -> None: ...

class DescribeEngineRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribeEngineResponse(_message.Message):
    __slots__ = ("versions",)
    class VersionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.ScalarMap[str, str]
    def __init__(self, versions: _Optional[_Mapping[str, str]] = ...) -> None: ...

class PlanRequest(_message.Message):
    __slots__ = ("ref", "source_run_key")
    REF_FIELD_NUMBER: _ClassVar[int]
    SOURCE_RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    source_run_key: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., source_run_key: _Optional[str] = ...) -> None: ...

class PlanResponse(_message.Message):
    __slots__ = ("run_key", "provenance")
    class ProvenanceEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    run_key: str
    provenance: _containers.ScalarMap[str, str]
    def __init__(self, run_key: _Optional[str] = ..., provenance: _Optional[_Mapping[str, str]] = ...) -> None: ...

class PropagateRedactionRequest(_message.Message):
    __slots__ = ("ref", "run_key", "segment", "start", "end", "entity_type", "look_only")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    ENTITY_TYPE_FIELD_NUMBER: _ClassVar[int]
    LOOK_ONLY_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    segment: int
    start: int
    end: int
    entity_type: str
    look_only: bool
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ..., segment: _Optional[int] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., entity_type: _Optional[str] = ..., look_only: _Optional[bool] = ...) -> None: ...

class PropagateRedactionResponse(_message.Message):
    __slots__ = ("places",)
    PLACES_FIELD_NUMBER: _ClassVar[int]
    places: _containers.RepeatedCompositeFieldContainer[RedactedPlace]
    def __init__(self, places: _Optional[_Iterable[_Union[RedactedPlace, _Mapping]]] = ...) -> None: ...

class RedactedPlace(_message.Message):
    __slots__ = ("segment", "start", "end", "replacement")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    REPLACEMENT_FIELD_NUMBER: _ClassVar[int]
    segment: int
    start: int
    end: int
    replacement: str
    def __init__(self, segment: _Optional[int] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., replacement: _Optional[str] = ...) -> None: ...

class RelabelReplacementRequest(_message.Message):
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

class RelabelReplacementResponse(_message.Message):
    __slots__ = ("places",)
    PLACES_FIELD_NUMBER: _ClassVar[int]
    places: _containers.RepeatedCompositeFieldContainer[RedactedPlace]
    def __init__(self, places: _Optional[_Iterable[_Union[RedactedPlace, _Mapping]]] = ...) -> None: ...

class ExamineWordingRequest(_message.Message):
    __slots__ = ("ref", "run_key", "segment", "start", "end", "text")
    REF_FIELD_NUMBER: _ClassVar[int]
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    run_key: str
    segment: int
    start: int
    end: int
    text: str
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., run_key: _Optional[str] = ..., segment: _Optional[int] = ..., start: _Optional[int] = ..., end: _Optional[int] = ..., text: _Optional[str] = ...) -> None: ...

class ExamineWordingResponse(_message.Message):
    __slots__ = ("doubts",)
    DOUBTS_FIELD_NUMBER: _ClassVar[int]
    doubts: _containers.RepeatedCompositeFieldContainer[_transcript_pb2.Doubt]
    def __init__(self, doubts: _Optional[_Iterable[_Union[_transcript_pb2.Doubt, _Mapping]]] = ...) -> None: ...
