# SPDX-License-Identifier: Apache-2.0
"""The form of every id, code and name that crosses a boundary, as regular expressions.

Each is unanchored and stands for the whole value: use it with `re.fullmatch`. They keep to the part
of the syntax that Python, RE2 (protovalidate) and Rust (pydantic) read alike. The contracts in
`protos/` repeat them, since a contract is read without this code; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping

STUDY_ID = r"[a-z0-9][a-z0-9-]{1,38}"
PARTICIPANT_CODE = r"[A-Z0-9][A-Z0-9-]{0,15}"
RECORDING_ID = r"rec-[a-z2-7]{26}"
UPLOAD_ID = r"upl-[a-z2-7]{26}"
REVEAL_ID = r"rvl-[a-z2-7]{26}"
"""Request to reveal a pseudonym; drawn by chance, since the log has no label."""

PSEUDONYM_LABEL = r"[A-Za-z0-9][A-Za-z0-9' /-]{0,79}"
"""Label that stands for a person or place, without its brackets."""

RELEASE_ID = r"rel-[a-z2-7]{26}"
COPY_ID = r"cpy-[a-z2-7]{26}"
"""Name of a copy that somebody took of a release, made from its record."""

RUN_KEY = r"[0-9a-f]{32}"
"""Name of a run, made from a digest over all that determines its result."""

SHA256_HEX = r"[0-9a-f]{64}"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
LANGUAGE = r"[a-z]{2,3}"
"""Code of ISO 639-1 or 639-3."""

POLICY_NAME = r"[a-z0-9][a-z0-9-]{0,62}"
"""Name of a de-identification policy, as a study and the contracts refer to it."""

APPROVER = r"[A-Za-z0-9_.@:+-]{1,80}"
"""Account, or `policy:` and a policy's name, that decided on a transcript."""

NUMBERED_SPEAKER = r"S[1-9][0-9]{0,3}"
"""Label of a speaker, in the order of appearance; any other label could be a name."""

ENTITY_TYPE = r"[A-Za-z0-9_.-]{1,64}"
FILE_FORMAT = r"[a-z]{2,8}(-readable)?"
"""Format of a released file, which is also its suffix, and its style where that is not verbatim."""

RELEASED_FILE = r"[A-Za-z0-9_-]{1,100}[.][a-z]{2,8}"
BUNDLE_PATH = r"([A-Za-z0-9_-]+/)?[A-Za-z0-9_-]+[.][a-z]{2,8}"
"""Path of a file in a bundle: at most one folder. Its length is limited apart."""

# Texts of an entry in the audit log. All but the name of the event may also be empty.
ZONE = r"clinical|research"
EVENT_NAME = r"[a-z_]+:[a-z_]+:[a-z_]+"
SERVICE_NAME = r"[a-z0-9.-]{1,64}"
REASON = r"[A-Za-z0-9_.:-]{1,64}"
PERSON = r"[A-Za-z0-9_.@+-]{1,64}"
ROLE = r"[a-z_-]{1,32}"
PURPOSE = r"[a-z_-]{1,32}"
CALLER = r"[a-z0-9.-]{1,64}"
OBJECT = r"[A-Za-z0-9_./:-]{1,256}"
REQUEST_ID = r"[a-z0-9-]{1,64}"
ATTRIBUTE_KEY = r"[a-z][a-z0-9_.]{0,63}"
ATTRIBUTE_TEXT = r"[A-Za-z0-9_.,:;/+=@ -]{0,512}"


#: What each id looks like and where to find it, for whoever typed another one.
ADVICE: Mapping[str, str] = {
    STUDY_ID: "an id is 2 to 39 small letters, digits and hyphens, such as recovery-2026",
    PARTICIPANT_CODE: "a code is 1 to 16 capital letters, digits and hyphens, such as P07",
    RECORDING_ID: "an id is rec- and 26 letters and digits; see: sotto recordings list",
    POLICY_NAME: "a name is small letters, digits and hyphens, such as research-default",
    PERSON: "a person is an account name of 1 to 64 letters, digits and _.@+-, such as siti",
    RELEASE_ID: "an id is rel- and 26 letters and digits; see: sotto release list",
}


def or_empty(pattern: str) -> str:
    """Return a pattern that also accepts the empty text, which stands for "does not apply"."""
    return f"({pattern})?"
