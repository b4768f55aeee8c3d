# SPDX-License-Identifier: Apache-2.0
"""Every name that may stand in the audit log, as ``source:subject:action``."""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    """Names of audit events; the text behind each is its meaning."""

    PROCESS_STARTED = "service:process:started"
    """A service began to answer."""
    PROCESS_STOPPED = "service:process:stopped"
    """A service stopped in good order."""
    CALL_DENIED = "access:call:denied"
    """A known client called a service that it may not call, or without saying enough."""
    CONNECTION_REFUSED = "access:connection:refused"
    """A connection failed to show a valid certificate."""
    PEER_REFUSED = "access:peer:refused"
    """A service that we called showed no valid certificate, or did not accept ours."""
    SIGNED_IN = "access:session:signed_in"
    """A person's credential was used for the first time in a while, at the service that says so."""
    SIGNED_OUT = "access:session:signed_out"
    """A person ended a session."""
    SETTINGS_SEEN = "configuration:settings:seen"
    """A service started for the first time: which settings differ from the shipped ones."""
    SETTINGS_CHANGED = "configuration:settings:changed"
    """A service started with settings, access list, policies or files other than those before."""

    STUDY_WRITTEN = "study:description:written"
    """A study was created or described anew."""
    RECORDING_SEALED = "recording:content:sealed"
    """A recording or a transcript made elsewhere came in."""
    RECORDING_READ = "recording:content:read"
    """A recording was read in clear."""
    RECORDING_FAILURE_WRITTEN = "recording:failure:written"
    """A stage gave up on a recording, or it was cleared to be tried again."""
    CONTENT_DELETED = "recording:content:deleted"
    """The content of a recording was deleted by its study's rule of retention."""
    HOLD_WRITTEN = "recording:hold:written"
    """A legal hold was set or lifted."""
    WINDOW_SEALED = "transcript:window:sealed"
    """A window of a transcript was stored."""
    TRANSCRIPT_SEALED = "transcript:manifest:sealed"
    """A transcript was finished and became visible."""
    TRANSCRIPT_READ = "transcript:content:read"
    """A transcript was read in clear."""
    VAULT_READ = "vault:document:read"
    """Pseudonyms and whom they stand for were read."""
    VAULT_WRITTEN = "vault:document:written"
    """Pseudonyms were added."""
    ROSTER_READ = "roster:document:read"
    """The names that a study knows were read."""
    ROSTER_WRITTEN = "roster:document:written"
    """The names that a study knows were set."""

    RECORDING_TRANSCRIBED = "transcription:recording:transcribed"
    """Speech was turned into an identified transcript, or a transcript made elsewhere was read."""
    TRANSCRIPT_DEIDENTIFIED = "deidentification:transcript:deidentified"
    """An identified transcript was turned into a de-identified one."""
    TRANSCRIPT_APPROVED = "release:transcript:approved"
    """A person or the policy approved a de-identified transcript."""
    RELEASE_BUILT = "release:bundle:built"
    """A release was rendered, signed and stored."""
    RELEASE_EXPORTED = "release:bundle:exported"
    """A release was handed out."""
    BUNDLE_FILE_SEALED = "bundle:file:sealed"
    """A file of a release was stored."""
    BUNDLE_SEALED = "bundle:manifest:sealed"
    """A release became visible."""
    BUNDLE_FILE_READ = "bundle:file:read"
    """A file of a release was read."""
    APPROVAL_WRITTEN = "approval:record:written"
    """An approval was stored."""

    KEY_CREATED = "key:participant:created"
    """A participant's key was made."""
    KEY_DESTROYED = "key:participant:destroyed"
    """A participant's key was destroyed: what it sealed is erased."""
    ZONE_KEY_ROTATED = "key:zone:rotated"
    """A zone's wrapping key was replaced."""
    STORE_SCRUBBED = "store:zone:scrubbed"
    """A zone was walked for damage."""

    LOG_READ = "audit:log:read"
    """Somebody read the audit log."""
    LOG_EXPORTED = "audit:log:exported"
    """Somebody exported the audit log."""
    REVIEW_RECORDED = "audit:review:recorded"
    """An officer looked through a period of the log and came to a finding."""
    WITNESS_LOST = "audit:witness:lost"
    """A witness no longer cosigns: it cannot be reached, or refuses."""
    WITNESS_RETURNED = "audit:witness:returned"
    """A witness cosigns again."""
    WITNESS_CONFLICT = "audit:witness:conflict"
    """A witness remembers another history of this log: an alarm."""
    LOG_RENEWED = "audit:log:renewed"
    """The log goes on under a new name after a restore; the entry names the old one."""

    @property
    def subject(self) -> str:
        """What was touched."""
        return self.value.split(":")[1]

    @property
    def action(self) -> str:
        """What was done to it."""
        return self.value.split(":")[2]
