# SPDX-License-Identifier: Apache-2.0
"""Every event that the audit log may hold, as `source:subject:action`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from services.registry.identities import (
    AUDIT,
    CLINICAL,
    CONSOLE,
    DEIDENTIFICATION,
    FLOWS,
    RELEASE,
    RESEARCH,
    TRANSCRIPTION,
)

#: The zone that each client of the log works in, which its entries name; "" is none, or both.
ZONES: Mapping[str, str] = {
    AUDIT: "",
    CLINICAL: "clinical",
    RESEARCH: "research",
    TRANSCRIPTION: "clinical",
    DEIDENTIFICATION: "",
    RELEASE: "research",
    FLOWS: "",
    CONSOLE: "",
}

# Who may write an event, by the names of certificates; a single name stands for itself.
STORES = (CLINICAL, RESEARCH)
SERVICES = (AUDIT, *STORES, TRANSCRIPTION, DEIDENTIFICATION, RELEASE)
CALLERS = (*SERVICES, CONSOLE)
EVERY_PROCESS = (*SERVICES, FLOWS, CONSOLE)

#: Attributes that an entry of any event may carry.
EVERYWHERE = frozenset({"person_proof"})


class ActionType(StrEnum):
    """Types of actions that export formats and reports distinguish."""

    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    DISCLOSE = "disclose"
    DENY = "deny"
    START = "start"
    STOP = "stop"
    READ_LOG = "read-log"
    SIGN_IN = "sign-in"
    EXECUTE = "execute"


class Event(StrEnum):
    """An event: its name, the type of its action, who may write it, its meaning and attributes.

    `owners` are the names of the certificates whose entries may bear it: the audit service refuses
    it from any other, and readers do not count it. Attributes are keys of `registry.attributes`; a
    key that ends in a dot is a family of keys.
    """

    _value_: str
    action_type: ActionType
    owners: frozenset[str]
    meaning: str
    attributes: frozenset[str]

    def __new__(
        cls,
        name: str,
        action_type: ActionType,
        owners: str | tuple[str, ...],
        meaning: str,
        keys: str = "",
    ) -> Event:
        """Make a member that compares and prints as its name."""
        event = str.__new__(cls, name)
        event._value_ = name
        event.action_type = action_type
        event.owners = frozenset({owners} if isinstance(owners, str) else owners)
        event.meaning = meaning
        event.attributes = frozenset(keys.split())
        return event

    PROCESS_STARTED = (
        "service:process:started",
        ActionType.START,
        EVERY_PROCESS,
        "A service began to answer.",
        "version instance",
    )
    PROCESS_STOPPED = (
        "service:process:stopped",
        ActionType.STOP,
        EVERY_PROCESS,
        "A service stopped in good order.",
        "instance",
    )
    CALL_DENIED = (
        "access:call:denied",
        ActionType.DENY,
        SERVICES,
        "A call was refused: the client, its role or the person may not, or nobody was named.",
        "claimed_role claimed_person event count",
    )
    CONNECTION_REFUSED = (
        "access:connection:refused",
        ActionType.DENY,
        CALLERS,
        "A connection failed to show a valid certificate.",
        "count kind",
    )
    PEER_REFUSED = (
        "access:peer:refused",
        ActionType.DENY,
        CALLERS,
        "A service that we called showed no valid certificate, or did not accept ours.",
    )
    SIGNED_IN = (
        "access:session:signed_in",
        ActionType.SIGN_IN,
        SERVICES,
        "A person's credential was used for the first time in a while, at that service.",
        "certificate console_session address",
    )
    CONSOLE_SIGNED_IN = (
        "console:session:signed_in",
        ActionType.SIGN_IN,
        CONSOLE,
        "A person signed in to the console.",
        "console_session address",
    )
    CONSOLE_REFUSED = (
        "console:session:refused",
        ActionType.DENY,
        CONSOLE,
        "A sign-in to the console failed.",
        "account address",
    )
    CONSOLE_STEPPED_UP = (
        "console:session:stepped_up",
        ActionType.SIGN_IN,
        CONSOLE,
        "A person who is signed in to the console showed again who it is.",
        "console_session",
    )
    CONSOLE_ENDED = (
        "console:session:ended",
        ActionType.EXECUTE,
        CONSOLE,
        "A session of the console ended: its person left, its time was over, or somebody ended it.",
        "console_session account",
    )
    CONSOLE_ACCOUNT_WRITTEN = (
        "console:account:written",
        ActionType.UPDATE,
        CONSOLE,
        "An administrator made or changed an account of the console.",
        "account",
    )
    CONSOLE_ACCOUNT_REMOVED = (
        "console:account:deleted",
        ActionType.DELETE,
        CONSOLE,
        "An administrator removed an account of the console.",
        "account",
    )
    CONSOLE_ACCOUNT_SET_UP = (
        "console:account:set_up",
        ActionType.UPDATE,
        CONSOLE,
        "A person chose the password of an account of the console, and added an authenticator.",
        "account",
    )
    SETTINGS_SEEN = (
        "configuration:settings:seen",
        ActionType.EXECUTE,
        EVERY_PROCESS,
        "A service started for the first time: which settings differ from the shipped ones.",
        "version service_version instance field.",
    )
    SETTINGS_CHANGED = (
        "configuration:settings:changed",
        ActionType.UPDATE,
        EVERY_PROCESS,
        "A service started with settings, access list, policies or files other than those before.",
        "version service_version instance field.",
    )

    STUDY_WRITTEN = (
        "study:description:written",
        ActionType.UPDATE,
        STORES,
        "A study was created or described again.",
        "participants policy policy_version changed existed",
    )
    POLICY_COUNTERSIGNED = (
        "study:policy:countersigned",
        ActionType.UPDATE,
        CLINICAL,
        "A compliance officer let a study use a policy that keeps more than policies may.",
        "policy_version existed",
    )
    RECORDING_SEALED = (
        "recording:content:sealed",
        ActionType.CREATE,
        CLINICAL,
        "A recording or a transcript made elsewhere came in.",
        "kind session size existed moved_from",
    )
    CONTENT_SOUGHT = (
        "recording:content:sought",
        ActionType.READ,
        CLINICAL,
        "It was asked where files are in a study already, by their hashes.",
        "count objects",
    )
    UPLOAD_BEGUN = (
        "recording:upload:begun",
        ActionType.CREATE,
        CLINICAL,
        "A file began to come in parts, or went on to come.",
        "size existed",
    )
    UPLOAD_PART_SEALED = (
        "recording:part:sealed",
        ActionType.CREATE,
        CLINICAL,
        "A part of a file that is uploaded was stored.",
        "part existed",
    )
    UPLOAD_CHECKED = (
        "recording:upload:checked",
        ActionType.READ,
        CLINICAL,
        "What was uploaded was read by the store, to hash it and to tell its form.",
    )
    UPLOAD_READ = (
        "recording:upload:read",
        ActionType.READ,
        CLINICAL,
        "What was uploaded was read in clear, to tell what is in it before it is sealed.",
    )
    UPLOAD_ENDED = (
        "recording:upload:deleted",
        ActionType.DELETE,
        CLINICAL,
        "An upload was given up, or ended since nobody finished it; its parts were deleted.",
        "objects_deleted",
    )
    RECORDING_REMOVED = (
        "recording:objects:deleted",
        ActionType.DELETE,
        STORES,
        "A recording was removed from a zone, with all that was made of it there.",
        "removal existed objects_deleted objects_retained objects_failed expires moved_to",
    )
    RECORDING_READ = (
        "recording:content:read",
        ActionType.READ,
        CLINICAL,
        "A recording was read in clear.",
    )
    RECORDING_PARTS_READ = (
        "recording:parts:read",
        ActionType.READ,
        CLINICAL,
        "A few seconds of a recording were read in clear, for a person to hear.",
        "seconds",
    )
    RECORDING_HEADER_READ = (
        "recording:header:read",
        ActionType.READ,
        CLINICAL,
        "What is known of a recording beside its content was read, with the date of the interview.",
    )
    RECORDING_FAILURE_WRITTEN = (
        "recording:failure:written",
        ActionType.UPDATE,
        CLINICAL,
        "A stage gave up on a recording, or it was cleared to be tried again.",
        "stage reason",
    )
    WORK_REQUESTED = (
        "recording:work:requested",
        ActionType.EXECUTE,
        CLINICAL,
        "Recordings were marked, so that it is looked at again what is due for them.",
        "count",
    )
    CONTENT_DELETED = (
        "recording:content:deleted",
        ActionType.DELETE,
        CLINICAL,
        "The content of a recording was deleted by its study's rule of retention.",
        "retention existed",
    )
    RELEASED_AUDIO_DELETED = (
        "bundle:audio:deleted",
        ActionType.DELETE,
        RESEARCH,
        "The sound of a recording was deleted from releases, with the recording's content.",
        "retention existed objects_deleted objects_retained objects_failed",
    )
    HOLD_WRITTEN = (
        "recording:hold:written",
        ActionType.UPDATE,
        CLINICAL,
        "A legal hold was set or lifted.",
        "state",
    )
    WINDOW_SEALED = (
        "transcript:window:sealed",
        ActionType.CREATE,
        STORES,
        "A window of a transcript was stored.",
        "window segments",
    )
    TRANSCRIPT_SEALED = (
        "transcript:manifest:sealed",
        ActionType.CREATE,
        STORES,
        "A transcript was finished and became visible.",
        "windows segments",
    )
    TRANSCRIPT_SELECTED = (
        "transcript:manifest:selected",
        ActionType.UPDATE,
        STORES,
        "An older transcript is the wanted one again, such as under an earlier policy.",
    )
    TRANSCRIPT_READ = (
        "transcript:content:read",
        ActionType.READ,
        STORES,
        "A transcript was read in clear.",
        "window",
    )
    TRANSCRIPT_MANIFEST_READ = (
        "transcript:manifest:read",
        ActionType.READ,
        STORES,
        "What is known of a transcript beside its words was read, with the date of the interview.",
    )
    VAULT_READ = (
        "vault:document:read",
        ActionType.READ,
        CLINICAL,
        "Pseudonyms and the persons behind them were read.",
        "generation",
    )
    VAULT_WRITTEN = (
        "vault:document:written",
        ActionType.UPDATE,
        CLINICAL,
        "Pseudonyms were added.",
        "generation",
    )
    ROSTER_READ = (
        "roster:document:read",
        ActionType.READ,
        CLINICAL,
        "The names that a study knows were read.",
        "generation",
    )
    ROSTER_WRITTEN = (
        "roster:document:written",
        ActionType.UPDATE,
        CLINICAL,
        "The names that a study knows were set.",
    )
    RECORDING_ROSTER_READ = (
        "recording:roster:read",
        ActionType.READ,
        CLINICAL,
        "The names that came with a recording were read.",
        "run_key",
    )
    RECORDING_ROSTER_SEALED = (
        "recording:roster:sealed",
        ActionType.CREATE,
        CLINICAL,
        "Names that came with a recording were stored.",
        "run_key existed",
    )

    REVEAL_WRITTEN = (
        "reveal:record:written",
        ActionType.UPDATE,
        CLINICAL,
        "A step on the way to what a pseudonym stands for was stored: asked, decided or shown.",
        "state generation",
    )
    REVEAL_REQUESTED = (
        "deidentification:reveal:requested",
        ActionType.EXECUTE,
        DEIDENTIFICATION,
        "A reviewer asked who or what a pseudonym stands for; nothing was shown by it.",
        "reveal_reason existed",
    )
    REVEAL_GRANTED = (
        "deidentification:reveal:granted",
        ActionType.EXECUTE,
        DEIDENTIFICATION,
        "A compliance officer let another person see who or what a pseudonym stands for.",
        "count expires",
    )
    REVEAL_DECLINED = (
        "deidentification:reveal:declined",
        ActionType.EXECUTE,
        DEIDENTIFICATION,
        "A compliance officer did not let another person see who or what a pseudonym stands for.",
    )
    PSEUDONYM_REVEALED = (
        "deidentification:pseudonym:revealed",
        ActionType.READ,
        DEIDENTIFICATION,
        "A reviewer saw who or what a pseudonym stands for, as another person had granted.",
        "count",
    )
    VOICE_READ = (
        "voice:clip:read",
        ActionType.READ,
        CLINICAL,
        "The clip of an interviewer's voice was read, to compare it.",
        "account",
    )
    VOICE_ENROLLED = (
        "voice:clip:enrolled",
        ActionType.UPDATE,
        CLINICAL,
        "The clip of an interviewer's voice was stored.",
        "account existed",
    )
    VOICE_ERASED = (
        "voice:clip:erased",
        ActionType.DELETE,
        CLINICAL,
        "The clip of an interviewer's voice was deleted.",
        "account objects_deleted",
    )

    RECORDING_TRANSCRIBED = (
        "transcription:recording:transcribed",
        ActionType.EXECUTE,
        TRANSCRIPTION,
        "Speech was turned into an identified transcript, or a transcript made elsewhere was read.",
        "run_key segments",
    )
    AUDIO_BLEEPED = (
        "transcription:audio:bleeped",
        ActionType.CREATE,
        TRANSCRIPTION,
        "Bleeped sound was given to a release, transcribed again without a redacted word in it.",
        "run_key count muted_share heard_again",
    )
    CLIP_CUT = (
        "transcription:clip:cut",
        ActionType.READ,
        TRANSCRIPTION,
        "A reviewer heard a few seconds of a recording.",
        "run_key seconds",
    )
    TRANSCRIPT_DEIDENTIFIED = (
        "deidentification:transcript:deidentified",
        ActionType.EXECUTE,
        DEIDENTIFICATION,
        "An identified transcript was turned into a de-identified one.",
        "run_key redactions existed",
    )
    REDACTION_PROPAGATED = (
        "deidentification:redaction:propagated",
        ActionType.EXECUTE,
        DEIDENTIFICATION,
        "The words of a reviewer's redaction were looked for in the whole transcript.",
        "run_key kind count",
    )
    REPLACEMENT_RELABELLED = (
        "deidentification:replacement:relabelled",
        ActionType.EXECUTE,
        DEIDENTIFICATION,
        "The replacements with one label got the label of another entity type.",
        "run_key kind count",
    )
    WORDING_EXAMINED = (
        "deidentification:wording:examined",
        ActionType.EXECUTE,
        DEIDENTIFICATION,
        "Words that a reviewer would write in the place of misheard ones were looked at.",
        "run_key count",
    )
    TRANSCRIPT_APPROVED = (
        "release:transcript:approved",
        ActionType.EXECUTE,
        RELEASE,
        "A reviewer approved a de-identified transcript. In entries of version 0.1 also a policy.",
        "run_key residual_risk threshold existed",
    )
    TRANSCRIPT_REJECTED = (
        "release:transcript:rejected",
        ActionType.EXECUTE,
        RELEASE,
        "A reviewer decided that a de-identified transcript must not be released.",
        "run_key residual_risk threshold existed",
    )
    TRANSCRIPT_REVIEWED = (
        "release:transcript:read",
        ActionType.READ,
        RELEASE,
        "A reviewer read a de-identified transcript with its doubtful places.",
        "run_key segments residual_risk",
    )
    REVIEW_RULE_APPLIED = (
        "release:rule:applied",
        ActionType.EXECUTE,
        RELEASE,
        "The rule of a policy approved a de-identified transcript, or left it to a person.",
        "run_key decision account residual_risk threshold carried lost",
    )
    CORRECTION_ADDED = (
        "release:correction:added",
        ActionType.UPDATE,
        RELEASE,
        "A reviewer corrected places of a de-identified transcript.",
        "run_key kind count generation",
    )
    CORRECTION_REMOVED = (
        "release:correction:removed",
        ActionType.UPDATE,
        RELEASE,
        "A reviewer took corrections of a de-identified transcript back.",
        "run_key count generation",
    )
    ROLES_CORRECTED = (
        "release:roles:corrected",
        ActionType.UPDATE,
        RELEASE,
        "A reviewer said who is the interviewer or the participant of a de-identified transcript.",
        "run_key count generation",
    )
    QUALITY_FRAMED = (
        "release:quality:framed",
        ActionType.READ,
        RELEASE,
        "It was fixed which approved transcripts the next sample of a study is drawn from.",
        "round frame count segments",
    )
    QUALITY_OPENED = (
        "release:quality:opened",
        ActionType.CREATE,
        RELEASE,
        "A sample was drawn by a seed from the log's checkpoint behind what was fixed before.",
        "round frame seed count",
    )
    QUALITY_READ = (
        "release:quality:read",
        ActionType.READ,
        RELEASE,
        "A reviewer read passages of a sample, or what others had marked in them.",
        "round count",
    )
    QUALITY_MARKED = (
        "release:quality:marked",
        ActionType.UPDATE,
        RELEASE,
        "A reviewer said what passages of a sample hold, or ruled on one that two disagree on.",
        "round count generation",
    )
    QUALITY_SEARCHED = (
        "release:quality:searched",
        ActionType.UPDATE,
        RELEASE,
        "What a sample showed to be missed was replaced, wherever it stands in the study.",
        "round count",
    )
    QUALITY_SIGNED = (
        "release:quality:signed",
        ActionType.EXECUTE,
        RELEASE,
        "A reviewer vouched for a round of quality.",
        "round generation",
    )
    PLACES_MARKED = (
        "release:place:marked",
        ActionType.UPDATE,
        RELEASE,
        "A reviewer said of places that they may stay, that turns are clear, or that they wait.",
        "run_key kind count generation",
    )
    LABELS_MERGED = (
        "release:label:merged",
        ActionType.UPDATE,
        RELEASE,
        "A reviewer said that two labels of a de-identified transcript mean the same.",
        "run_key count generation",
    )
    STEP_UNDONE = (
        "release:step:undone",
        ActionType.UPDATE,
        RELEASE,
        "A reviewer undid a step on a de-identified transcript.",
        "run_key step generation",
    )
    STEP_REDONE = (
        "release:step:redone",
        ActionType.UPDATE,
        RELEASE,
        "A reviewer did a step again that was undone.",
        "run_key step generation",
    )
    MENTIONS_LISTED = (
        "release:mention:listed",
        ActionType.READ,
        RELEASE,
        "A reviewer asked where the same is mentioned in a de-identified transcript.",
        "run_key count",
    )
    RELEASE_BUILT = (
        "release:bundle:built",
        ActionType.CREATE,
        RELEASE,
        "A release was rendered, signed and stored.",
        "release_id files",
    )
    RELEASE_EXPORTED = (
        "release:bundle:exported",
        ActionType.DISCLOSE,
        RELEASE,
        "A release was handed out.",
        "format release_id files copy_id terms taken_for",
    )
    LEGEND_READ = (
        "release:legend:read",
        ActionType.READ,
        RELEASE,
        "A researcher read the legend of pseudonyms of a release.",
        "release_id",
    )
    NOTICES_SEEN = (
        "release:notice:acknowledged",
        ActionType.UPDATE,
        RELEASE,
        "A researcher said that they read what concerns a copy which they took.",
        "count",
    )
    COPY_DESTROYED = (
        "release:copy:declared_destroyed",
        ActionType.UPDATE,
        RELEASE,
        "A researcher declared that they destroyed a copy which they took.",
        "release_id existed",
    )
    BUNDLE_FILE_SEALED = (
        "bundle:file:sealed",
        ActionType.CREATE,
        RESEARCH,
        "A file of a release was stored.",
        "size existed",
    )
    BUNDLE_SEALED = (
        "bundle:manifest:sealed",
        ActionType.CREATE,
        RESEARCH,
        "A release became visible.",
        "files existed",
    )
    BUNDLE_FILE_READ = (
        "bundle:file:read",
        ActionType.READ,
        RESEARCH,
        "A file of a release was read.",
    )
    REVIEW_WRITTEN = (
        "review:record:written",
        ActionType.UPDATE,
        RESEARCH,
        "The newest word on a de-identified transcript was stored: pending, approved or rejected.",
        "state decided_by generation",
    )
    REVIEWS_READ = (
        "review:record:read",
        ActionType.READ,
        RESEARCH,
        "The reviews of a recording were read, with their reasons.",
    )
    CORRECTIONS_WRITTEN = (
        "correction:document:written",
        ActionType.UPDATE,
        RESEARCH,
        "A reviewer's corrections of a de-identified transcript were stored.",
        "count generation",
    )
    CORRECTIONS_READ = (
        "correction:document:read",
        ActionType.READ,
        RESEARCH,
        "A reviewer's corrections of a de-identified transcript were read.",
        "generation",
    )
    QUALITY_ROUND_WRITTEN = (
        "quality:round:written",
        ActionType.UPDATE,
        RESEARCH,
        "The record of a round of quality was stored.",
        "round generation",
    )
    QUALITY_ROUNDS_READ = (
        "quality:round:read",
        ActionType.READ,
        RESEARCH,
        "The records of a study's rounds of quality were read.",
    )
    COPY_WRITTEN = (
        "copy:record:written",
        ActionType.UPDATE,
        RESEARCH,
        "The record of a copy of a release was stored, or a later state of it.",
        "generation",
    )
    APPROVAL_WRITTEN = (
        "approval:record:written",
        ActionType.UPDATE,
        RESEARCH,
        "An approval was stored; version 0.1 alone wrote it, before there were reviews.",
    )

    KEY_CREATED = (
        "key:participant:created",
        ActionType.CREATE,
        STORES,
        "A participant's key was made.",
    )
    KEY_DESTROYED = (
        "key:participant:destroyed",
        ActionType.DELETE,
        STORES,
        "A participant's key was destroyed: what it sealed is erased.",
        """key_id objects_deleted objects_retained objects_failed failed_open rewrapped unopened
        reason expires""",
    )
    ERASURE_PREVIEWED = (
        "key:participant:previewed",
        ActionType.EXECUTE,
        STORES,
        "It was asked what a participant's erasure would take; nothing was changed.",
        "objects",
    )
    ZONE_KEY_ROTATED = (
        "key:zone:rotated",
        ActionType.UPDATE,
        STORES,
        "A zone's wrapping key was replaced.",
        "key_id rewrapped unopened",
    )
    ZONE_KEY_MOVED = (
        "key:zone:moved",
        ActionType.EXECUTE,
        STORES,
        "A zone's keys were wrapped by another key provider; the previous zone key is destroyed.",
        "provider key_id rewrapped unopened",
    )
    STORE_SCRUBBED = (
        "store:zone:scrubbed",
        ActionType.EXECUTE,
        STORES,
        "A zone was walked for damage.",
        "repair accept objects findings",
    )

    LOG_READ = (
        "audit:log:read",
        ActionType.READ_LOG,
        AUDIT,
        "The audit log was read.",
        "from_index filter entries asked_participant asked_study",
    )
    LOG_EXPORTED = (
        "audit:log:exported",
        ActionType.READ_LOG,
        AUDIT,
        "The audit log was exported.",
        "from_index entries",
    )
    REVIEW_RECORDED = (
        "audit:review:recorded",
        ActionType.EXECUTE,
        AUDIT,
        "An officer looked through a period of the log and came to a finding.",
        "since until decision verdict checkpoint_size checkpoint_root",
    )
    LOG_VERIFIED = (
        "audit:log:verified",
        ActionType.EXECUTE,
        AUDIT,
        "The log was checked for being whole.",
        "entries findings verdict",
    )
    REPORT_WRITTEN = (
        "audit:report:written",
        ActionType.READ_LOG,
        AUDIT,
        "The evidence report of a month was written into the audit folder.",
        "since entries verdict",
    )
    BACKUP_MADE = (
        "installation:backup:made",
        ActionType.EXECUTE,
        AUDIT,
        "Hospital IT made a backup of the installation.",
        "made_at files",
    )
    BACKUP_CHECKED = (
        "installation:backup:verified",
        ActionType.EXECUTE,
        AUDIT,
        "Every file of a backup was read, and its secrets were opened.",
        "made_at files",
    )
    BACKUP_RESTORED = (
        "installation:backup:restored",
        ActionType.EXECUTE,
        AUDIT,
        "A backup was put back into a home, as for a trial.",
        "made_at files",
    )
    WITNESS_LOST = (
        "audit:witness:lost",
        ActionType.EXECUTE,
        AUDIT,
        "A witness no longer cosigns: it cannot be reached, or refuses.",
        "key_id checkpoint_size",
    )
    WITNESS_RETURNED = (
        "audit:witness:returned",
        ActionType.EXECUTE,
        AUDIT,
        "A witness cosigns again.",
        "key_id checkpoint_size",
    )
    WITNESS_CONFLICT = (
        "audit:witness:conflict",
        ActionType.EXECUTE,
        AUDIT,
        "A witness remembers another history of this log: an alarm.",
        "key_id checkpoint_size",
    )
    LOG_RENEWED = (
        "audit:log:renewed",
        ActionType.READ_LOG,
        AUDIT,
        "The log goes on under a new name after a restore; the entry names the old one.",
        "old_origin checkpoint_size checkpoint_root",
    )

    def carries(self, key: str) -> bool:
        """Return whether an entry of this event may have an attribute."""
        return key in self.attributes | EVERYWHERE or f"{key.partition('.')[0]}." in self.attributes

    @property
    def subject(self) -> str:
        """What was touched."""
        return self.value.split(":")[1]

    @property
    def action(self) -> str:
        """What was done to it."""
        return self.value.split(":")[2]


def is_owner(service: str, name: str) -> bool:
    """Return whether entries of a service may bear an event; nobody owns an unknown one."""
    return name in EVENTS and service in EVENTS[name].owners


def is_own(service: str, name: str, zone: str) -> bool:
    """Return whether a service owns an event and works in the zone that its entry names."""
    return is_owner(service, name) and ZONES.get(service) == zone


#: Every event by its name.
EVENTS: Mapping[str, Event] = {event.value: event for event in Event}

#: What stores did to look after themselves, of which hospital IT learns the time.
LOOKED_AFTER = (Event.STORE_SCRUBBED, Event.ZONE_KEY_ROTATED)
