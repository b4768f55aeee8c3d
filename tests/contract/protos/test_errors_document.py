# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

from services.common import errors

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "errors.md"


class TestDocument:
    def test_tells_every_kind_as_it_is(self) -> None:
        """The table names every kind of error with its statuses, and whether it is tried again."""
        rows = [
            tuple(cell.strip() for cell in line.strip("|").split("|"))[:4]
            for line in DOCUMENT.read_text("utf-8").splitlines()
            if line.startswith("| ") and "---" not in line
        ][1:]
        kinds = {
            (kind.__name__, kind.status, str(kind.exit_code), "yes" if kind.retryable else "no")
            for kind in vars(errors).values()
            if isinstance(kind, type) and issubclass(kind, errors.SottoError)
            if kind is not errors.SottoError
        }

        assert set(rows) == kinds
