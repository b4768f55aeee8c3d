# SPDX-License-Identifier: Apache-2.0
"""Whoever is not let in reads why in their language, whatever the reason is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.console import errors
from services.console.domain.passwords import LEAST_CHARACTERS
from services.console.web import language
from tests.support.console import Desk

CONSOLE = Path(__file__).resolve().parents[3] / "services" / "console"
#: Where somebody who signs in, sets an account up or proves anew who they are is refused.
MODULES = (
    "errors.py", "domain/signing_in.py", "domain/federation.py", "domain/claims.py",
    "domain/passwords.py", "adapters/openid_provider.py", "pages/sign_in.py", "pages/provider.py",
    "pages/set_up.py", "pages/step_up.py", "web/visit.py", "web/proof.py",
)  # fmt: skip
#: What makes an error, and at which place its text is.
MAKERS = {
    "SignInRefused": 0, "TooManyAttempts": 0, "PasswordUnfit": 0, "ProviderAway": 0, "refused": 0,
    "_not_held": 0, "NotFound": 0, "PermissionDenied": 0, "Unavailable": 0, "InvalidInput": 0,
    "_refusal": 3, "__init__": 0,
}  # fmt: skip
#: Where a maker passes on the text that it was given.
PASSED_ON = {"text", "message"}
AUDIT_AWAY = (
    "the audit log cannot take entries now, so nothing was done; see that the audit service runs"
    " and its disk has space, then try again"
)


def texts(module: str) -> Iterator[tuple[str, str]]:
    """Yield each text of an error of a module, and where it is; "" for one made of parts."""
    tree = ast.parse((CONSOLE / module).read_text("utf-8"))
    known = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        at = MAKERS.get(name)
        is_record = name == "refused" and isinstance(call.func, ast.Attribute)
        if at is None or len(call.args) <= at or is_record:
            continue
        given = call.args[at]
        if isinstance(given, ast.Name) and given.id in known:
            given = known[given.id]
        if isinstance(given, ast.Constant):
            yield str(given.value), f"{module}:{call.lineno}"
        elif name != "__init__" and not (isinstance(given, ast.Name) and given.id in PASSED_ON):
            yield "", f"{module}:{call.lineno}"


class TestMalay:
    @pytest.mark.parametrize("module", MODULES)
    def test_every_reason_is_known(self, module: str) -> None:
        """A text with values in it has places for them, so that it is found."""
        known = language.texts("ms")
        assert [where for text, where in texts(module) if text not in known] == []

    def test_reasons_are_found_at_all(self) -> None:
        """The test reads what it means to read."""
        found = {text for module in MODULES for text, _ in texts(module)}
        assert len(found) > 35
        assert "it never ends" in found

    def test_the_log_that_is_away(self) -> None:
        """A sign-in that cannot be recorded is refused by a service of ours."""
        assert AUDIT_AWAY in language.texts("ms")

    def test_every_error_of_the_console_says_its_values_in_place(self) -> None:
        """The message of the log is the English one."""
        error = errors.RoleLacking("operator")
        assert error.message == "this page is for the role operator, which your account lacks"


class TestPages:
    def test_say_it_in_malay(self, desk: Desk) -> None:
        """Signing in, setting up and a page of another role, with what stands in the text."""
        desk.account("nora", "compliance")
        client = desk.browser()
        client.post("/language", data={"language": "ms", "to": "/sign-in"})
        wrong = client.post("/sign-in", data={"account": "nora", "password": "x", "code": "1"})
        assert "tidak sepadan" in wrong.text or "kod" in wrong.text
        assert "do not belong together" not in wrong.text
        code = desk.accounts.add("lim", ["reviewer"], [])
        client.post("/set-up", data={"account": "lim", "set_up_code": code})
        short = client.post("/set-up/finish", data={"password": "short", "code": "1"})
        assert f"kurang daripada {LEAST_CHARACTERS} aksara" in short.text
        officer = desk.signed_in("nora")
        officer.post("/language", data={"language": "ms", "to": "/"})
        other = officer.get("/studies")
        assert "halaman ini untuk peranan operator" in other.text.lower()
        assert '<p lang="ms">' in other.text
