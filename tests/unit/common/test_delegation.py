# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.delegation import (
    LEEWAY_SECONDS,
    LIFETIME_SECONDS,
    MOST_STUDIES,
    PRIVATE_KEY,
    Delegate,
    Delegation,
    Verifier,
    ensure_keys,
)
from services.common.errors import PermissionDenied, WrongUse
from services.common.settings import DELEGATION_KEY
from services.common.signing import KeyUnusable, Signer
from services.registry import identities, ids

NOW = 1_800_000_000.0
SESSION = "s" * 22


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Desk:
    """A console and a service with its public key, whose clocks a test moves."""

    def __init__(self, pki: Path) -> None:
        ensure_keys(pki)
        self.pki = pki
        self.now = self.there = NOW
        self.private = pki / identities.CONSOLE / PRIVATE_KEY
        self.delegate = Delegate(self.private, clock=lambda: self.now)
        self.verifier = Verifier(pki / DELEGATION_KEY, clock=lambda: self.there)

    def issue(self, **changes: Any) -> str:
        """Return an assertion of one person."""
        said: dict[str, Any] = {
            "person": "siti",
            "role": "reviewer",
            "session": SESSION,
            "authenticated_at": self.now - 10,
        }
        return self.delegate.assertion(**(said | changes))

    def signed(self, header: dict[str, Any], claims: object) -> str:
        """Return what the console's own key signs, whatever it is."""
        text = f"{_b64(json.dumps(header, separators=(',', ':')).encode())}."
        text += _b64(json.dumps(claims, separators=(",", ":"), sort_keys=True).encode())
        signer = Signer.from_pem(self.private.read_bytes())
        return f"{text}.{_b64(signer.sign(text.encode()))}"

    def refusal(self, token: str) -> str:
        """Return the reason for which a service refuses."""
        with pytest.raises(PermissionDenied) as caught:
            self.verifier.verify(token)
        return caught.value.reason


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Make a console and a service."""
    return Desk(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Make one for properties, which leave its clocks alone."""
    return Desk(tmp_path_factory.mktemp("pki"))


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, payload, _ = token.split(".")
    read = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, payload)]
    return read[0], read[1]


class TestAssertion:
    @given(
        person=st.from_regex(ids.PERSON, fullmatch=True),
        role=st.sampled_from(identities.PEOPLE),
        studies=st.lists(st.from_regex(ids.STUDY_ID, fullmatch=True), max_size=4),
        ago=st.integers(0, 100_000),
    )
    def test_says_who_is_signed_in(
        self, shared: Desk, person: str, role: str, studies: list[str], ago: int
    ) -> None:
        """What the console states is what a service reads."""
        token = shared.issue(person=person, role=role, studies=studies, authenticated_at=NOW - ago)
        assert shared.verifier.verify(token) == Delegation(
            person, role, SESSION, int(NOW) - ago, tuple(studies)
        )

    def test_is_a_jws_of_rfc_7515(self, desk: Desk) -> None:
        """Header and claims are those that the page of decisions names."""
        header, claims = _parts(desk.issue(studies=("s1",)))
        assert header == {"alg": "EdDSA", "typ": "sotto-assertion+jwt"}
        assert claims == {
            "iss": "console", "aud": "sotto", "sub": "siti", "role": "reviewer",
            "studies": ["s1"], "sid": SESSION, "auth_time": int(NOW) - 10, "iat": int(NOW),
            "exp": int(NOW) + LIFETIME_SECONDS,
        }  # fmt: skip

    @pytest.mark.parametrize(
        "wrong",
        [
            {"person": ""},
            {"person": "a b"},
            {"role": "flow"},
            {"role": ""},
            {"studies": ["Not One"]},
            {"session": "short"},
            {"authenticated_at": NOW + 60},
            {"studies": [f"s{number}" for number in range(MOST_STUDIES + 1)]},
        ],
    )
    def test_is_not_issued_for_what_no_service_takes(
        self, desk: Desk, wrong: dict[str, Any]
    ) -> None:
        """A defect of the console is found at the console."""
        with pytest.raises(WrongUse):
            desk.issue(**wrong)

    def test_fits_among_metadata(self, desk: Desk) -> None:
        """The longest one is within what servers take, 8 KiB in all."""
        studies = [f"{number:02}".ljust(39, "x") for number in range(MOST_STUDIES)]
        assert len(desk.issue(person="p" * 64, session="s" * 64, studies=studies)) < 6000


