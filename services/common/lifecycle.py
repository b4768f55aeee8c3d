# SPDX-License-Identifier: Apache-2.0
"""Audit entries for the start of a process, its configuration, and its orderly stop."""

from __future__ import annotations

import threading

import structlog

from services.common.access_list import AccessList
from services.common.audit import AuditTrail
from services.common.configuration_record import Configuration
from services.common.errors import SottoError
from services.common.identity import Credentials
from services.common.settings import ServiceSettings
from services.registry.events import Event

_log = structlog.get_logger(__name__)
_RETRY_SECONDS = 5.0


class LifecycleAudit:
    """Start and stop of one process in the audit log.

    A process may come up before the log: it cannot touch identified data until then, and its start
    is recorded as soon as the log takes it.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        credentials: Credentials,
        trail: AuditTrail,
        stopping: threading.Event,
    ) -> None:
        self._settings = settings
        self._name = settings.service
        self._instance = settings.instance
        self._trail = trail
        self._stopping = stopping
        self._started = False
        self._configuration = self._configuration_with(credentials)

    def begin(self) -> None:
        """Record the start and what changed since the last one; retries until the log takes it."""
        if not self._record_start():
            threading.Thread(target=self._retry_start, name="start", daemon=True).start()

    def record_renewed(self, credentials: Credentials) -> None:
        """Record that the process shows another certificate now; without it the next start does."""
        self._configuration = self._configuration_with(credentials)
        self._record_start()

    def _configuration_with(self, credentials: Credentials) -> Configuration:
        access = AccessList(self._settings.service, self._settings.allow)
        return Configuration(self._settings, access, credentials.certificate)

    def end(self) -> None:
        """Record the stop."""
        try:
            self._trail.fact(
                Event.PROCESS_STOPPED,
                object=self._name,
                attributes={"instance": self._instance},
            )
        except SottoError as error:
            _warn(Event.PROCESS_STOPPED, error)

    def _record_start(self) -> bool:
        try:
            if not self._started:
                self._trail.fact(
                    Event.PROCESS_STARTED,
                    object=self._name,
                    attributes={
                        "version": self._configuration.digest,
                        "instance": self._instance,
                    },
                )
                self._started = True
            self._configuration.record(self._trail)
        except SottoError as error:
            _warn(Event.PROCESS_STARTED, error)
            return False
        return True

    def _retry_start(self) -> None:
        while not self._stopping.wait(_RETRY_SECONDS):
            if self._record_start():
                return


def _warn(event: Event, error: SottoError) -> None:
    _log.warning("lifecycle_not_recorded", name=event.value, reason=error.reason)
