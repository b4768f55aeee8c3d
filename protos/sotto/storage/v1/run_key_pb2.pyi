from buf.validate import validate_pb2 as _validate_pb2
from sotto.storage.v1 import recording_pb2 as _recording_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MakeRunKeyRequest(_message.Message):
    __slots__ = ("ref", "digest")
    REF_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    ref: _recording_pb2.RecordingRef
    digest: bytes
    def __init__(self, ref: _Optional[_Union[_recording_pb2.RecordingRef, _Mapping]] = ..., digest: _Optional[bytes] = ...) -> None: ...

class MakeRunKeyResponse(_message.Message):
    __slots__ = ("run_key",)
    RUN_KEY_FIELD_NUMBER: _ClassVar[int]
    run_key: str
    def __init__(self, run_key: _Optional[str] = ...) -> None: ...
