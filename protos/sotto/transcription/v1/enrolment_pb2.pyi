from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EnrolVoiceRequest(_message.Message):
    __slots__ = ("begin", "chunk")
    BEGIN_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    begin: VoiceToEnrol
    chunk: bytes
    def __init__(self, begin: _Optional[_Union[VoiceToEnrol, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class VoiceToEnrol(_message.Message):
    __slots__ = ("study_id", "person")
    STUDY_ID_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    study_id: str
    person: str
    def __init__(self, study_id: _Optional[str] = ..., person: _Optional[str] = ...) -> None: ...

class EnrolVoiceResponse(_message.Message):
    __slots__ = ("existed", "replaced", "speech_ms")
    EXISTED_FIELD_NUMBER: _ClassVar[int]
    REPLACED_FIELD_NUMBER: _ClassVar[int]
    SPEECH_MS_FIELD_NUMBER: _ClassVar[int]
    existed: bool
    replaced: bool
    speech_ms: int
    def __init__(self, existed: _Optional[bool] = ..., replaced: _Optional[bool] = ..., speech_ms: _Optional[int] = ...) -> None: ...
