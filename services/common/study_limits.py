# SPDX-License-Identifier: Apache-2.0
"""What a person whose session is limited to some studies may ask and see.

Studies are found in messages by the names of fields, so that a new method is limited from its
first day: `study_id`, `study_ids`, and the id of a study's description, at any depth.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any, TypeVar

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message

from services.common.errors import PermissionDenied
from services.common.membership import NotAMember
from services.registry.session_limits import OF_NO_STUDY

M = TypeVar("M", bound=Message)

_DESCRIPTION = "sotto.study.v1.Study"
_ID, _IDS = "study_id", "study_ids"
#: Attribute of an entry of the audit log that names a study which somebody asked for.
_ATTRIBUTES, _ASKED = "attributes", "asked_study"


class WholeInstallation(PermissionDenied):
    """The method concerns all studies, and the session is for some; the server records it."""

    def __init__(self) -> None:
        super().__init__(
            "this concerns all studies, and your session is for some of them; ask somebody whose"
            " account is not limited",
            reason="studies_limited",
        )


class OutsideOfSession(NotAMember):
    """The call names a study that the session is not for; answered like a missing study."""

    def __init__(self, study_id: str) -> None:
        super().__init__(f"the session is not for study {study_id}", study_id)
        self.reason = "studies_limited"


class StudyLimit:
    """The studies of a session, held against the messages of one call.

    `method` is as gRPC names it.
    """

    def __init__(self, method: str, studies: Collection[str]) -> None:
        self._method = method.lstrip("/")
        self._studies = frozenset(studies)
        self._answer_names = names_a_study(described(method).output_type)

    def check(self, request: Message) -> None:
        """Let the first message of a call pass; raises OutsideOfSession and WholeInstallation."""
        asked = self.check_more(request)
        if not (asked or self._answer_names or self._method in OF_NO_STUDY):
            raise WholeInstallation

    def check_more(self, request: Message) -> bool:
        """Let a message pass, and return whether it names a study; raises OutsideOfSession."""
        asked = set(studies_in(request))
        for study_id in sorted(asked - self._studies):
            raise OutsideOfSession(study_id)
        return bool(asked)

    def limited(self, answer: M) -> M:
        """Return an answer without what is of other studies.

        Elements of lists are left out; raises OutsideOfSession where the answer itself is of one.
        """
        if self._studies.issuperset(studies_in(answer)):
            return answer
        kept = type(answer)()
        kept.CopyFrom(answer)
        self._thin(kept)
        self.check_more(kept)
        return kept

    def _thin(self, message: Message) -> None:
        for field, value in message.ListFields():
            if field.is_repeated and field.name == _IDS:
                outside = [one not in self._studies for one in value]
            elif field.is_repeated and field.message_type and not _is_map(field):
                outside = [not self._studies.issuperset(studies_in(one)) for one in value]
            else:
                if field.message_type and not field.is_repeated:
                    self._thin(value)
                continue
            for at in reversed([at for at, is_outside in enumerate(outside) if is_outside]):
                del value[at]


@cache
def described(method: str) -> MethodDescriptor:
    """Return the description of a method by the name that gRPC gives it."""
    service, _, name = method.lstrip("/").rpartition("/")
    # The code that gRPC generates has names of methods alone; the descriptions are in modules of
    # their own.
    package = importlib.import_module(service.rpartition(".")[0])
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if module.name.endswith("_service_pb2"):
            importlib.import_module(module.name)
    found: Any = descriptor_pool.Default().FindServiceByName(service)
    one: MethodDescriptor = found.methods_by_name[name]
    return one


@cache
def names_a_study(message: Descriptor) -> bool:
    """Return whether messages of a type may name a study."""
    return any(
        field.name in {_ID, _IDS} or one.full_name == _DESCRIPTION
        for one in _types_in(message)
        for field in one.fields
    )


def studies_in(message: Message) -> Iterator[str]:
    """Yield each study that a message names."""
    if not names_a_study(message.DESCRIPTOR):
        return
    is_description = message.DESCRIPTOR.full_name == _DESCRIPTION
    for field, value in message.ListFields():
        if field.name == _ID or (is_description and field.name == "id"):
            yield value
        elif field.name == _IDS:
            yield from value
        elif _is_map(field):
            yield from ([value[_ASKED]] if field.name == _ATTRIBUTES and _ASKED in value else ())
        elif field.message_type and field.is_repeated:
            for one in value:
                yield from studies_in(one)
        elif field.message_type:
            yield from studies_in(value)


def _types_in(message: Descriptor) -> Iterator[Descriptor]:
    """Yield a type of messages and all types of which messages may stand in one."""
    seen: set[str] = set()
    waiting = [message]
    while waiting:
        one = waiting.pop()
        if one.full_name not in seen:
            seen.add(one.full_name)
            waiting += [field.message_type for field in one.fields if field.message_type]
            yield one


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)
