# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.cli import log_export
from services.audit.cli.verify import verify_log
from services.audit.cli.witness import cosign_log
from services.audit_evidence.errors import (
    InvalidFormat,
    NoSuchEntry,
    ProofRefused,
    SignatureRefused,
)
from services.audit_evidence.keys import SignatureType, SigningKey, VerifierKey
from services.audit_evidence.note import cosign, parse_note
from services.audit_evidence.policy import WitnessPolicy
from services.audit_evidence.proof_file import LogProof, check_proof
from services.common.errors import SottoError
from tests.support.audit import make_log
from tests.support.vectors import read_vectors

WITNESSES = [
    SigningKey(f"w{n}.example", bytes([n]) * 32, SignatureType.COSIGNATURE) for n in range(1, 4)
]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed log of 50 entries."""
    return make_log(tmp_path_factory.mktemp("logs") / "audit", 50)


@pytest.fixture(scope="module")
def key(log: Path) -> VerifierKey:
    """Its public key."""
    return VerifierKey.parse((log / "log.vkey").read_text().strip())


def _proof(log: Path, index: int) -> tuple[LogProof, bytes]:
    with log_export.copy_at(log) as copy:
        return log_export.prove(copy, index)


class TestProofFiles:
    """One entry, proven by one file."""

    @pytest.mark.parametrize("index", [0, 1, 31, 32, 48, 49])
    def test_proves_an_entry(self, log: Path, key: VerifierKey, index: int) -> None:
        """The file comes back the same, and proves the entry under the log's key."""
        proof, leaf = _proof(log, index)
        assert LogProof.parse(str(proof).encode()) == proof
        assert check_proof(proof, leaf, [key]).size == 50

    def test_every_flipped_bit(self, log: Path, key: VerifierKey) -> None:
        """No single-bit change of a proof file or of its entry proves anything."""
        proof, leaf = _proof(log, 17)
        raw = str(proof).encode()
        for bit in range(len(raw) * 8):
            with pytest.raises(SottoError):
                check_proof(LogProof.parse(_flip(raw, bit)), leaf, [key])
        for bit in range(len(leaf) * 8):
            with pytest.raises(ProofRefused):
                check_proof(proof, _flip(leaf, bit), [key])

    def test_of_another_entry_or_log(self, log: Path, key: VerifierKey) -> None:
        """The proof of one entry proves no other, and no other log's key accepts it."""
        proof, leaf = _proof(log, 17)
        _, other = _proof(log, 18)
        with pytest.raises(ProofRefused):
            check_proof(proof, other, [key])
        stranger = SigningKey(key.name, bytes(32)).verifier
        with pytest.raises(SignatureRefused):
            check_proof(proof, leaf, [stranger])
        with pytest.raises(NoSuchEntry):
            _proof(log, 50)

    @given(st.binary(max_size=300))
    def test_any_bytes_are_read_or_refused(self, data: bytes) -> None:
        """The parser answers with a proof or with InvalidFormat, never with another error."""
        with contextlib.suppress(InvalidFormat):
            LogProof.parse(data)
        with contextlib.suppress(InvalidFormat):
            LogProof.parse(b"c2sp.org/tlog-proof@v1\n" + data)

    def test_published_vectors(self) -> None:
        """Published proof files are written byte for byte, and bad ones are refused."""
        data = read_vectors("transparency-dev-formats/tlog-proofs.json")
        for case in data["marshal"]:
            extra = base64.b64decode(case["extra_b64"]) if "extra_b64" in case else None
            hashes = tuple(base64.b64decode(text) for text in case["hashes"])
            proof = LogProof(case["index"], hashes, case["checkpoint"], extra)
            assert str(proof) == case["text"]
            assert LogProof.parse(case["text"].encode()) == proof
        for case in data["refuse"]:
            with pytest.raises(InvalidFormat):
                LogProof.parse(case["text"].encode())
        for text in ("index 00", "index 007", "index 1" + "0" * 70_000):
            with pytest.raises(InvalidFormat):
                LogProof.parse(f"c2sp.org/tlog-proof@v1\n{text}\n\ncheckpoint\n".encode())


def _flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _policy(key: VerifierKey, quorum: str) -> WitnessPolicy:
    lines = [f"log {key}", "# witnesses"]
    lines += [f"witness w{n} {one.verifier}" for n, one in enumerate(WITNESSES, 1)]
    return WitnessPolicy.parse("\n".join([*lines, quorum, ""]))


