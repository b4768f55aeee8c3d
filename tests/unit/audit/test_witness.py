# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.audit.adapters.witness_files import WitnessFiles, ensure_witness_key
from services.audit.adapters.witness_http import ask_witness, witness_server
from services.audit.domain.witness import Request, Witness
from services.audit.errors import LogUnavailable
from services.audit_evidence.checkpoint import Checkpoint, open_checkpoint, peek, sign_checkpoint
from services.audit_evidence.errors import SignatureRefused
from services.audit_evidence.keys import SignatureType, SigningKey, VerifierKey
from tests.support.reference_tree import ReferenceTree
from tests.support.vectors import VECTORS, read_vectors

LOG = SigningKey("log.example", bytes(32))
KEY = SigningKey("witness.example/w", bytes(range(32)), SignatureType.COSIGNATURE)
ENTRIES = [b"entry %d" % number for number in range(20)]


def _note(size: int, entries: list[bytes] = ENTRIES) -> str:
    root = ReferenceTree(entries[:size]).root()
    return sign_checkpoint(Checkpoint(LOG.name, size, root), [LOG])


def _request(old: int, size: int, entries: list[bytes] = ENTRIES) -> bytes:
    proof = ReferenceTree(entries[:size]).proof(old)
    return str(Request(old, tuple(proof), _note(size, entries))).encode()


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    """A witness that knows one log and has seen nothing of it."""
    return Witness(KEY, [LOG.verifier], WitnessFiles(tmp_path / "w"), clock=lambda: 1_700_000_000)


class TestWitness:
    """It cosigns growth and nothing else."""

    def test_growth(self, witness: Witness) -> None:
        """A first checkpoint, the same again and a larger one are cosigned."""
        for old, size in ((0, 3), (3, 3), (3, 8), (8, 20)):
            answer = witness.add_checkpoint(_request(old, size))
            assert answer.status == 200
            opened = open_checkpoint(_note(size) + answer.body, [LOG.verifier], [KEY.verifier])
            assert len(opened.note.verified) == 2

    def test_a_second_history(self, witness: Witness) -> None:
        """Another history of the same log is refused, at the same size and at a larger one."""
        other = [*ENTRIES[:2], b"forged", *ENTRIES[3:]]
        assert witness.add_checkpoint(_request(0, 8)).status == 200
        assert witness.add_checkpoint(_request(8, 8, other)).status == 422
        assert witness.add_checkpoint(_request(8, 12, other)).status == 422
        assert witness.add_checkpoint(_request(8, 12)).status == 200

    def test_a_rolled_back_log(self, witness: Witness) -> None:
        """A smaller checkpoint than the one held is answered with the size that is held."""
        assert witness.add_checkpoint(_request(0, 8)).status == 200
        answer = witness.add_checkpoint(_request(5, 7))
        assert (answer.status, answer.body, answer.media_type) == (409, "8\n", "text/x.tlog.size")

    def test_refusals(self, witness: Witness) -> None:
        """Unknown logs, bad signatures, bad form, proofs where none belongs."""
        stranger = SigningKey("other.example", bytes(32))
        note = sign_checkpoint(Checkpoint("other.example", 1, bytes(32)), [stranger])
        assert witness.add_checkpoint(str(Request(0, (), note)).encode()).status == 404
        impostor = SigningKey(LOG.name, bytes(range(1, 33)))
        note = sign_checkpoint(Checkpoint(LOG.name, 1, bytes(32)), [impostor])
        assert witness.add_checkpoint(str(Request(0, (), note)).encode()).status == 403
        assert (
            witness.add_checkpoint(str(Request(0, (bytes(32),), _note(3))).encode()).status == 422
        )
        assert witness.add_checkpoint(str(Request(5, (), _note(3))).encode()).status == 400
        extended = Checkpoint(LOG.name, 3, ReferenceTree(ENTRIES[:3]).root(), ("more",))
        note = sign_checkpoint(extended, [LOG])
        assert witness.add_checkpoint(str(Request(0, (), note)).encode()).status == 400
        for data in (
            b"",
            b"old 0\n",
            b"old 00\n\n" + _note(3).encode(),
            b"old -1\n\nx",
            b"\xff\n\n",
        ):
            assert witness.add_checkpoint(data).status == 400

    def test_every_flipped_bit_of_a_request(self, witness: Witness) -> None:
        """No single-bit change of a growing request is cosigned."""
        assert witness.add_checkpoint(_request(0, 3)).status == 200
        raw = _request(3, 5)
        for bit in range(0, len(raw) * 8, 5):
            changed = bytearray(raw)
            changed[bit // 8] ^= 1 << bit % 8
            assert witness.add_checkpoint(bytes(changed)).status != 200

    def test_remembers_over_a_restart(self, tmp_path: Path) -> None:
        """What was cosigned is known after a restart."""
        first = Witness(KEY, [LOG.verifier], WitnessFiles(tmp_path))
        assert first.add_checkpoint(_request(0, 8)).status == 200
        again = Witness(KEY, [LOG.verifier], WitnessFiles(tmp_path))
        assert again.add_checkpoint(_request(0, 9)).status == 409
        assert again.add_checkpoint(_request(8, 9)).status == 200

    def test_many_at_once(self, witness: Witness) -> None:
        """Of many first checkpoints of different histories exactly one is cosigned."""
        answers: list[int] = []

        def ask(number: int) -> None:
            entries = [b"history %d" % number, *ENTRIES]
            answers.append(witness.add_checkpoint(_request(0, 5, entries)).status)

        threads = [threading.Thread(target=ask, args=(n,)) for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [200] + [409] * 11


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, VerifierKey, Path]]:
    """A witness behind a real HTTP server on loopback: address, key, folder."""
    folder = tmp_path / "witness"
    key = ensure_witness_key(folder, "witness.example/served")
    witness = Witness(key, [LOG.verifier], WitnessFiles(folder))
    server = witness_server(witness, folder, ("127.0.0.1", 0))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", key.verifier, folder
    server.shutdown()
    server.server_close()
    thread.join()


