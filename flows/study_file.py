# SPDX-License-Identifier: Apache-2.0
"""Reads the description of a study that a study team writes."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from services.common.errors import InvalidInput

if TYPE_CHECKING:
    from sotto.study.v1 import study_pb2

_MOST_BYTES = 4 * 1024 * 1024
_MOST_DEPTH = 16


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(_Strict):
    """Somebody whom the study knows, and who is never missed in a transcript."""

    name: str = Field(min_length=1, max_length=200)
    also: tuple[str, ...] = Field(default=(), description="Nicknames and other spellings.")
    role: str = Field(default="", max_length=60, description='Such as "nurse" or "brother".')
    participant: str = Field(default="", description="Whose relative, or who it is: a code.")


class Place(_Strict):
    """A place or organisation that the study knows."""

    name: str = Field(min_length=1, max_length=200)
    also: tuple[str, ...] = ()
    kind: Literal["place", "facility", "organisation"] = "place"


class Roster(_Strict):
    """Names that are never missed. Sealed in the clinical zone."""

    people: tuple[Person, ...] = ()
    places: tuple[Place, ...] = ()


class StudyFile(_Strict):
    """A study as its team describes it, in YAML."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,38}$")
    title: str = Field(min_length=1, max_length=300)
    languages: tuple[str, ...] = Field(min_length=1, max_length=16)
    policy: str = Field(min_length=1, max_length=255)
    review: Literal["required", "automatic"] = "required"
    keep_recordings_days: int = Field(
        default=0,
        ge=0,
        le=36500,
        description="Days to keep recordings after the first release of their words; 0 keeps them.",
    )
    roster_hotwords: bool = Field(
        default=False, description="Let the speech recogniser expect names of the roster."
    )
    participants: tuple[str, ...] = Field(min_length=1, max_length=10000)
    roster: Roster | None = None

    @field_validator("participants")
    @classmethod
    def _codes(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        import re

        for code in codes:
            if not re.fullmatch(r"[A-Z0-9][A-Z0-9-]{0,15}", code):
                raise ValueError(
                    "codes are capital letters, digits and hyphens, such as P07; never names"
                )
        if len(set(codes)) != len(codes):
            raise ValueError("a code stands there twice")
        return codes


def read(path: Path) -> tuple[StudyFile, str]:
    """Read a study file; returns it and the text of its own policy file ("" for a shipped policy).

    Raises InvalidInput that names the field, never its value.
    """
    text = _text(path, "study file")
    try:
        content = yaml.load(text, _Loader)  # noqa: S506 - a safe loader, made stricter
    except Exception as error:  # noqa: BLE001 - for odd scalars it raises whatever Python does
        mark = getattr(error, "problem_mark", None)
        where = f" near line {mark.line + 1}" if mark else ""
        raise InvalidInput(
            f"{path} is not YAML that describes a study{where}; see infra/study.example.yaml"
        ) from None
    if not isinstance(content, dict):
        raise InvalidInput(f"{path} does not describe a study; see infra/study.example.yaml")
    try:
        study = StudyFile.model_validate(content)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)[:5]
        raise InvalidInput(f"{path}: {'; '.join(_told(fault) for fault in faults)}") from None
    if study.policy.endswith((".yaml", ".yml")):
        return study, _text(path.parent / study.policy, "policy file")
    return study, ""


class _Loader(yaml.SafeLoader):
    """YAML without references, which let a small file stand for a huge one, and not deep."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent) or self.depth == _MOST_DEPTH:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call] # its own gap
            raise yaml.MarkedYAMLError(problem_mark=mark)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def _told(fault: Any) -> str:
    """A fault by its field. A name that is no field may be anything, so it is not shown."""
    place = [str(part) for part in fault["loc"]]
    if fault["type"] not in {"extra_forbidden", "invalid_key"}:
        return f"{'.'.join(place)}: {fault['msg']}"
    fields = [name for kind in (StudyFile, Roster, Person, Place) for name in kind.model_fields]
    near = difflib.get_close_matches(place[-1][:40], fields, 1)
    meant = f"; is it meant to be {near[0]}?" if near else ""
    return f"{'.'.join((*place[:-1], 'a name'))}: there is no field called so{meant}"


def to_message(study: StudyFile, policy_document: str) -> study_pb2.Study:
    """The study as services know it; its roster travels apart."""
    from sotto.study.v1 import study_pb2

    return study_pb2.Study(
        id=study.id,
        title=study.title,
        languages=study.languages,
        policy=Path(study.policy).stem.lower() if policy_document else study.policy,
        policy_document=policy_document,
        review=study_pb2.REVIEW_MODE_AUTOMATIC
        if study.review == "automatic"
        else study_pb2.REVIEW_MODE_REQUIRED,
        participants=study.participants,
        keep_recordings_days=study.keep_recordings_days,
        roster_hotwords=study.roster_hotwords,
    )


def roster_document(study: StudyFile) -> bytes:
    """The roster as UTF-8 JSON; empty when the study has none."""
    if study.roster is None:
        return b""
    return json.dumps(study.roster.model_dump(), ensure_ascii=False, sort_keys=True).encode()


def _text(path: Path, what: str) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"the {what} {path} cannot be read ({error.strerror})") from error
    except ValueError:
        raise InvalidInput(f"the {what} has a name that no file can have") from None
    if len(raw) > _MOST_BYTES:
        raise InvalidInput(f"the {what} {path} is larger than 4 MiB; is it the right file?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"the {what} {path} is not UTF-8 text (byte {error.start}); save it as UTF-8"
        ) from None
