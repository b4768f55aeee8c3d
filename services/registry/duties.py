# SPDX-License-Identifier: Apache-2.0
"""What the gRPC services are for, and which of these duties no certificate may hold together.

Who may see to a duty follows from `access.py`; nothing here lets anybody in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.registry.access import ALLOWED
from services.registry.identities import (
    AUDIT,
    CLINICAL,
    DEIDENTIFICATION,
    RELEASE,
    RESEARCH,
    TRANSCRIPTION,
)

Place = tuple[str, str]

_STORAGE = "sotto.storage.v1."

READ_RECORDINGS = "read recordings"
READ_IDENTIFIED = "read identified transcripts"
READ_NAMES = "read known names and pseudonyms"
READ_RESEARCH = "read de-identified transcripts in the store"
END_UPLOADS = "end uploads that nobody finished"
BRING_IN = "bring in recordings and known names"
DESCRIBE_STUDIES = "write a study: its policy, its review, its members"
COUNTERSIGN = "countersign a policy that keeps more than a policy may"
READ_POLICIES = "see what a policy keeps"
STEER = "have recordings transcribed and de-identified"
FIND_WORK = "see what is due"
TELL_WORK = "tell how far work is"
SEE_WORK = "see what workers do"
NOTE_FAILURES = "note why a recording stopped, or that it is tried again"
READ_VOICES = "compare enrolled voices of interviewers"
WRITE_VOICES = "keep enrolled voices of interviewers"
ENROL = "enrol voices of interviewers, and have them deleted"
NAME_RUNS = "have runs named under the secret of the clinical zone"
WRITE_TRANSCRIPTS = "write transcripts"
WRITE_NAMES = "write names that came with a recording"
WRITE_PSEUDONYMS = "write pseudonyms"
REVEAL = "ask who stands behind a pseudonym, and see it where another person granted that"
GRANT_REVEALS = "grant or refuse that a pseudonym is revealed"
SEE_REVEALS = "see what was asked, granted and shown of pseudonyms"
KEEP_REVEALS = "keep what was asked, granted and shown of pseudonyms"
SPREAD_CORRECTIONS = "spread a correction over a transcript"
GIVE_AUDIO = "have sound made of what is approved"
HEAR_CLIPS = "hear a few seconds of a recording"
DECIDE = "read de-identified transcripts for review, correct them, decide on them"
SEE_QUALITY = "see what rounds of quality show"
APPLY_RULE = "apply the rule of a policy"
KEEP_DECISIONS = "keep decisions and corrections"
BUILD = "build a release of what is approved"
KEEP_RELEASES = "keep releases"
TAKE_OUT = "take releases out"
KEEP_COPIES = "keep records of copies that were taken"
SEE_COPIES = "see who took copies of releases"
DELETE_CONTENT = "delete what a study's rule of retention ends"
SEE_CALENDAR = "see when the rules of retention end what, and what is held"
HOLD = "hold recordings"
REMOVE = "remove or move what was brought in by mistake"
ERASE = "erase a participant"
SEE_STATES = "see ids, counts and states"
KEEP_STORE = "check and re-key a store"
CHECK_STORE = "have a store checked by schedule"
WRITE_LOG = "append to the audit log"
READ_LOG = "read the audit log"
TAKE_CHECKPOINTS = "take checkpoints of the audit log"
JUDGE_LOG = "note a review of the audit log"
CHECK_LOG = "have the audit log checked by schedule"
SEE_UPKEEP = "see when the installation was looked after, and note its backups"


def _both(name: str) -> tuple[Place, ...]:
    return ((CLINICAL, _STORAGE + name), (RESEARCH, _STORAGE + name))


#: The gRPC services of each duty, by server. Each service of each server has one duty.
DUTIES: Mapping[str, Sequence[Place]] = {
    READ_RECORDINGS: (
        (CLINICAL, _STORAGE + "RecordingReaderService"),
        (CLINICAL, _STORAGE + "UploadReaderService"),
    ),
    READ_IDENTIFIED: ((CLINICAL, _STORAGE + "SegmentReaderService"),),
    READ_NAMES: (
        (CLINICAL, _STORAGE + "RosterReaderService"),
        (CLINICAL, _STORAGE + "RecordingRosterReaderService"),
    ),
    READ_RESEARCH: ((RESEARCH, _STORAGE + "SegmentReaderService"),),
    BRING_IN: (
        (CLINICAL, _STORAGE + "RecordingWriterService"),
        (CLINICAL, _STORAGE + "RosterWriterService"),
        (CLINICAL, _STORAGE + "UploadService"),
        (TRANSCRIPTION, "sotto.transcription.v1.IntakeService"),
    ),
    READ_VOICES: ((CLINICAL, _STORAGE + "VoiceReaderService"),),
    WRITE_VOICES: ((CLINICAL, _STORAGE + "VoiceWriterService"),),
    ENROL: (
        (CLINICAL, _STORAGE + "VoiceRegisterService"),
        (TRANSCRIPTION, "sotto.transcription.v1.EnrolmentService"),
    ),
    END_UPLOADS: ((CLINICAL, _STORAGE + "UploadExpiryService"),),
    DESCRIBE_STUDIES: _both("CatalogWriterService"),
    COUNTERSIGN: ((CLINICAL, _STORAGE + "CountersignatureService"),),
    READ_POLICIES: ((DEIDENTIFICATION, "sotto.deidentification.v1.PolicyService"),),
    STEER: (
        (TRANSCRIPTION, "sotto.transcription.v1.TranscriptionService"),
        (DEIDENTIFICATION, "sotto.deidentification.v1.DeidentificationService"),
    ),
    FIND_WORK: ((CLINICAL, _STORAGE + "PendingService"),),
    TELL_WORK: ((CLINICAL, _STORAGE + "WorkNoteService"),),
    SEE_WORK: ((CLINICAL, _STORAGE + "WorkReaderService"),),
    NOTE_FAILURES: ((CLINICAL, _STORAGE + "FailureService"),),
    NAME_RUNS: ((CLINICAL, _STORAGE + "RunKeyService"),),
    WRITE_TRANSCRIPTS: _both("SegmentWriterService"),
    WRITE_NAMES: ((CLINICAL, _STORAGE + "RecordingRosterWriterService"),),
    WRITE_PSEUDONYMS: ((CLINICAL, _STORAGE + "VaultService"),),
    REVEAL: ((DEIDENTIFICATION, "sotto.deidentification.v1.RevealService"),),
    GRANT_REVEALS: ((DEIDENTIFICATION, "sotto.deidentification.v1.RevealDecisionService"),),
    SEE_REVEALS: ((DEIDENTIFICATION, "sotto.deidentification.v1.RevealReaderService"),),
    KEEP_REVEALS: ((CLINICAL, _STORAGE + "RevealStoreService"),),
    SPREAD_CORRECTIONS: ((DEIDENTIFICATION, "sotto.deidentification.v1.CorrectionService"),),
    GIVE_AUDIO: ((TRANSCRIPTION, "sotto.transcription.v1.BleepingService"),),
    HEAR_CLIPS: ((TRANSCRIPTION, "sotto.transcription.v1.ClipService"),),
    DECIDE: (
        (RELEASE, "sotto.release.v1.ReviewService"),
        (RELEASE, "sotto.release.v1.QualityService"),
    ),
    SEE_QUALITY: ((RELEASE, "sotto.release.v1.QualityReaderService"),),
    APPLY_RULE: ((RELEASE, "sotto.release.v1.ReviewRuleService"),),
    KEEP_DECISIONS: ((RESEARCH, _STORAGE + "ReviewStoreService"),),
    BUILD: ((RELEASE, "sotto.release.v1.ReleaseBuilderService"),),
    KEEP_RELEASES: ((RESEARCH, _STORAGE + "BundleService"),),
    TAKE_OUT: ((RELEASE, "sotto.release.v1.ReleaseReaderService"),),
    KEEP_COPIES: ((RESEARCH, _STORAGE + "CopyStoreService"),),
    SEE_COPIES: ((RELEASE, "sotto.release.v1.CopyReaderService"),),
    DELETE_CONTENT: ((CLINICAL, _STORAGE + "RetentionService"),),
    SEE_CALENDAR: ((CLINICAL, _STORAGE + "RetentionCalendarService"),),
    HOLD: ((CLINICAL, _STORAGE + "HoldService"),),
    REMOVE: (
        (CLINICAL, _STORAGE + "RemovalService"),
        (RESEARCH, _STORAGE + "TranscriptRemovalService"),
    ),
    ERASE: _both("ErasureService"),
    SEE_STATES: _both("CatalogReaderService"),
    KEEP_STORE: _both("StoreAdminService"),
    CHECK_STORE: _both("StoreCheckService"),
    WRITE_LOG: ((AUDIT, "sotto.audit.v1.AuditAppendService"),),
    READ_LOG: ((AUDIT, "sotto.audit.v1.AuditQueryService"),),
    TAKE_CHECKPOINTS: ((AUDIT, "sotto.audit.v1.AuditCheckpointService"),),
    JUDGE_LOG: ((AUDIT, "sotto.audit.v1.AuditReviewService"),),
    CHECK_LOG: ((AUDIT, "sotto.audit.v1.AuditScheduleService"),),
    SEE_UPKEEP: ((AUDIT, "sotto.audit.v1.AuditUpkeepService"),),
}

#: Duties that no certificate may hold together. The last two are about the engine: no service of
#: ours reads identified words and hands out releases.
APART: Sequence[tuple[str, str]] = (
    (STEER, READ_RECORDINGS),
    (STEER, READ_IDENTIFIED),
    (STEER, READ_NAMES),
    (STEER, READ_VOICES),
    (STEER, READ_RESEARCH),
    (STEER, DECIDE),
    (STEER, COUNTERSIGN),
    (DECIDE, COUNTERSIGN),
    (STEER, TAKE_OUT),
    (FIND_WORK, DECIDE),
    (APPLY_RULE, DESCRIBE_STUDIES),
    (APPLY_RULE, BUILD),
    (APPLY_RULE, TAKE_OUT),
    (DESCRIBE_STUDIES, READ_RECORDINGS),
    (DESCRIBE_STUDIES, READ_IDENTIFIED),
    (DESCRIBE_STUDIES, READ_RESEARCH),
    (DESCRIBE_STUDIES, DECIDE),
    (DESCRIBE_STUDIES, COUNTERSIGN),
    (DESCRIBE_STUDIES, TAKE_OUT),
    (DESCRIBE_STUDIES, ERASE),
    (DECIDE, TAKE_OUT),
    (DECIDE, READ_RECORDINGS),
    (BUILD, TAKE_OUT),
    (BRING_IN, READ_IDENTIFIED),
    (ENROL, READ_VOICES),
    (JUDGE_LOG, WRITE_LOG),
    (READ_LOG, WRITE_LOG),
    (READ_IDENTIFIED, TAKE_OUT),
    (READ_IDENTIFIED, KEEP_RELEASES),
    (GIVE_AUDIO, READ_RECORDINGS),
    (GIVE_AUDIO, READ_IDENTIFIED),
    (GIVE_AUDIO, DECIDE),
    (GIVE_AUDIO, TAKE_OUT),
    (REVEAL, GRANT_REVEALS),
    (REVEAL, READ_NAMES),
    (REVEAL, STEER),
    (REVEAL, DESCRIBE_STUDIES),
    (REVEAL, TAKE_OUT),
    (GRANT_REVEALS, READ_NAMES),
    (GRANT_REVEALS, READ_IDENTIFIED),
    (GRANT_REVEALS, STEER),
    (GRANT_REVEALS, DESCRIBE_STUDIES),
    (HEAR_CLIPS, STEER),
    (HEAR_CLIPS, READ_RECORDINGS),
    (HEAR_CLIPS, DESCRIBE_STUDIES),
    (HEAR_CLIPS, BRING_IN),
    (HEAR_CLIPS, TAKE_OUT),
)


def callers_of(duty: str) -> frozenset[str]:
    """Return the certificates that may see to a duty, or to a part of it."""
    return frozenset().union(*(ALLOWED[server][service] for server, service in DUTIES[duty]))
