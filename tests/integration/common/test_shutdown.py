# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from services.common import errors
from services.common.errors import SottoError
from services.registry import identities
from tests.integration.common import fake_server
from tests.integration.common.fake_server import FakeServer


def _until_refused(server: FakeServer) -> SottoError:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            fake_server.get_study(server)
        except SottoError as error:
            return error
    pytest.fail("the server goes on taking calls")


class TestShutdown:
    def test_running_calls_finish(self, tmp_path: Path) -> None:
        """A server that is asked to stop lets running calls finish and takes no more."""
        started = fake_server.start(tmp_path)
        entered, release = threading.Event(), threading.Event()

        def act(_given: object) -> None:
            entered.set()
            release.wait(20)

        started.behaviour.act = act
        answers: list[Any] = []
        caller = threading.Thread(target=lambda: answers.append(fake_server.get_study(started)))
        caller.start()
        assert entered.wait(10)
        stopping = threading.Thread(target=started.server.stop, args=(20.0,))
        stopping.start()
        started.behaviour.act = lambda _given: None
        refused = _until_refused(started)
        release.set()
        caller.join(10)
        stopping.join(10)
        started.close()

        assert isinstance(refused, errors.Unavailable)
        assert [one.study.id for one in answers] == ["s1"]
        assert not stopping.is_alive()

    def test_calls_beyond_the_grace_are_abandoned(self, tmp_path: Path) -> None:
        """A call that outlives the grace time ends for its caller, and the server stops."""
        started = fake_server.start(tmp_path)
        entered, release = threading.Event(), threading.Event()

        def act(_given: object) -> None:
            entered.set()
            release.wait(20)

        started.behaviour.act = act
        raised: list[SottoError] = []

        def call() -> None:
            try:
                fake_server.get_study(started)
            except SottoError as error:
                raised.append(error)

        caller = threading.Thread(target=call)
        caller.start()
        assert entered.wait(10)
        started.server.stop(0.1)
        caller.join(10)
        release.set()
        started.close()

        assert isinstance(raised[0], errors.Unavailable | errors.Cancelled)

    def test_taken_address_is_named(self, server: FakeServer) -> None:
        """An address that is taken is named, with the setting that changes it."""
        from services.common import identity
        from services.common.audit import AuditTrail
        from services.common.server import build_server
        from services.common.settings import ServiceSettings

        settings = ServiceSettings.load(home=server.pki.parent, service=identities.AUDIT)
        other = build_server(
            settings, identity.load(server.pki / identities.AUDIT), AuditTrail(server.log)
        )
        with pytest.raises(errors.Unavailable, match="listen"):
            other.start(server.address)
        other.grpc.stop(None)
