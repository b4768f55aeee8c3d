# SPDX-License-Identifier: Apache-2.0
"""Reads the description of a study that a study team writes."""

from __future__ import annotations

import datetime as dt
import json
import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from services.common import yaml_file
from services.common.errors import InvalidInput
from services.common.records import Record
from services.common.roster_document import Roster
from services.common.wording import nearest
from services.registry import ids
from services.registry.notations import Notation
from services.registry.policies import SHIPPED

if TYPE_CHECKING:
    from sotto.study.v1 import study_pb2

_MOST_BYTES = 4 * 1024 * 1024
_MOST_FAULTS = 5


class ReviewMode(StrEnum):
    """How the transcripts of a study are approved."""

    REQUIRED = "required"
    AUTOMATIC = "automatic"


class AudioMode(StrEnum):
    """What sound the releases of a study hold."""

    NONE = "none"
    BLEEPED = "bleeped"
    MUTED = "muted"


class MemberRole(StrEnum):
    """What a member of a study may do with its transcripts."""

    REVIEWER = "reviewer"
    RESEARCHER = "researcher"


class Member(Record, strict=False):
    """A person who works on the study."""

    person: str = Field(description="Account name.")
    roles: tuple[MemberRole, ...] = Field(min_length=1, description="What the person may do.")

    @field_validator("person")
    @classmethod
    def _check_person(cls, person: str) -> str:
        if not re.fullmatch(ids.PERSON, person):
            raise ValueError(ids.ADVICE[ids.PERSON])
        return person

    @field_validator("roles")
    @classmethod
    def _check_roles(cls, roles: tuple[MemberRole, ...]) -> tuple[MemberRole, ...]:
        if len(set(roles)) != len(roles):
            raise ValueError("a role is listed twice")
        return roles


class QualityGate(Record, strict=False):
    """What has to be shown of approved transcripts before they are released."""

    bound: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Largest share of segments with something missed that may be left.",
    )
    sample: int | None = Field(
        default=None,
        ge=1,
        le=1000000,
        description="Segments to draw instead, whatever bound they give.",
    )
    alpha: float = Field(
        default=0.05, ge=0.0001, le=0.5, description="How often the bound may be wrong."
    )
    second_reader: float = Field(
        default=0.1, ge=0, le=1, description="Share that a second person reads, too and blind."
    )
    planted: int = Field(
        default=10, ge=0, le=10000, description="Made-up items in the copy that a reader sees."
    )
    detection: float = Field(
        default=0.8, ge=0, le=1, description="Share of these that must be found."
    )
    agreement: float = Field(
        default=0.7, ge=0, le=1, description="Least agreement of two readers (F1 of marks)."
    )
    other_signer: bool = Field(
        default=True, description="Whoever signs has read nothing of the sample."
    )

    @model_validator(mode="after")
    def _check_size(self) -> Self:
        if (self.bound is None) is (self.sample is None):
            raise ValueError("say how much is read: either a bound or the size of a sample")
        return self


