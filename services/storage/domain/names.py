# SPDX-License-Identifier: Apache-2.0
"""Names of objects: made from ids alone, so that a listing reveals nothing about anybody.

    <study>/<participant>/<recording>/source
    <study>/<participant>/<recording>/manifest
    <study>/<participant>/<recording>/transcript/<run>/w-<window>
    <study>/<participant>/<recording>/transcript/<run>/manifest
    <study>/<participant>/<recording>/transcript/<run>/roster
    <study>/<participant>/<recording>/selected/g-<generation>
    <study>/<participant>/vault/g-<generation>
    <study>/<participant>/<recording>/review/<run>/g-<generation>
    <study>/<participant>/<recording>/correction/<run>/g-<generation>
    <study>/<participant>/<recording>/approval/<run>             of version 0.1, read alone
    <study>/<participant>/<recording>/failure/g-<generation>
    <study>/<participant>/<recording>/hold/g-<generation>
    <study>/<participant>/<recording>/heard/g-<generation>
    <study>/<participant>/<recording>/content-deleted             in the research zone: of its sound
    <study>/<participant>/<recording>/removed/g-00000001         all that a removal leaves
    <study>/<participant>/bundle/<release>/<path>
    <study>/<participant>/reveal/<reveal>/g-<generation>
    <study>/<participant>/upload/<upload>/begun               of a file that comes in parts
    <study>/<participant>/upload/<upload>/p-<part>
    <study>/<participant>/upload/<upload>/recording
    <study>/_study/study/g-<generation>
    <study>/_study/release/<release>
    <study>/_study/quality/<round>/g-<generation>
    <study>/_study/voices/g-<generation>
    <study>/_study/voice-clip/c-<number>
    <study>/_study/copy/<copy>/g-<generation>                 of a release that somebody took

What belongs to a study as a whole is stored under the reserved participant `_study` and has a key
of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.registry import ids
from services.storage.errors import InvalidName

STUDY = re.compile(ids.STUDY_ID)
PARTICIPANT = re.compile(ids.PARTICIPANT_CODE)
RECORDING = re.compile(ids.RECORDING_ID)
RELEASE = re.compile(ids.RELEASE_ID)
COPY = re.compile(ids.COPY_ID)
RUN = re.compile(ids.RUN_KEY)
REVEAL = re.compile(ids.REVEAL_ID)
UPLOAD = re.compile(ids.UPLOAD_ID)
BUNDLE_PATH = re.compile(ids.BUNDLE_PATH)
STUDY_ITSELF = "_study"
MAX_NAME = 256
MAX_NUMBER = 99_999_999
MAX_BUNDLE_PATH = 160  # as in the contract; fits behind the longest ids into MAX_NAME

# Sorts behind every character of a name, so that a listing can go on behind a whole folder.
BEHIND = "~"

_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,159}")


@dataclass(frozen=True, slots=True, order=True)
class Owner:
    """Whose key seals an object: a participant of a study, or the study itself."""

    study: str
    participant: str

    def __post_init__(self) -> None:
        check(STUDY, self.study, "study id")
        if self.participant != STUDY_ITSELF:
            check(PARTICIPANT, self.participant, "participant code")

    @classmethod
    def of_study(cls, study: str) -> Owner:
        """Return the study itself, for what concerns no single participant."""
        return cls(study, STUDY_ITSELF)

    @property
    def prefix(self) -> str:
        """What all its objects' names start with."""
        return f"{self.study}/{self.participant}/"

    @property
    def code(self) -> str:
        """Participant code for the audit log; empty for the study itself."""
        return "" if self.participant == STUDY_ITSELF else self.participant


@dataclass(frozen=True, slots=True, order=True)
class RecordingRef:
    """The ids of one recording."""

    owner: Owner
    recording_id: str

    @property
    def folder(self) -> str:
        """What all its objects' names start with; lists are in the order of it."""
        return recording(self.owner, self.recording_id)


def check(pattern: re.Pattern[str], value: str, what: str) -> str:
    """Return `value` where it has the form; raise `InvalidName`, without the value, otherwise."""
    if not pattern.fullmatch(value):
        raise InvalidName(f"{what} is malformed: it must match {pattern.pattern}")
    return value


def owner_of(name: str) -> Owner:
    """Return the owner of an object by its name; raises `InvalidName` for a foreign name."""
    parts = name.split("/")
    if len(name) > MAX_NAME or len(parts) < 3 or not all(map(_PART.fullmatch, parts)):
        raise InvalidName("object name is malformed: it must be study/participant/... of plain ids")
    return Owner(parts[0], parts[1])