class TestOverHttp:
    """The log's side of the protocol."""

    def test_a_log_gets_its_cosignature(self, served: tuple[str, VerifierKey, Path]) -> None:
        """The log learns the witness's size from its answer, sends the proof and gets the line."""
        url, key, folder = served
        for size in (3, 9):
            line = ask_witness(url, key, _note(size), ReferenceTree(ENTRIES[:size]).proof)
            opened = open_checkpoint(_note(size) + line, [LOG.verifier], [key])
            assert opened.checkpoint.size == size
        published = next(folder.glob("*/checkpoint"))
        assert peek(published.read_bytes()).size == 9
        assert (folder / "witness.key").stat().st_mode & 0o777 == 0o600

    def test_refused_and_unreachable(self, served: tuple[str, VerifierKey, Path]) -> None:
        """A refusal and a witness that is not there are said; another key's line is not taken."""
        url, key, _ = served
        with pytest.raises(LogUnavailable, match="status 404"):
            ask_witness(url + "/elsewhere", key, _note(3), lambda _old: [])
        with pytest.raises(LogUnavailable, match="reached"):
            ask_witness("http://127.0.0.1:1", key, _note(3), lambda _old: [])
        with pytest.raises(SignatureRefused):
            ask_witness(url, KEY.verifier, _note(3), lambda _old: [])

    def test_a_slippery_witness(self) -> None:
        """A witness that answers with another size each time is given up."""
        asked: list[int] = []

        class Slippery(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                asked.append(1)
                body = f"{len(asked)}\n".encode()
                self.send_response(409)
                self.send_header("Content-Type", "text/x.tlog.size")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Slippery)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}"
            with pytest.raises(LogUnavailable, match="again and again"):
                ask_witness(url, KEY.verifier, _note(9), ReferenceTree(ENTRIES[:9]).proof)
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
        assert len(asked) == 3


class TestPublishedVectors:
    """Requests that another implementation publishes."""

    def test_in_order(self, tmp_path: Path) -> None:
        """Eleven requests get the published status and words."""
        data = read_vectors("sunlight/add-checkpoint.json")
        log = VerifierKey(data["origin"], SignatureType.ED25519, bytes.fromhex(data["log_key_hex"]))
        key = SigningKey("example.com/witness", bytes(32), SignatureType.COSIGNATURE)
        witness = Witness(key, [log], WitnessFiles(tmp_path))
        for case in data["cases"]:
            answer = witness.add_checkpoint(case["request"].encode())
            if case["name"] == "invalid signature":
                # Its base64 has a second spelling, which ours refuses before the signature.
                assert answer.status == 400
                continue
            assert answer.status == int(case["status"]), case["name"]
            assert case["body_contains"] in answer.body, case["name"]

    def test_the_equivocation_fixture(self) -> None:
        """One origin at size 300 under two roots, each cosigned: both verify, and they differ."""
        keys = read_vectors("sunlight/witness-keys.json")
        found: dict[bytes, Checkpoint] = {}
        for path in (VECTORS / "sunlight").rglob("checkpoint"):
            state = peek(path.read_bytes())
            if state.size == 300:
                found[state.root] = state
        cosigners = [VerifierKey.parse(keys[who]["vkey"]) for who in ("witness", "mirror")]
        assert len(cosigners) == 2
        assert len(found) == 2
        assert len({state.origin for state in found.values()}) == 1
