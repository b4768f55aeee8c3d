# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ast
import builtins
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import services
from services.audit.adapters.cosigning import WitnessState
from services.common import errors, tls_failures
from services.registry import ids, reasons
from services.registry.reasons import REASONS, RENEWALS, STATUSES

ROOT = Path(__file__).resolve().parents[3]

#: Modules whose `reason` is something else: of a doubt in a text, or of a reviewer.
OTHER_MEANINGS = ("services/corrections/", "services/deidentification/", "services/release/domain/")


class TestReasons:
    """What the audit log may give as a reason."""

    @pytest.mark.parametrize("reason", REASONS)
    def test_has_the_form_and_a_meaning(self, reason: str) -> None:
        """Each is a word that the contract takes, with a meaning that reads on in a sentence."""
        assert re.fullmatch(ids.REASON, reason)
        assert re.fullmatch(r"[a-z].*[^.]", REASONS[reason])

    def test_none_is_the_name_of_a_class(self) -> None:
        """No name of a Python class is a reason, neither of an exception nor of another."""
        assert not REASONS.keys() & vars(builtins).keys()
        kinds = {name for name, value in vars(errors).items() if isinstance(value, type)}
        assert not REASONS.keys() & kinds

    def test_every_status_of_an_error_is_one(self) -> None:
        """An error without a reason of its own gives its gRPC status."""
        assert {kind.status for kind in _errors()} == STATUSES.keys()

    def test_every_literal_in_the_code_is_one(self) -> None:
        """A reason that the code writes out is in the table; a new one is found here."""
        found = set(_literals())
        assert len(found) > 15
        assert found - REASONS.keys() == set()

    def test_every_word_of_a_witness_and_of_a_handshake_is_one(self) -> None:
        """Words that the code takes from a list of its own are in the table too."""
        said = {state.value for state in WitnessState}
        said |= {reason for _, reason in tls_failures._REASONS}
        assert said <= REASONS.keys()
        assert {*RENEWALS} <= REASONS.keys()

    def test_none_is_left_over(self) -> None:
        """Each reason stands somewhere in the code."""
        code = "".join(
            path.read_text("utf-8")
            for path in (ROOT / "services").rglob("*.py")
            if path.name != "reasons.py"
        )
        unused = {one for one in REASONS if f'"{one}"' not in code}
        assert unused <= {*STATUSES, *RENEWALS}

    def test_words_of_0_1(self) -> None:
        """An old entry that names a Python class is told in words as well."""
        assert "left" in reasons.in_words("GeneratorExit")
        assert reasons.in_words("KeyError") == STATUSES["INTERNAL"]
        assert reasons.in_words("erased") == REASONS["erased"]


def _errors() -> Iterator[type[errors.SottoError]]:
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if module.name.endswith(".errors"):
            importlib.import_module(module.name)
    waiting = [errors.SottoError]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        yield kind


def _literals() -> Iterator[str]:
    """Yield each text that is given as a reason: by keyword, by assignment or to a refusal."""
    for path in sorted((ROOT / "services").rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        if place.startswith(OTHER_MEANINGS):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            given: list[ast.expr] = []
            match node:
                case ast.keyword(arg="reason"):
                    given = [node.value]
                case ast.Assign(targets=[ast.Name(id="reason")]):
                    given = [node.value]
                case ast.Call(func=ast.Name(id="RoleRefused"), args=[_, reason, *_]):
                    given = [reason]
            yield from (
                part.value
                for value in given
                for part in ast.walk(value)
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value
            )
