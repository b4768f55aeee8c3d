# SPDX-License-Identifier: Apache-2.0
"""The demonstration in the console: a study with work to do, and a person in each role."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from flows.demo import run, samples
from services.common import context, identity, logging, supervisor
from services.common.client import Peers
from services.common.errors import Internal
from services.common.files import write_private
from services.common.installation import Installation
from services.registry import identities
from services.registry.processes import CONSOLE_LISTEN
from services.studies import study_file

_ANY_PORT = "127.0.0.1:0"


#: So small a sample is read in minutes, and its bound is wide.
_GATE = study_file.QualityGate(sample=12, second_reader=0.25, planted=3, detection=0.6)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person of the demonstration, and the code to set the account up with."""

    person: str
    role: str
    code: str


#: Who uses the console of the demonstration, and as what. A round of quality takes up to four
#: reviewers: two who read, one who rules where these disagree, and one who signs.
PEOPLE = {
    "siti": identities.REVIEWER,
    "arjun": identities.REVIEWER,
    "hui": identities.REVIEWER,
    "jamal": identities.REVIEWER,
    "mei": identities.RESEARCHER,
    "aminah": identities.COMPLIANCE,
    "faiz": identities.OPERATOR,
}


def prepare(installation: Installation) -> Sequence[Visitor]:
    """Make the accounts, in a home of its own; the console starts where there are some."""
    supervisor.prepare(installation)
    settings = installation.root / "sotto.toml"
    if not settings.exists() and not _is_free(CONSOLE_LISTEN):
        write_private(settings, f'[console]\nlisten = "{_ANY_PORT}"\n'.encode())
    return [Visitor(one, role, _invite(installation, one, role)) for one, role in PEOPLE.items()]


def fill(installation: Installation, work: Path, addresses: dict[str, str]) -> str:
    """Bring the sample interviews in, and build a release of those that the rule approves.

    The others wait for a reviewer, and the next release for a round of quality. Returns the
    release.
    """
    found = samples.load()
    operator = Peers(identity.load(installation.pki / identities.OPERATOR), addresses)
    try:
        with context.acting(
            person="faiz", role=identities.OPERATOR, request_id=context.new_request_id()
        ):
            study, policy = study_file.read(Path(__file__).parent / "study.yaml")
            study = study.model_copy(update={"members": _members()})
            run.describe(installation, work, addresses, study, policy)
            run.ingest(operator, installation, run.fill_inbox(work, found), found)
            release = run.build(operator)
            # From here on a release asks for a round of quality, which is there to be walked.
            study = study.model_copy(update={"quality": _GATE})
            run.describe(installation, work, addresses, study, policy)
            return release
    finally:
        operator.close()


def start(
    installation: Installation,
    work: Path,
    say: Callable[[str], None],
    on_ready: Callable[[str, str], None],
    is_stopping: Callable[[], bool],
) -> None:
    """Start everything, fill the study, and keep it running until `is_stopping`.

    `on_ready` is called with the console's address and the release.
    """
    logging.configure("demo", fmt="console", level="error")
    owner = supervisor.Supervisor(installation)
    try:
        say("Starting the services ...")
        owner.start(on_ready=lambda name: say(f"  {name} is ready"))
        say("Sealing, transcribing and de-identifying the sample interviews ...")
        release = fill(installation, work, owner.addresses)
        on_ready(f"https://{owner.addresses[identities.CONSOLE]}", release)
        owner.watch(is_stopping)
    finally:
        owner.close()


def _members() -> tuple[study_file.Member, ...]:
    roles = {one.value: one for one in study_file.MemberRole}
    return tuple(
        study_file.Member(person=person, roles=(roles[role],))
        for person, role in PEOPLE.items()
        if role in roles
    )


def _invite(installation: Installation, person: str, role: str) -> str:
    """Make an account by the command, as an administrator does, and return its code."""
    words = ["console", "accounts", "add", person, "--role", role, "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli.main", *words, "--home", str(installation.root)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise Internal(f"the account of {person} could not be made")
    return str(json.loads(done.stdout)["set_up_code"])


def _is_free(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with closing(socket.socket()) as probe:
        return probe.connect_ex((host, int(port))) != 0
