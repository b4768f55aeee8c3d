# SPDX-License-Identifier: Apache-2.0
"""The form of a study: its fields as texts, and the study file that they make."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from services.common import yaml_file
from services.common.errors import InvalidInput
from services.console.web.faults import Fault, Unusable, of_record
from services.console.web.forms import Form
from services.registry import ids
from services.registry.policies import SHIPPED
from services.studies import study_file
from services.studies.study_file import QualityGate, StudyFile
from services.studies.study_values import values_of
from sotto.study.v1 import study_pb2

#: What the form offers in the place of a policy that ships.
OWN_POLICY = "own"
TICKS = ("roster_hotwords", "disguise_voices", "mark_doubtful_words")
_TEXTS = (
    "id", "title", "review", "keep_recordings_days", "speakers", "notation", "audio",
    "copies_until",
)  # fmt: skip
GATE = tuple(QualityGate.model_fields)
#: Most characters of a study file and of a policy.
MOST_OF_FILE, MOST_OF_POLICY = 1_000_000, 262_144
_MOST = {
    "participants": 200_000,
    "members": 100_000,
    "policy_document": MOST_OF_POLICY,
    "release_terms": 10_000,
}
#: Of a field of the record the name of the field that the form has for it.
_FIELDS: Mapping[str, str] = {
    "quality": "quality",
    **{f"quality.{n}": f"quality_{n}" for n in GATE},
}
_NUMBERS = ("keep_recordings_days", "speakers")


def is_id(text: str) -> bool:
    """Return whether a text has the form of a study's id."""
    return re.fullmatch(ids.STUDY_ID, text) is not None


def texts_of(study: study_pb2.Study) -> dict[str, str]:
    """Return the texts that the form shows of a stored study."""
    values = values_of(study)
    gate = values.pop("quality")
    shown = {name: "yes" if values[name] else "" for name in TICKS}
    shown |= {name: str(values[name]) for name in _TEXTS}
    shown["languages"] = " ".join(study.languages)
    shown["participants"] = "\n".join(study.participants)
    shown["members"] = "\n".join(
        f"{one['person']}: {' '.join(one['roles'])}" for one in _list(values["members"])
    )
    shown["policy"] = OWN_POLICY if study.policy_document else study.policy
    shown["policy_document"] = study.policy_document
    shown["release_terms"] = study.release_terms
    shown["quality"] = "yes" if gate else ""
    given = gate if isinstance(gate, dict) else QualityGate(bound=0.01).model_dump()
    for name in GATE:
        value = given.get(name)
        is_tick = isinstance(value, bool)
        shown[f"quality_{name}"] = ("yes" if value else "") if is_tick else _number(value)
    return shown


def typed(form: Form) -> dict[str, str]:
    """Return what was typed into the form, to be shown again."""
    names = (*_TEXTS, *TICKS, "languages", "policy", "quality", *_MOST)
    names += tuple(f"quality_{name}" for name in GATE)
    return {name: form.exact(name, most=_MOST.get(name, 4000)) for name in names}


def study_of(form: Form, before: study_pb2.Study | None) -> tuple[StudyFile, str]:
    """Return the study that the form describes, and the text of its own policy.

    What the form does not have stays as it was. Raises Unusable with every fault.
    """
    text = {name: value.strip() for name, value in typed(form).items()}
    faults: list[Fault] = []
    values = values_of(before) if before is not None else {}
    values |= {name: text[name] for name in _TEXTS if text[name] or name not in _NUMBERS}
    values |= {name: "0" for name in _NUMBERS if not text[name]}
    values |= {name: bool(text[name]) for name in TICKS}
    values["languages"] = _words(text["languages"])
    values["participants"] = _codes(text["participants"], faults)
    values["members"] = _members(text["members"], faults)
    # Browsers end lines in their own way; other terms would have to be accepted anew.
    values["release_terms"] = "\n".join(text["release_terms"].splitlines())
    values["quality"] = _gate(text) if text["quality"] else None
    document = _document(text["policy_document"], before) if text["policy"] == OWN_POLICY else ""
    values["policy"] = _policy(text["policy"], document, faults)
    try:
        study = StudyFile.model_validate(values)
    except ValidationError as error:
        told = {one.field for one in faults}
        faults += [one for one in of_record(error, _FIELDS) if one.field not in told]
    if faults:
        raise Unusable(faults)
    return study, document


def _document(text: str, before: study_pb2.Study | None) -> str:
    """Return the text of a policy, whose lines browsers end in their own way."""
    lines = text.splitlines()
    if before is not None and before.policy_document.strip().splitlines() == lines:
        return before.policy_document
    return "".join(f"{line}\n" for line in lines)


def _policy(chosen: str, document: str, faults: list[Fault]) -> str:
    """Return the policy as a study file names it."""
    if chosen != OWN_POLICY:
        if chosen not in SHIPPED:
            faults.append(Fault("policy", "takes one of what is offered"))
        return chosen
    try:
        content = yaml_file.read(document).content
    except yaml_file.YamlFault as error:
        faults.append(Fault("policy_document", str(error)))
        return "own.yaml"
    name = content.get("name") if isinstance(content, dict) else None
    if not isinstance(name, str):
        fault = "it has no field name; a policy's text has one, beside version and entities"
        faults.append(Fault("policy_document", fault if document else "is needed"))
    elif name in SHIPPED:
        faults.append(Fault("policy_document", study_file.taken(name)))
    return f"{name}.yaml"


def _codes(text: str, faults: list[Fault]) -> list[str]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        for code in _words(line):
            if not re.fullmatch(ids.PARTICIPANT_CODE, code):
                faults.append(Fault("participants", ids.ADVICE[ids.PARTICIPANT_CODE], number))
            elif code in found:
                faults.append(Fault("participants", "this code is there before", number))
            found.append(code)
    return found


def _members(text: str, faults: list[Fault]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        person, mark, said = (part.strip() for part in line.partition(":"))
        if not line.strip():
            continue
        roles = _words(said)
        known = {one.value for one in study_file.MemberRole}
        if not mark or not re.fullmatch(ids.PERSON, person) or not roles or set(roles) - known:
            advice = "a member is a line such as siti: reviewer, or tan: reviewer researcher"
            faults.append(Fault("members", advice, number))
        elif any(one["person"] == person for one in found):
            faults.append(Fault("members", "this person is there before", number))
        else:
            found.append({"person": person, "roles": list(dict.fromkeys(roles))})
    return found


def _gate(text: Mapping[str, str]) -> dict[str, object]:
    told = {name: text[f"quality_{name}"] for name in GATE if text[f"quality_{name}"]}
    return {**told, "other_signer": bool(text["quality_other_signer"])}


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,;]+", text) if word]


def _number(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _list(value: object) -> Sequence[Mapping[str, Sequence[str]]]:
    return value if isinstance(value, list) else []


def from_file(text: str, policy_document: str) -> tuple[StudyFile, str]:
    """Return the study that a study file describes, and the text of its own policy.

    Raises Unusable.
    """
    text, policy_document = (
        "".join(f"{line}\n" for line in one.splitlines()) for one in (text, policy_document)
    )
    try:
        study = study_file.parse(text, "the study file")
    except InvalidInput as error:
        raise Unusable([Fault("file", error.message)]) from None
    if study_file.has_own_policy(study) and not policy_document.strip():
        raise Unusable(
            [Fault("policy_document", "the study has a policy of its own; its file is needed too")]
        )
    if policy_document.strip() and not study_file.has_own_policy(study):
        raise Unusable(
            [Fault("policy_document", "the study names a policy that ships; leave this empty")]
        )
    return study, policy_document