class TestPolicies:
    """What an auditor trusts."""

    def test_quorum(self, log: Path, key: VerifierKey) -> None:
        """A proof holds under a policy when enough witnesses cosigned its checkpoint."""
        proof, leaf = _proof(log, 3)
        text = parse_note(proof.checkpoint).text
        lines = [str(cosign(text, one, 1_700_000_000)) for one in WITNESSES]
        two = LogProof(3, proof.hashes, proof.checkpoint + lines[0] + lines[2])
        for quorum, enough in (
            ("quorum none", True),
            ("quorum w1", True),
            ("quorum w2", False),
            ("group g 2 w1 w2 w3\nquorum g", True),
            ("group g all w1 w2 w3\nquorum g", False),
            ("group a any w1 w2\ngroup b all a w3\nquorum b", True),
            ("group a all w1 w2\ngroup b all a w3\nquorum b", False),
        ):
            policy = _policy(key, quorum)
            if enough:
                check_proof(two, leaf, [], policy)
            else:
                with pytest.raises(ProofRefused):
                    check_proof(two, leaf, [], policy)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "quorum w1\n",
            "quorum none\nquorum none\n",
            "witness w1\nquorum none\n",
            "group g any\nquorum none\n",
            "something else\nquorum none\n",
            "quorum none # comment\n",
            "# \x0c\nquorum none\n",
            "# \x7f\nquorum none\n",
            f"witness none {WITNESSES[0].verifier}\nquorum none\n",
            f"witness a {WITNESSES[0].verifier}\nwitness b {WITNESSES[0].verifier}\nquorum a\n",
            f"witness a {WITNESSES[0].verifier}\nwitness a {WITNESSES[1].verifier}\nquorum a\n",
            f"witness a {WITNESSES[0].verifier}\ngroup g 2 a\nquorum g\n",
            f"witness a {WITNESSES[0].verifier}\ngroup g 0 a\nquorum g\n",
            f"witness a {WITNESSES[0].verifier}\ngroup g 01 a\nquorum g\n",
            f"witness a {WITNESSES[0].verifier}\ngroup g any a a\nquorum g\n",
            f"witness a {WITNESSES[0].verifier}\ngroup g any a\ngroup h any a\nquorum g\n",
            f"witness a {WITNESSES[0].verifier}\ngroup g any b\nquorum g\n",
            f"log {WITNESSES[0].verifier}\nquorum none\n",
            f"witness a {SigningKey('x', bytes(32)).verifier}\nquorum a\n",
        ],
    )
    def test_refused(self, text: str) -> None:
        """Unknown lines, reserved and doubled names, wrong thresholds and keys are refused."""
        with pytest.raises(InvalidFormat):
            WitnessPolicy.parse(text)

    def test_specification_example(self, key: VerifierKey) -> None:
        """The example of the specification parses once keys stand in it."""
        text = read_vectors("c2sp-specs/examples.json")["policy"]
        keys = [
            SigningKey(f"x{n}", bytes([n]) * 32, SignatureType.COSIGNATURE) for n in range(1, 7)
        ]
        text = text.replace("<vkey>", str(key), 1)
        for one in keys:
            text = text.replace("<vkey>", str(one.verifier), 1)
        policy = WitnessPolicy.parse(text)
        assert policy.satisfied([keys[n].verifier for n in (0, 1, 5)])
        assert not policy.satisfied([keys[n].verifier for n in (0, 3, 4, 5)])

    def test_published_policies(self) -> None:
        """Good policies of another project are read, its bad ones refused; the dialect differs."""
        for case in read_vectors("transparency-dev-formats/policies.json")["cases"]:
            if case["ok"]:
                continue  # an older dialect: plain note keys as witnesses, doubled keys
            with pytest.raises(InvalidFormat):
                WitnessPolicy.parse(case["text"])
        for case in read_vectors("sigsum-go/policies.json")["refuse"]:
            with pytest.raises(InvalidFormat):
                WitnessPolicy.parse(case["text"])


class TestWitnessedLogs:
    """A log under a policy with witnesses."""

    def test_verify_with_policy(self, log: Path, key: VerifierKey, tmp_path: Path) -> None:
        """Without the cosignature the policy is not met; with it the log verifies."""
        import shutil
        import threading

        from services.audit.adapters.witness_files import WitnessFiles
        from services.audit.adapters.witness_http import witness_server
        from services.audit.domain.witness import Witness

        copy = Path(shutil.copytree(log, tmp_path / "audit"))
        policy = tmp_path / "policy"
        policy.write_text(f"log {key}\nwitness w1 {WITNESSES[0].verifier}\nquorum w1\n")
        assert not verify_log(copy, policy=policy).ok
        folder = tmp_path / "witness"
        witness = Witness(WITNESSES[0], [key], WitnessFiles(folder))
        server = witness_server(witness, folder, ("127.0.0.1", 0))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            vkey = tmp_path / "w1.vkey"
            vkey.write_text(f"{WITNESSES[0].verifier}\n")
            url = f"http://127.0.0.1:{server.server_port}"
            cosign_log(copy, url, vkey, copy / "witnessed")
            cosign_log(copy, url, vkey, copy / "witnessed")
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
        report = verify_log(copy, policy=policy)
        assert report.ok, report.findings
        assert len(report.signers) == 2
