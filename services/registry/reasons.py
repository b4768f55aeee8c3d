# SPDX-License-Identifier: Apache-2.0
"""Every reason that an entry of the audit log may give, and what it means in plain words.

The audit service refuses any other word, so that no text and no name of a Python class can stand as
a reason. Whoever raises an error or records a refusal with a new reason adds it here.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Reasons of errors that give none of their own: the gRPC status of their kind.
STATUSES: Mapping[str, str] = {
    "ABORTED": "somebody else changed it in between",
    "ALREADY_EXISTS": "the name was taken by something else",
    "CANCELLED": "whoever asked left before the end, or the service was told to stop",
    "DATA_LOSS": "stored bytes are not what was written",
    "DEADLINE_EXCEEDED": "a service did not answer in time",
    "FAILED_PRECONDITION": "an earlier step was missing",
    "INTERNAL": "a defect of the program",
    "INVALID_ARGUMENT": "what was given could not be used",
    "NOT_FOUND": "there was no such thing",
    "PERMISSION_DENIED": "the client or the person may not do this",
    "RESOURCE_EXHAUSTED": "no space or memory was left, or a limit was reached",
    "UNAUTHENTICATED": "the client did not show who it is",
    "UNAVAILABLE": "a service that is needed could not be reached",
}

#: Every reason and its meaning, which reads on after "because".
REASONS: Mapping[str, str] = {
    **STATUSES,
    "account_of_another": "the name of the account was another person's",
    "account_disabled": "the account was closed, or not set up yet",
    "assertion_expired": "the console's statement of who is signed in had ended",
    "assertion_invalid": "the statement of who is signed in was not one of the console's",
    "assertion_not_carried": "a statement of who is signed in came with another certificate than"
    " the console's",
    "audio_not_safe": "redacted words could be heard in bleeped sound",
    "audit_unavailable": "the audit log could not take entries",
    "backup_damaged": "the backup was not as it was made",
    "changed_the_policy": "the person had changed the policy or the review of the study",
    "code_used": "the code had been used already",
    "compliance_only": "compliance alone may do this",
    "decided": "it had been decided on",
    "disk_full": "the disk was full",
    "erased": "the participant withdrew",
    "heard_enough": "the person had heard as much of the recording as clips give",
    "no_installation": "there was no installation in that place",
    "no_name": "the certificate carries no name of this installation",
    "no_role": "the person had no role",
    "no_rule": "the study has no rule that deletes recordings",
    "no_sandbox": "this machine could not hold the readers of files in a sandbox",
    "no_study": "there was no such study",
    "no_speech_model": "no speech model was installed",
    "not_countersigned": "no compliance officer had countersigned the policy",
    "no_upload": "the upload had ended",
    "not_a_member": "the study does not list the person",
    "not_delegated": "the console called for nobody who is signed in",
    "not_granted": "nobody had granted it, or its time or number of times was over",
    "not_due": "the study's rule keeps it still",
    "not_on_the_list": "the client is not on the list of those who may call this",
    "not_released": "no release holds its words yet, from which its time would run",
    "not_the_owner": "the service may not write such an entry, or not for that zone",
    "other_transcript": "the approved transcript was not of the recording as it is decoded now",
    "other_rule": "the study has another rule than the one that was given",
    "peer_refused": "what answered did not show the certificate of the service",
    "person_missing": "the call named no person",
    "person_not_carried": "the call named another person than its certificate",
    "person_not_certified": "the person had no certificate of their own",
    "person_without_role": "the call named a person without a role of people",
    "person_changed": "another person proved who they are than the one who was signed in",
    "no_purpose": "it was not said what the release is for",
    "proof_too_old": "the person had not been asked anew who they are",
    "proof_too_weak": "the person had not proved who they are by all that is asked for",
    "provider_claims": "the identity provider gave no account name",
    "provider_mixed_up": "the answer was of another identity provider",
    "provider_refused": "the identity provider did not let the person in",
    "provider_token": "what the identity provider said did not hold",
    "removed": "the recording was removed",
    "retained": "a retention rule or a legal hold keeps it",
    "role_not_carried": "the call named a role that its certificate does not carry",
    "rolled_back": "an older state was put in the place of the newest",
    "running": "the installation was running",
    "session_ended": "an administrator ended the session",
    "session_idle": "nothing was asked in the session for too long",
    "session_over": "the session had lasted as long as one may",
    "signed_out": "the person signed out",
    "sign_in_not_begun": "the sign-in was not begun in that browser, or too long before",
    "silent": "the client sent nothing for too long",
    "step_up_required": "the person had not proved who they are within the last minutes",
    "studies_limited": "the person's session is for other studies",
    "strict": "there was a warning about the file, and files with warnings were to be refused",
    "terms_not_accepted": "the person had not accepted the terms of the study as they are now",
    "too_many_attempts": "too many sign-ins had failed with the account or from the address",
    "somebody_else": "somebody else has to do it",
    "too_many_calls": "too many calls with the same certificate were under way",
    "undecodable": "what was sent was no message of that kind",
    "unknown_name": "nothing of that name is known",
    "wrong_credentials": "account, password and code did not belong together",
    # Of connections that failed to show a valid certificate.
    "expired": "the certificate had expired",
    "handshake_failed": "no connection with certificates of both sides could be made",
    "no_certificate": "no certificate was shown",
    "not_yet_valid": "the certificate was not valid yet",
    "unknown_authority": "the certificate was issued by another authority",
    # Of an S3 store.
    "store_bucket": "the object store does not have the bucket",
    "store_clock": "the clocks of the object store and of this machine differ",
    "store_credentials": "the object store refused the credentials",
    "store_range": "the object store has nothing in that range",
    # Of the audit log itself.
    "log_not_whole": "the log was found not to be whole",
    "witness_conflict": "a witness remembers another history of the log",
    "witness_refused": "a witness refused the checkpoint",
    # What a witness last did.
    "away": "the witness could not be reached",
    "conflict": "the witness remembers another history of the log",
    "cosigns": "the witness cosigns again",
    "refuses": "the witness refused the checkpoint",
    "unknown": "the witness was not asked yet",
    # Why a log goes on under a new name.
    "restored": "an older backup was restored",
    "damaged": "the old log was damaged",
    "key_lost": "the signing key of the old log was lost",
}

#: Why a log may be started anew.
RENEWALS = ("restored", "damaged", "key_lost")

# Version 0.1 wrote the name of a Python class for whatever was no error of its own.
_OF_0_1: Mapping[str, str] = {
    "GeneratorExit": "whoever asked left before the end; the work itself may have been finished",
    "KeyboardInterrupt": "the service was told to stop",
    "SystemExit": "the service was told to stop",
}


def in_words(reason: str) -> str:
    """Return what a reason means; a word that only version 0.1 could write is a defect."""
    return REASONS.get(reason) or _OF_0_1.get(reason) or STATUSES["INTERNAL"]
