# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.common import process_main
from services.common.errors import Unavailable, WrongUse
from services.common.process_main import run_process


@pytest.fixture(autouse=True)
def _keep_the_process_of_the_tests_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_main.hardening, "protect_memory", lambda: None)


class TestRunProcess:
    def test_done(self) -> None:
        """A process that ends by itself ends with status 0."""
        with pytest.raises(SystemExit) as caught:
            run_process(lambda: None)
        assert caught.value.code == 0

    @pytest.mark.parametrize("error", [WrongUse("no such zone"), Unavailable("no log")])
    def test_an_error_of_ours_is_one_line(
        self, error: WrongUse | Unavailable, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Its message goes to stderr, and its exit status to whoever started the process."""

        def main() -> None:
            raise error

        with pytest.raises(SystemExit) as caught:
            run_process(main)
        assert caught.value.code == error.exit_code
        assert capsys.readouterr().err == f"{error.message}\n"

    def test_another_error_goes_on(self) -> None:
        """A defect is not taken for an error of ours."""

        def main() -> None:
            raise ValueError

        with pytest.raises(ValueError, match=r"^$"):
            run_process(main)
