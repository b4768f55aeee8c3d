import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DescribeVoicesRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class DescribeVoicesResponse(_message.Message):
    __slots__ = ("voices",)
    VOICES_FIELD_NUMBER: _ClassVar[int]
    voices: _containers.RepeatedCompositeFieldContainer[VoiceIdentity]
    def __init__(self, voices: _Optional[_Iterable[_Union[VoiceIdentity, _Mapping]]] = ...) -> None: ...

class VoiceIdentity(_message.Message):
    __slots__ = ("person", "clip_sha256")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    CLIP_SHA256_FIELD_NUMBER: _ClassVar[int]
    person: str
    clip_sha256: bytes
    def __init__(self, person: _Optional[str] = ..., clip_sha256: _Optional[bytes] = ...) -> None: ...

class GetVoiceRequest(_message.Message):
    __slots__ = ("study_id", "person")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    person: str
    def __init__(self, study_id: _Optional[str] = ..., person: _Optional[str] = ...) -> None: ...

class GetVoiceResponse(_message.Message):
    __slots__ = ("clip",)
    CLIP_FIELD_NUMBER: _ClassVar[int]
    clip: bytes
    def __init__(self, clip: _Optional[bytes] = ...) -> None: ...

class PutVoiceRequest(_message.Message):
    __slots__ = ("study_id", "person", "clip", "speech_ms")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    CLIP_FIELD_NUMBER: _ClassVar[int]
    SPEECH_MS_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    person: str
    clip: bytes
    speech_ms: int
    def __init__(self, study_id: _Optional[str] = ..., person: _Optional[str] = ..., clip: _Optional[bytes] = ..., speech_ms: _Optional[int] = ...) -> None: ...

class PutVoiceResponse(_message.Message):
    __slots__ = ("existed", "replaced")
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    REPLACED_FIELD_NUMBER: _ClassVar[int]
    existed: bool
    replaced: bool
    def __init__(self, existed: _Optional[bool] = ..., replaced: _Optional[bool] = ...) -> None: ...

class ListVoicesRequest(_message.Message):
    __slots__ = ("study_id",)
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    def __init__(self, study_id: _Optional[str] = ...) -> None: ...

class ListVoicesResponse(_message.Message):
    __slots__ = ("voices",)
    VOICES_FIELD_NUMBER: _ClassVar[int]
    voices: _containers.RepeatedCompositeFieldContainer[ListedVoice]
    def __init__(self, voices: _Optional[_Iterable[_Union[ListedVoice, _Mapping]]] = ...) -> None: ...

class ListedVoice(_message.Message):
    __slots__ = ("person", "speech_ms", "enrolled_at")
    PERSON_FIELD_NUMBER: _ClassVar[int]
    SPEECH_MS_FIELD_NUMBER: _ClassVar[int]
    ENROLLED_AT_FIELD_NUMBER: _ClassVar[int]
    person: str
    speech_ms: int
    enrolled_at: _timestamp_pb2.Timestamp
    def __init__(self, person: _Optional[str] = ..., speech_ms: _Optional[int] = ..., enrolled_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class EraseVoiceRequest(_message.Message):
    __slots__ = ("study_id", "person")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    person: str
    def __init__(self, study_id: _Optional[str] = ..., person: _Optional[str] = ...) -> None: ...

class EraseVoiceResponse(_message.Message):
    __slots__ = ("erased",)
    ERASED_FIELD_NUMBER: _ClassVar[int]
    erased: bool
    def __init__(self, erased: _Optional[bool] = ...) -> None: ...