class TestVerifier:
    @settings(suppress_health_check=[HealthCheck.differing_executors])
    @given(data=st.data())
    def test_takes_no_altered_one(self, shared: Desk, data: st.DataObject) -> None:
        """One character changed, added or taken away, anywhere, and it is no assertion."""
        token = shared.issue(studies=("s1", "s2"))
        at = data.draw(st.integers(0, len(token) - 1))
        sign = data.draw(st.characters(codec="ascii") | st.sampled_from("AQgwBRhx.=-_"))
        kind = data.draw(st.sampled_from(["change", "add", "drop"]))
        altered = token[:at] + (sign if kind != "drop" else "") + token[at + (kind != "add") :]
        if altered != token:
            assert shared.refusal(altered) == "assertion_invalid"

    @given(data=st.data())
    def test_takes_no_claim_that_was_not_signed(self, shared: Desk, data: st.DataObject) -> None:
        """Claims in the place of others under an honest signature pass for nothing."""
        header, payload, signature = shared.issue().split(".")
        claims = _parts(f"{header}.{payload}.")[1]
        name = data.draw(st.sampled_from(sorted(claims)))
        claims[name] = data.draw(st.sampled_from(["compliance", "eve", [], 1, int(NOW) + 9999]))
        if claims == _parts(f"{header}.{payload}.")[1]:
            return
        forged = _b64(json.dumps(claims, separators=(",", ":"), sort_keys=True).encode())
        assert shared.refusal(f"{header}.{forged}.{signature}") == "assertion_invalid"

    @given(token=st.text() | st.from_regex(r"[\w-]*(\.[\w-]*){0,4}", fullmatch=True))
    def test_takes_no_other_text(self, shared: Desk, token: str) -> None:
        """Whatever comes is refused, and is no defect."""
        assert shared.refusal(token) == "assertion_invalid"

    @pytest.mark.parametrize(
        "header",
        [
            {"alg": "none", "typ": "sotto-assertion+jwt"},
            {"alg": "none"},
            {"alg": "HS256", "typ": "sotto-assertion+jwt"},
            {"alg": "EdDSA", "typ": "JWT"},
            {"alg": "EdDSA"},
            {"typ": "sotto-assertion+jwt", "alg": "EdDSA"},
            {"alg": "EdDSA", "typ": "sotto-assertion+jwt", "crit": ["b64"], "b64": False},
            {"alg": "EdDSA", "typ": "sotto-assertion+jwt", "jwk": {}},
        ],
    )
    def test_takes_no_other_header(self, desk: Desk, header: dict[str, Any]) -> None:
        """No algorithm, no type and no spelling but ours, also under the console's signature."""
        claims = _parts(desk.issue())[1]
        assert desk.refusal(desk.signed(header, claims)) == "assertion_invalid"

    def test_takes_none_without_a_signature(self, desk: Desk) -> None:
        """The algorithm `none` of RFC 7519 is none of ours."""
        claims = _b64(json.dumps(_parts(desk.issue())[1]).encode())
        for header in ({"alg": "none"}, {"alg": "EdDSA", "typ": "sotto-assertion+jwt"}):
            said = _b64(json.dumps(header, separators=(",", ":")).encode())
            assert desk.refusal(f"{said}.{claims}.") == "assertion_invalid"

    def test_takes_no_public_key_for_a_secret(self, desk: Desk) -> None:
        """A MAC under the public key, which services hold, is no signature."""
        header, payload, _ = desk.issue().split(".")
        for said in (header, _b64(b'{"alg":"HS256","typ":"sotto-assertion+jwt"}')):
            text = f"{said}.{payload}"
            key = (desk.pki / DELEGATION_KEY).read_bytes()
            forged = _b64(hmac.digest(key, text.encode(), hashlib.sha256))
            assert desk.refusal(f"{text}.{forged}") == "assertion_invalid"

    def test_takes_none_of_another_key(self, desk: Desk, tmp_path: Path) -> None:
        """Nor one of another installation, or of a console that lost its key."""
        (tmp_path / "other").mkdir()
        assert desk.refusal(Desk(tmp_path / "other").issue()) == "assertion_invalid"

    @pytest.mark.parametrize("passed", [0, 30, LIFETIME_SECONDS + LEEWAY_SECONDS - 1])
    def test_takes_one_in_its_time(self, desk: Desk, passed: int) -> None:
        """It holds for a minute, and for a little more, since clocks differ."""
        token = desk.issue()
        desk.there = NOW + passed
        assert desk.verifier.verify(token).person == "siti"

    @given(seconds=st.integers(LIFETIME_SECONDS + LEEWAY_SECONDS, 10**9))
    def test_takes_none_that_ended(self, shared: Desk, seconds: int) -> None:
        """An old one is worth nothing, however it was come by."""
        token = Delegate(shared.private, clock=lambda: NOW - seconds).assertion(
            person="siti", role="reviewer", session=SESSION, authenticated_at=NOW - seconds - 1
        )
        assert shared.refusal(token) == "assertion_expired"

    def test_takes_none_of_the_future(self, desk: Desk) -> None:
        """One that was made ahead is kept for nobody."""
        token = desk.issue()
        desk.there = NOW - LEEWAY_SECONDS - 1
        assert desk.refusal(token) == "assertion_expired"

    @pytest.mark.parametrize(
        "change",
        [
            {"exp": int(NOW) + 3600},
            {"exp": int(NOW)},
            {"iss": "release"},
            {"aud": "elsewhere"},
            {"role": "flow"},
            {"role": ["reviewer"]},
            {"sub": "a b"},
            {"sub": None},
            {"sid": ""},
            {"studies": "s1"},
            {"studies": [1]},
            {"auth_time": True},
            {"auth_time": int(NOW) + 600},
            {"iat": float(NOW)},
            {"extra": 1},
        ],
    )
    def test_takes_no_other_claims(self, desk: Desk, change: dict[str, Any]) -> None:
        """Also what the console's key signed has to have the one form."""
        header, claims = _parts(desk.issue())
        assert desk.refusal(desk.signed(header, claims | change)) == "assertion_invalid"
        assert desk.refusal(desk.signed(header, [claims])) == "assertion_invalid"