def recording_of(name: str) -> str:
    """Return the recording that a name belongs to, or an empty string."""
    part = name.split("/")[2]
    return part if RECORDING.fullmatch(part) else ""


def kind_of(name: str) -> str:
    """Return what an object of a participant is, by the part of its name that says so."""
    parts = name.split("/")
    return parts[3] if RECORDING.fullmatch(parts[2]) else parts[2]


def recording(owner: Owner, recording_id: str) -> str:
    """Return the folder of a recording, with its final slash."""
    return f"{owner.prefix}{check(RECORDING, recording_id, 'recording id')}/"


def source(owner: Owner, recording_id: str) -> str:
    """Return the name of the recording as it came in."""
    return recording(owner, recording_id) + "source"


def manifest(owner: Owner, recording_id: str) -> str:
    """Return the name of a recording's manifest, which makes it visible."""
    return recording(owner, recording_id) + "manifest"


def transcripts(owner: Owner, recording_id: str) -> str:
    """Return the folder of all runs over a recording."""
    return recording(owner, recording_id) + "transcript/"


def run(owner: Owner, recording_id: str, run_key: str) -> str:
    """Return the folder of one run."""
    return f"{transcripts(owner, recording_id)}{check(RUN, run_key, 'run key')}/"


def window(owner: Owner, recording_id: str, run_key: str, index: int) -> str:
    """Return the name of one window of a run."""
    return f"{run(owner, recording_id, run_key)}w-{_number(index)}"


def run_manifest(owner: Owner, recording_id: str, run_key: str) -> str:
    """Return the name of a run's manifest, which makes the transcript visible."""
    return run(owner, recording_id, run_key) + "manifest"


def run_roster(owner: Owner, recording_id: str, run_key: str) -> str:
    """Return the name of the names that a run of transcription met; in the clinical zone alone."""
    return run(owner, recording_id, run_key) + "roster"


def selection(owner: Owner, recording_id: str) -> str:
    """Return the key of the record which run of a recording is wanted again."""
    return recording(owner, recording_id)[len(owner.prefix) :] + "selected"


def generations(owner: Owner, key: str) -> str:
    """Return the folder of the generations of a versioned document, such as the vault."""
    return f"{owner.prefix}{key}/"


def generation(owner: Owner, key: str, number: int) -> str:
    """Return the name of one generation; written once like everything else."""
    return f"{generations(owner, key)}g-{_number(number)}"


def approvals(owner: Owner, recording_id: str) -> str:
    """Return the folder of the approvals of a recording, as version 0.1 wrote them."""
    return recording(owner, recording_id) + "approval/"


def approval(owner: Owner, recording_id: str, run_key: str) -> str:
    """Return the name of the approval of one run, as version 0.1 wrote it."""
    return approvals(owner, recording_id) + check(RUN, run_key, "run key")


def reviews(owner: Owner, recording_id: str) -> str:
    """Return the folder of the reviews of a recording's runs."""
    return recording(owner, recording_id) + "review/"


def review(owner: Owner, recording_id: str, run_key: str) -> str:
    """Return the key of the review of one run, a versioned document."""
    return reviews(owner, recording_id)[len(owner.prefix) :] + check(RUN, run_key, "run key")


def corrections(owner: Owner, recording_id: str, run_key: str) -> str:
    """Return the key of the corrections of one run, a versioned document."""
    folder = recording(owner, recording_id)[len(owner.prefix) :]
    return f"{folder}correction/{check(RUN, run_key, 'run key')}"


def run_of_word(name: str) -> str:
    """Return the name of the manifest of the run that a review or corrections are about."""
    parts = name.split("/")
    return "/".join([*parts[:3], "transcript", parts[4], "manifest"])


def failures(owner: Owner, recording_id: str) -> str:
    """Return the key of a recording's failure, a versioned document."""
    return recording(owner, recording_id)[len(owner.prefix) :] + "failure"


def holds(owner: Owner, recording_id: str) -> str:
    """Return the key of the legal hold on a recording, a versioned document."""
    return recording(owner, recording_id)[len(owner.prefix) :] + "hold"


def heard(owner: Owner, recording_id: str) -> str:
    """Return the key of the record which seconds of a recording who heard in clips."""
    return recording(owner, recording_id)[len(owner.prefix) :] + "heard"


def content_deleted(owner: Owner, recording_id: str) -> str:
    """Return the name of the record that a recording's content was deleted by a rule."""
    return recording(owner, recording_id) + "content-deleted"


