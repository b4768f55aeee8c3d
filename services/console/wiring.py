# SPDX-License-Identifier: Apache-2.0
"""Which parts the console is made of."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import structlog
from cryptography import x509
from fastapi import FastAPI

from services.common import certificate_authority, process_facts
from services.common.delegation import PRIVATE_KEY, Delegate
from services.common.errors import SottoError
from services.common.installation import Installation
from services.common.server import Process
from services.console import application
from services.console.adapters.record import AuditRecord, Outbox
from services.console.adapters.sqlite_store import SqliteStore
from services.console.domain.accounts import Accounts
from services.console.domain.passwords import Passwords
from services.console.domain.sessions import Lifetimes, Sessions
from services.console.domain.signing_in import SigningIn
from services.console.provider_wiring import federated
from services.console.serving import pages_certificate
from services.console.settings import ConsoleSettings
from services.console.web.console import Console
from services.console.web.guard import hosts

_log = structlog.get_logger(__name__)

_LOCAL = ("localhost", "127.0.0.1", "::1")
_SWEEP_SECONDS = 30.0


def build(settings: ConsoleSettings, process: Process) -> FastAPI:
    """Open the accounts, and return the application."""
    installation = Installation(settings.home)
    installation.make_folder("console")
    own_folder = settings.pki or installation.pki / settings.service
    store = SqliteStore(installation.accounts_file)
    process.on_exit(store.close)
    outbox = Outbox(store)
    record = AuditRecord(process.trail, outbox)
    lifetimes = Lifetimes(settings.idle_minutes * 60, settings.session_hours * 3600)
    sessions = Sessions(store, record, lifetimes, time.time)
    accounts = Accounts(store, time.time)
    shown = x509.load_pem_x509_certificate(pages_certificate(settings)[0].read_bytes())
    names = {*_LOCAL, *settings.hosts, *certificate_authority.hosts_of(shown)}
    if public := urlsplit(settings.public_address).hostname:
        names.add(public)
    console = Console(
        store=store,
        accounts=accounts,
        sessions=sessions,
        signing_in=SigningIn(store, accounts, Passwords(), record, time.time),
        channel=process.peers.channel,
        assertions=Delegate(own_folder / PRIVATE_KEY),
        is_host=hosts(frozenset(name.lower() for name in names)),
        record=record,
        federation=federated(settings, process),
        certificates=lambda: _certificates(settings, process),
    )
    _look_after(process, sessions, outbox)
    return application.build(console)


def _certificates(settings: ConsoleSettings, process: Process) -> Mapping[str, dt.datetime]:
    """Return when the certificates end that the console shows to services and to browsers."""
    pages = x509.load_pem_x509_certificate(pages_certificate(settings)[0].read_bytes())
    return {
        "console": process_facts.certificate_end(process.peers.shown),
        "console, for browsers": pages.not_valid_after_utc,
    }


def _look_after(process: Process, sessions: Sessions, outbox: Outbox) -> None:
    """End sessions whose time is over, and give the log what it has not taken yet."""

    def run() -> None:
        while True:
            try:
                outbox.pass_on(process.trail)
                sessions.sweep()
            except SottoError as error:
                _log.warning("not_recorded_yet", reason=error.reason)
            if process.stopping.wait(_SWEEP_SECONDS):
                return

    threading.Thread(target=run, name="sessions", daemon=True).start()