class StudyFile(Record, strict=False):
    """A study as its team describes it, in YAML."""

    id: str
    title: str = Field(min_length=1, max_length=300)
    languages: tuple[str, ...] = Field(min_length=1, max_length=16)
    policy: str = Field(min_length=1, max_length=255)
    review: ReviewMode = ReviewMode.REQUIRED
    keep_recordings_days: int = Field(
        default=0,
        ge=0,
        le=36500,
        description="Days to keep recordings after the first release of their words; 0 keeps them.",
    )
    roster_hotwords: bool = Field(
        default=False, description="Let the speech recogniser expect names of the roster."
    )
    speakers: int = Field(
        default=0,
        ge=0,
        le=20,
        description="How many people speak in an interview; 0 where that differs.",
    )
    notation: Notation = Field(
        default=Notation.NONE,
        description="How releases mark pauses and overlap: none, plain or jefferson.",
    )
    audio: AudioMode = Field(
        default=AudioMode.NONE,
        description="Sound in releases: none, or with a tone (bleeped) or silence (muted) over"
        " what is redacted.",
    )
    disguise_voices: bool = Field(
        default=False,
        description="Make the voices in such sound deeper. That anonymises nobody.",
    )
    mark_doubtful_words: bool = Field(
        default=False, description="Mark words that may be misheard in releases."
    )
    quality: QualityGate | None = Field(
        default=None,
        description="What has to be shown of approved transcripts before they are released.",
    )
    release_terms: str = Field(
        default="",
        max_length=8000,
        description="Terms on which researchers take releases; without it those that ship.",
    )
    copies_until: str = Field(
        default="",
        description="Day until which they may keep their copies, such as 2028-12-31.",
    )
    participants: tuple[str, ...] = Field(min_length=1, max_length=10000)
    members: tuple[Member, ...] = Field(
        default=(),
        max_length=1000,
        description="Who reviews the transcripts and who receives the releases; nobody else does.",
    )
    roster: Roster | None = None

    @field_validator("id")
    @classmethod
    def _check_id(cls, study_id: str) -> str:
        if not re.fullmatch(ids.STUDY_ID, study_id):
            raise ValueError(ids.ADVICE[ids.STUDY_ID])
        return study_id

    @field_validator("languages")
    @classmethod
    def _check_languages(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch("[a-z]{2,3}", language) for language in languages):
            raise ValueError("languages are codes of two or three small letters, such as en or ms")
        return languages

    @field_validator("copies_until")
    @classmethod
    def _check_day(cls, day: str) -> str:
        if day and not _is_day(day):
            raise ValueError("a day is written as year, month and day, such as 2028-12-31")
        return day

    @field_validator("participants")
    @classmethod
    def _check_codes(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        if not all(re.fullmatch(ids.PARTICIPANT_CODE, code) for code in codes):
            raise ValueError(
                "codes are capital letters, digits and hyphens, such as P07; never names"
            )
        if len(set(codes)) != len(codes):
            raise ValueError("a code is listed twice")
        return codes

    @field_validator("members")
    @classmethod
    def _check_members(cls, members: tuple[Member, ...]) -> tuple[Member, ...]:
        if len({member.person for member in members}) != len(members):
            raise ValueError("a person is listed twice; give one entry with all roles")
        return members

    @field_validator("disguise_voices")
    @classmethod
    def _check_disguise(cls, disguised: bool, info: ValidationInfo) -> bool:
        if disguised and info.data.get("audio") is AudioMode.NONE:
            raise ValueError("it needs sound: say audio: bleeped, or audio: muted")
        return disguised


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def read(path: Path) -> tuple[StudyFile, str]:
    """Read a study file; return it and the text of its own policy file ("" for a shipped policy).

    Raises InvalidInput that names line and field, never its value.
    """
    study = parse(_read_text(path, "study file"), str(path))
    if has_own_policy(study):
        return study, _read_text(path.parent / study.policy, "policy file")
    return study, ""


def parse(text: str, what: str) -> StudyFile:
    """Return the study that a text describes; `what` begins the message of a fault.

    Raises InvalidInput that names line and field, never its value.
    """
    try:
        document = yaml_file.read(text)
    except yaml_file.YamlFault as error:
        raise InvalidInput(f"{what}: {error}; see infra/study.example.yaml") from None
    if not isinstance(document.content, dict):
        raise InvalidInput(f"{what} does not describe a study; see infra/study.example.yaml")
    study = document.validate(StudyFile, what, InvalidInput, most=_MOST_FAULTS)
    if fault := _fault_of_policy(study):
        raise InvalidInput(f"{what}: policy: {fault}")
    return study


def read_names(path: Path) -> Roster:
    """Read a file with names, in the form of the roster of a study file.

    Raises InvalidInput that names line and field, never its value.
    """
    what = str(path)
    advice = "it lists people and places, as the roster in infra/study.example.yaml does"
    try:
        document = yaml_file.read(_read_text(path, "file of names"))
    except yaml_file.YamlFault as error:
        raise InvalidInput(f"{what}: {error}; {advice}") from None
    if not isinstance(document.content, dict):
        raise InvalidInput(f"{what} has no names; {advice}")
    names = document.validate(Roster, what, InvalidInput, most=_MOST_FAULTS)
    if not names.name_count:
        raise InvalidInput(f"{what} has no names; {advice}")
    return names


def has_own_policy(study: StudyFile) -> bool:
    """Return whether a study brings a policy of its own, which it names by its file."""
    return study.policy.endswith((".yaml", ".yml"))


def _fault_of_policy(study: StudyFile) -> str:
    if has_own_policy(study):
        name = Path(study.policy).stem.lower()
        return taken(name) if name in SHIPPED else ""
    if study.policy in SHIPPED:
        return ""
    near = nearest(study.policy, SHIPPED)
    names = sorted(SHIPPED, key=lambda name: (name != near, name))
    return (
        f"there is no such policy; those that ship are {', '.join(names)}, and one of your own is"
        " named by its file, such as strict.yaml"
    )


def taken(name: str) -> str:
    """Return what is wrong with an own policy that has the name of one that ships."""
    return (
        f"{name} is the name of a policy that ships; give your own policy another name, in its"
        " file's name and in its field 'name'"
    )


def to_message(study: StudyFile, policy_document: str) -> study_pb2.Study:
    """Return the study as services know it; its roster travels separately."""
    from sotto.study.v1 import study_pb2

    return study_pb2.Study(
        id=study.id,
        title=study.title,
        languages=study.languages,
        policy=Path(study.policy).stem.lower() if policy_document else study.policy,
        policy_document=policy_document,
        review=study_pb2.REVIEW_MODE_AUTOMATIC
        if study.review is ReviewMode.AUTOMATIC
        else study_pb2.REVIEW_MODE_REQUIRED,
        participants=study.participants,
        keep_recordings_days=study.keep_recordings_days,
        roster_hotwords=study.roster_hotwords,
        speakers=study.speakers,
        notation=study_pb2.Notation.Name(study.notation.number),
        audio=None if study.audio is AudioMode.NONE else f"AUDIO_MODE_{study.audio.name}",
        disguise_voices=study.disguise_voices,
        mark_doubtful_words=study.mark_doubtful_words,
        quality=_gate(study.quality),
        release_terms=study.release_terms,
        copies_until=study.copies_until,
        members=[
            study_pb2.Member(
                person=member.person,
                roles=[f"MEMBER_ROLE_{one.name}" for one in member.roles],
            )
            for member in study.members
        ],
    )


def _gate(quality: QualityGate | None) -> study_pb2.QualityGate | None:
    from sotto.study.v1 import study_pb2

    if quality is None:
        return None
    return study_pb2.QualityGate(
        bound=quality.bound,
        sample=quality.sample,
        alpha=quality.alpha,
        second_reader=quality.second_reader,
        planted=quality.planted,
        detection=quality.detection,
        agreement=quality.agreement,
        other_signer=quality.other_signer,
    )


def roster_document(study: StudyFile) -> bytes:
    """Return the roster as UTF-8 JSON; empty when the study has none."""
    return b"" if study.roster is None else document_of(study.roster)


def document_of(roster: Roster) -> bytes:
    """Return a roster as it is stored, as UTF-8 JSON."""
    return json.dumps(roster.model_dump(), ensure_ascii=False, sort_keys=True).encode()


def _read_text(path: Path, what: str) -> str:
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
