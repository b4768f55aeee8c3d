import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sotto.storage.v1 import recording_pb2 as _recording_pb2
from sotto.storage.v1 import review_pb2 as _review_pb2
from sotto.study.v1 import study_pb2 as _study_pb2
from sotto.transcript.v1 import transcript_pb2 as _transcript_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordingStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECORDING_STATUS_UNSPECIFIED: _ClassVar[RecordingStatus]
    RECORDING_STATUS_SEALED: _ClassVar[RecordingStatus]
    RECORDING_STATUS_TRANSCRIBING: _ClassVar[RecordingStatus]
    RECORDING_STATUS_TRANSCRIBED: _ClassVar[RecordingStatus]
    RECORDING_STATUS_DEIDENTIFIED: _ClassVar[RecordingStatus]
    RECORDING_STATUS_NEEDS_REVIEW: _ClassVar[RecordingStatus]
    RECORDING_STATUS_APPROVED: _ClassVar[RecordingStatus]
    RECORDING_STATUS_REJECTED: _ClassVar[RecordingStatus]
    RECORDING_STATUS_RELEASED: _ClassVar[RecordingStatus]
    RECORDING_STATUS_FAILED: _ClassVar[RecordingStatus]
    RECORDING_STATUS_ERASED: _ClassVar[RecordingStatus]
RECORDING_STATUS_UNSPECIFIED: RecordingStatus
RECORDING_STATUS_SEALED: RecordingStatus
RECORDING_STATUS_TRANSCRIBING: RecordingStatus
RECORDING_STATUS_TRANSCRIBED: RecordingStatus
RECORDING_STATUS_DEIDENTIFIED: RecordingStatus
RECORDING_STATUS_NEEDS_REVIEW: RecordingStatus
RECORDING_STATUS_APPROVED: RecordingStatus
RECORDING_STATUS_REJECTED: RecordingStatus
RECORDING_STATUS_RELEASED: RecordingStatus
RECORDING_STATUS_FAILED: RecordingStatus
RECORDING_STATUS_ERASED: RecordingStatus

class PutStudyRequest(_message.Message):
    __slots__ = ("study",)
    STUDY_FIELD_NUMBER: _ClassVar[int]
    study: _study_pb2.Study
    def __init__(self, study: _Optional[_Union[_study_pb2.Study, _Mapping]] = ...) -> None: ...

class PutStudyResponse(_message.Message):
    __slots__ = ("existed",)
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    existed: bool
    def __init__(self, existed: _Optional[bool] = ...) -> None: ...

class GetStudyRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class GetStudyResponse(_message.Message):
    __slots__ = ("study", "countersignatures")
    STUDY_FIELD_NUMBER: _ClassVar[int]
    COUNTERSIGNATURES_FIELD_NUMBER: _ClassVar[int]
    study: _study_pb2.Study
    countersignatures: _containers.RepeatedCompositeFieldContainer[PolicyCountersignature]
    def __init__(self, study: _Optional[_Union[_study_pb2.Study, _Mapping]] = ..., countersignatures: _Optional[_Iterable[_Union[PolicyCountersignature, _Mapping]]] = ...) -> None: ...

class PolicyCountersignature(_message.Message):
    __slots__ = ("policy_digest", "person", "time")
    POLICY_DIGEST_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    policy_digest: str
    person: str
    time: _timestamp_pb2.Timestamp
    def __init__(self, policy_digest: _Optional[str] = ..., person: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CountersignPolicyRequest(_message.Message):
    __slots__ = ("study_id", "policy_digest")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    POLICY_DIGEST_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    policy_digest: str
    def __init__(self, study_id: _Optional[str] = ..., policy_digest: _Optional[str] = ...) -> None: ...

class CountersignPolicyResponse(_message.Message):
    __slots__ = ("existed",)
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    existed: bool
    def __init__(self, existed: _Optional[bool] = ...) -> None: ...

class ListStudiesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListStudiesResponse(_message.Message):
    __slots__ = ("study_ids",)
    STUDY_IDS_FIELD_NUMBER: _ClassVar[int]
    study_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, study_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ListRecordingsRequest(_message.Message):
    __slots__ = ("study_id", "page_size", "page_token")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    page_size: int
    page_token: str
    def __init__(self, study_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRecordingsResponse(_message.Message):
    __slots__ = ("recordings", "next_page_token")
    RECORDINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    recordings: _containers.RepeatedCompositeFieldContainer[RecordingState]
    next_page_token: str
    def __init__(self, recordings: _Optional[_Iterable[_Union[RecordingState, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetRecordingStateRequest(_message.Message):
    __slots__ = ("ref",)
    REF_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ...) -> None: ...

class GetRecordingStateResponse(_message.Message):
    __slots__ = ("state",)
    STATE_FIELD_NUMBER: _ClassVar[int]
    state: RecordingState
    def __init__(self, state: _Optional[_Union[RecordingState, _Mapping]] = ...) -> None: ...

class RecordingState(_message.Message):
    __slots__ = ("ref", "session", "kind", "sealed_at", "transcripts", "failure", "erased", "released_at", "content_deleted_at", "held", "run_in_progress")
    REF_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SEALED_AT_FIELD_NUMBER: _ClassVar[int]
    TRANSCRIPTS_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    ERASED_FIELD_NUMBER: _ClassVar[int]
    RELEASED_AT_FIELD_NUMBER: _ClassVar[int]
    CONTENT_DELETED_AT_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    RUN_IN_PROGRESS_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    session: int
    kind: _recording_pb2.RecordingKind
    sealed_at: _timestamp_pb2.Timestamp
    transcripts: _containers.RepeatedCompositeFieldContainer[TranscriptState]
    failure: _recording_pb2.StageFailure
    erased: bool
    released_at: _timestamp_pb2.Timestamp
    content_deleted_at: _timestamp_pb2.Timestamp
    held: bool
    run_in_progress: bool
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., session: _Optional[int] = ..., kind: _Optional[_Union[_recording_pb2.RecordingKind, str]] = ..., sealed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., transcripts: _Optional[_Iterable[_Union[TranscriptState, _Mapping]]] = ..., failure: _Optional[_Union[_recording_pb2.StageFailure, _Mapping]] = ..., erased: _Optional[bool] = ..., released_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., content_deleted_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., held: _Optional[bool] = ..., run_in_progress: _Optional[bool] = ...) -> None: ...

class TranscriptState(_message.Message):
    __slots__ = ("manifest", "committed_at", "released_at", "review")
    MANIFEST_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_AT_FIELD_NUMBER: _ClassVar[int]
    RELEASED_AT_FIELD_NUMBER: _ClassVar[int]
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    manifest: _transcript_pb2.TranscriptManifest
    committed_at: _timestamp_pb2.Timestamp
    released_at: _timestamp_pb2.Timestamp
    review: _review_pb2.Review
    def __init__(self, manifest: _Optional[_Union[_transcript_pb2.TranscriptManifest, _Mapping]] = ..., committed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., released_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., review: _Optional[_Union[_review_pb2.Review, _Mapping]] = ...) -> None: ...

class PutFailureRequest(_message.Message):
    __slots__ = ("ref", "failure", "mark")
    REF_FIELD_NUMBER: _ClassVar[int]
    FAILURE_FIELD_NUMBER: _ClassVar[int]
    MARK_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    failure: _recording_pb2.StageFailure
    mark: int
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., failure: _Optional[_Union[_recording_pb2.StageFailure, _Mapping]] = ..., mark: _Optional[int] = ...) -> None: ...

class PutFailureResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