def removal(owner: Owner, recording_id: str) -> str:
    """Return the key of the record that a recording was removed, a document of one generation."""
    return recording(owner, recording_id)[len(owner.prefix) :] + "removed"


def removed(owner: Owner, recording_id: str) -> str:
    """Return the name of the record that a recording was removed."""
    return generation(owner, removal(owner, recording_id), 1)


def reveal(reveal_id: str) -> str:
    """Return the key of the record of a reveal, a versioned document."""
    return f"reveal/{check(REVEAL, reveal_id, 'reveal id')}"


def uploads(owner: Owner) -> str:
    """Return the folder of a participant's uploads."""
    return f"{owner.prefix}upload/"


def upload(owner: Owner, upload_id: str) -> str:
    """Return the folder of an upload, with its final slash."""
    return f"{uploads(owner)}{check(UPLOAD, upload_id, 'upload id')}/"


def upload_begun(owner: Owner, upload_id: str) -> str:
    """Return the name of what is known of an upload's file; there is an upload while it is."""
    return upload(owner, upload_id) + "begun"


def upload_parts(owner: Owner, upload_id: str) -> str:
    """Return what the names of all parts of an upload start with."""
    return upload(owner, upload_id) + "p-"


def upload_part(owner: Owner, upload_id: str, part: int) -> str:
    """Return the name of a part of an upload."""
    return upload_parts(owner, upload_id) + _number(part)


def upload_outcome(owner: Owner, upload_id: str) -> str:
    """Return the name of the record which recording an upload became."""
    return upload(owner, upload_id) + "recording"


def bundle_file(owner: Owner, release_id: str, path: str) -> str:
    """Return the name of a file of a bundle, which the key of its participant seals."""
    folder = f"{bundles(owner)}{check(RELEASE, release_id, 'release id')}/"
    if len(path) > MAX_BUNDLE_PATH:
        raise InvalidName(f"path in the bundle is longer than {MAX_BUNDLE_PATH} characters")
    return folder + check(BUNDLE_PATH, path, "path in the bundle")


def bundles(owner: Owner) -> str:
    """Return the folder of a participant's files in releases."""
    return f"{owner.prefix}bundle/"


def audio(recording_id: str) -> str:
    """Return what the paths of a recording's sound in a bundle start with."""
    return f"audio/{check(RECORDING, recording_id, 'recording id')}_"


def recording_of_audio(path: str) -> str:
    """Return the recording whose sound a file of a bundle is, by its path; empty for others."""
    name = path.removeprefix("audio/").partition("_")[0]
    return name if path.startswith("audio/") and RECORDING.fullmatch(name) else ""


def releases(study: str) -> str:
    """Return the folder of the releases' manifests."""
    return Owner.of_study(study).prefix + "release/"


def release(study: str, release_id: str) -> str:
    """Return the name of a release's manifest, which makes it visible."""
    return releases(study) + check(RELEASE, release_id, "release id")


def quality_round(number: int) -> str:
    """Return the key of the record of a round of quality, a versioned document of the study."""
    return f"quality/{_number(number)}"


def voice_clips(study: str) -> str:
    """Return the folder of the clips of voices of a study's staff; in the clinical zone alone."""
    return Owner.of_study(study).prefix + "voice-clip/"


def voice_clip(study: str, number: int) -> str:
    """Return the name of one clip."""
    return f"{voice_clips(study)}c-{_number(number)}"


def copy(copy_id: str) -> str:
    """Return the key of the record of a copy, a versioned document of the study."""
    return f"copy/{check(COPY, copy_id, 'copy id')}"


def is_generation(name: str) -> bool:
    """Return whether a name is that of one generation of a versioned document."""
    return name.rsplit("/", 1)[-1].startswith("g-")


def version_of(name: str) -> int:
    """Return the version that the seal of an object is bound to; 1 for what has one only."""
    return number_in(name) if is_generation(name) else 1


def number_in(name: str) -> int:
    """Return the number that a name ends with, as in `g-00000007`."""
    tail = name.rsplit("/", 1)[-1].partition("-")[2]
    if len(tail) != len(str(MAX_NUMBER)) or not tail.isascii() or not tail.isdigit():
        raise InvalidName("object name is malformed: it must end with a number of eight digits")
    return int(tail)


def _number(value: int) -> str:
    if not 0 <= value <= MAX_NUMBER:
        raise InvalidName(f"number is out of range: it must lie between 0 and {MAX_NUMBER}")
    return f"{value:08d}"
