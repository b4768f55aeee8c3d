from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReadingOptions(_message.Message):
    __slots__ = ("encoding", "append_notes", "roles")
    class RolesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    APPEND_NOTES_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    encoding: str
    append_notes: bool
    roles: _containers.ScalarMap[str, str]
    def __init__(self, encoding: _Optional[str] = ..., append_notes: _Optional[bool] = ..., roles: _Optional[_Mapping[str, str]] = ...) -> None: ...

class Reading(_message.Message):
    __slots__ = ("form", "encoding", "encoding_guessed", "turns", "timed_turns", "words", "speakers", "speaker_count", "languages", "left_out", "words_left_out", "warnings", "codes")
    class LanguagesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    class LeftOutEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    FORM_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    ENCODING_GUESSED_FIELD_NUMBER: _ClassVar[int]
    TURNS_FIELD_NUMBER: _ClassVar[int]
    TIMED_TURNS_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    SPEAKERS_FIELD_NUMBER: _ClassVar[int]
    SPEAKER_COUNT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    WORDS_LEFT_OUT_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    CODES_FIELD_NUMBER: _ClassVar[int]
    form: str
    encoding: str
    encoding_guessed: bool
    turns: int
    timed_turns: int
    words: int
    speakers: _containers.RepeatedCompositeFieldContainer[SpeakerShare]
    speaker_count: int
    languages: _containers.ScalarMap[str, int]
    left_out: _containers.ScalarMap[str, int]
    words_left_out: int
    warnings: _containers.RepeatedCompositeFieldContainer[ReadingWarning]
    codes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, form: _Optional[str] = ..., encoding: _Optional[str] = ..., encoding_guessed: _Optional[bool] = ..., turns: _Optional[int] = ..., timed_turns: _Optional[int] = ..., words: _Optional[int] = ..., speakers: _Optional[_Iterable[_Union[SpeakerShare, _Mapping]]] = ..., speaker_count: _Optional[int] = ..., languages: _Optional[_Mapping[str, int]] = ..., left_out: _Optional[_Mapping[str, int]] = ..., words_left_out: _Optional[int] = ..., warnings: _Optional[_Iterable[_Union[ReadingWarning, _Mapping]]] = ..., codes: _Optional[_Iterable[str]] = ...) -> None: ...

class SpeakerShare(_message.Message):
    __slots__ = ("label", "role", "turns", "share")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    TURNS_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    label: str
    role: str
    turns: int
    share: int
    def __init__(self, label: _Optional[str] = ..., role: _Optional[str] = ..., turns: _Optional[int] = ..., share: _Optional[int] = ...) -> None: ...

class ReadingWarning(_message.Message):
    __slots__ = ("kind", "count", "place")
    KIND_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    kind: str
    count: int
    place: int
    def __init__(self, kind: _Optional[str] = ..., count: _Optional[int] = ..., place: _Optional[int] = ...) -> None: ...