class TestKeys:
    def test_are_made_once(self, desk: Desk) -> None:
        """The private half is for its owner alone, and stays what it is."""
        before = desk.private.read_bytes()
        ensure_keys(desk.pki)
        assert desk.private.read_bytes() == before
        assert desk.private.stat().st_mode & 0o777 == 0o600

    def test_half_of_a_pair_is_refused(self, desk: Desk) -> None:
        """A public half alone may have been planted."""
        desk.private.unlink()
        with pytest.raises(KeyUnusable):
            ensure_keys(desk.pki)

    def test_open_to_others_is_refused(self, desk: Desk) -> None:
        """The console does not start with a key that others may have read."""
        desk.private.chmod(0o644)
        with pytest.raises(KeyUnusable):
            Delegate(desk.private)

    def test_missing_is_said(self, desk: Desk) -> None:
        """The console says where its key should be, and a service that nobody is served."""
        with pytest.raises(KeyUnusable):
            Delegate(desk.pki / "none.pem")
        token = desk.issue()
        (desk.pki / DELEGATION_KEY).unlink()
        with pytest.raises(PermissionDenied, match="delegation_key"):
            desk.verifier.verify(token)

    def test_are_exchanged_while_services_run(self, desk: Desk, tmp_path: Path) -> None:
        """Both keys hold while the file has both, and the old one no longer after that."""
        (tmp_path / "new").mkdir()
        other = Desk(tmp_path / "new")
        old, new = desk.issue(), other.issue()
        file = desk.pki / DELEGATION_KEY
        both = file.read_bytes() + (other.pki / DELEGATION_KEY).read_bytes()
        assert desk.refusal(new) == "assertion_invalid"
        _replace(file, both)
        assert {desk.verifier.verify(one).person for one in (old, new)} == {"siti"}
        _replace(file, (other.pki / DELEGATION_KEY).read_bytes())
        assert desk.refusal(old) == "assertion_invalid"
        assert desk.verifier.verify(new).person == "siti"

    def test_real_clock(self, desk: Desk) -> None:
        """Without a clock of its own each side takes that of its machine."""
        token = Delegate(desk.private).assertion(
            person="siti", role="reviewer", session=SESSION, authenticated_at=time.time()
        )
        assert Verifier(desk.pki / DELEGATION_KEY).verify(token).role == "reviewer"


def _replace(file: Path, content: bytes) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(file)
