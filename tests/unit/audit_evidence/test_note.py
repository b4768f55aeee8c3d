# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit_evidence.checkpoint import Checkpoint, open_checkpoint, peek, sign_checkpoint
from services.audit_evidence.errors import InvalidFormat, SignatureRefused
from services.audit_evidence.keys import SignatureType, SigningKey, VerifierKey
from services.audit_evidence.note import (
    SignatureLine,
    cosign,
    cosignature_time,
    open_note,
    parse_note,
    sign_note,
)
from services.common.errors import SottoError
from tests.support.vectors import VECTORS, read_vectors

KEY = SigningKey("log.example/one", bytes(range(32)))
OTHER = SigningKey("log.example/one", bytes(range(1, 33)))
WITNESS = SigningKey("witness.example/w", bytes(range(2, 34)), SignatureType.COSIGNATURE)
STATE = Checkpoint("log.example/one", 42, hashlib.sha256(b"x").digest())
NOTE = sign_checkpoint(STATE, [KEY])


class TestKeys:
    """Keys."""

    def test_text_forms_come_back(self) -> None:
        """A key's two text forms read back as the same key."""
        for key in (KEY, WITNESS):
            assert SigningKey.parse(key.secret_text()) == key
            assert VerifierKey.parse(str(key.verifier)) == key.verifier

    def test_the_secret_does_not_show(self) -> None:
        """Neither repr nor str of a signing key holds its seed."""
        assert base64.b64encode(KEY.seed[:9]).decode() not in repr(KEY)
        assert "seed" not in repr(KEY)

    @pytest.mark.parametrize("text", [str(KEY.verifier), KEY.secret_text()])
    def test_every_other_spelling_is_refused(self, text: str) -> None:
        """Each proper substring, each flipped bit and each byte more is refused."""
        parse = SigningKey.parse if text.startswith("PRIVATE") else VerifierKey.parse
        spellings = {text[:cut] for cut in range(len(text))} | {text + "=", text + "A", " " + text}
        for at in range(len(text)):
            for bit in range(7):
                spellings.add(text[:at] + chr(ord(text[at]) ^ 1 << bit) + text[at + 1 :])
        for spelling in spellings - {text}:
            with pytest.raises(InvalidFormat):
                parse(spelling)

    def test_one_key_in_two_roles_has_two_ids(self) -> None:
        """A cosigner's key does not open what the same key signed as a log, and the reverse."""
        twin = SigningKey(KEY.name, KEY.seed, SignatureType.COSIGNATURE)
        assert twin.verifier.id != KEY.verifier.id
        with pytest.raises(SignatureRefused):
            open_note(NOTE, [twin.verifier])
        alone = str(STATE) + "\n" + str(cosign(str(STATE), twin, 1))
        with pytest.raises(SignatureRefused):
            open_note(alone, [KEY.verifier])


class TestNotes:
    """Notes."""

    def test_every_flipped_bit_is_refused(self) -> None:
        """No single-bit change of a signed checkpoint verifies."""
        raw = NOTE.encode()
        for bit in range(len(raw) * 8):
            changed = bytearray(raw)
            changed[bit // 8] ^= 1 << bit % 8
            with pytest.raises(SottoError):
                open_checkpoint(bytes(changed), [KEY.verifier], origin=STATE.origin)

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\n\n",
            b"text\n",
            b"text\n\n",
            "text\n\n— a Zm9vYmFy".encode(),
            "text\n\n— a  Zm9vYmFy\n".encode(),
            "text\n\n— a+b Zm9vYmFy\n".encode(),
            "text\n\n— a Zm9v\n".encode(),
            "text\n\n— a Zm9vYmF\n".encode(),
            "text\n\n— a Zm9vYmFz=\n".encode(),
            b"text\n\n- a Zm9vYmFy\n",
            "text\r\n\n— a Zm9vYmFy\n".encode(),
            "text\x00\n\n— a Zm9vYmFy\n".encode(),
            b"\xff\xfe\n\n" + "— a Zm9vYmFy\n".encode(),
            "text\n\n— a Zm9vYmFy\n\n".encode(),
            ("text\n\n" + "— a Zm9vYmFy\n" * 101).encode(),
            b"a" * 1_000_001,
        ],
    )
    def test_malformed(self, data: bytes) -> None:
        """What is not a note to the letter is malformed."""
        with pytest.raises(InvalidFormat):
            parse_note(data)

    @given(st.binary(max_size=300))
    def test_any_bytes_are_read_or_refused(self, data: bytes) -> None:
        """The parser answers with a note or with InvalidFormat, never with another error."""
        with contextlib.suppress(InvalidFormat):
            parse_note(data)

    @given(st.text(alphabet="ab \n—+=\t\u2028", max_size=80))
    def test_what_is_read_is_written_back(self, text: str) -> None:
        """A note that was accepted is written back byte for byte."""
        whole = text + "\n\n— a Zm9vYmFy\n"
        try:
            note = parse_note(whole)
        except InvalidFormat:
            return
        assert str(note) == whole

    def test_text_may_hold_empty_lines(self) -> None:
        """The last empty line parts text and signatures."""
        text = "one\n\ntwo\n"
        assert open_note(sign_note(text, [KEY]), [KEY.verifier]).text == text

    def test_a_known_bad_signature_spoils_the_note(self) -> None:
        """One good and one bad signature of known keys: refused. Unknown lines are set aside."""
        line = SignatureLine(OTHER.name, OTHER.verifier.id, bytes(64))
        with pytest.raises(SignatureRefused):
            open_note(NOTE + str(line), [KEY.verifier, OTHER.verifier])
        opened = open_note(NOTE + str(line), [KEY.verifier])
        assert [one.id for one in opened.unknown] == [OTHER.verifier.id]

    def test_both_keys_verify_during_a_rotation(self) -> None:
        """A note signed by the old and the new key opens with either."""
        note = sign_checkpoint(STATE, [OTHER, KEY])
        for key in (KEY, OTHER):
            assert open_checkpoint(note, [key.verifier]).checkpoint == STATE

    def test_the_same_key_twice_is_ambiguous(self) -> None:
        """A list of trusted keys that names one key twice is refused."""
        with pytest.raises(SignatureRefused):
            open_note(NOTE, [KEY.verifier, KEY.verifier])

    @pytest.mark.parametrize("text", ["abc", "a\tb\n", "a\x00\n"])
    def test_what_cannot_be_signed(self, text: str) -> None:
        """A text without a last newline, or with control characters, is not signed."""
        with pytest.raises(InvalidFormat):
            sign_note(text, [KEY])


class TestCosignatures:
    """Cosignatures."""

    def test_time_is_signed(self) -> None:
        """A cosignature verifies with its time and with no other."""
        line = cosign(str(STATE), WITNESS, 1_700_000_000)
        assert cosignature_time(line) == 1_700_000_000
        whole = NOTE + str(line)
        opened = open_checkpoint(whole, [KEY.verifier], [WITNESS.verifier])
        assert len(opened.note.verified) == 2
        moved = SignatureLine(line.name, line.id, b"\x00" * 7 + b"\x01" + line.payload[8:])
        with pytest.raises(SignatureRefused):
            open_checkpoint(NOTE + str(moved), [KEY.verifier], [WITNESS.verifier])

    def test_a_witness_alone_is_no_log(self) -> None:
        """A checkpoint that only a witness signed is refused."""
        with pytest.raises(SignatureRefused):
            open_checkpoint(
                str(STATE) + "\n" + str(cosign(str(STATE), WITNESS, 5)),
                [KEY.verifier],
                [WITNESS.verifier],
            )


class TestCheckpoints:
    """Checkpoints."""

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "o\n1\n",
            "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
            "o\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
            "o\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
            "o\n+1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
            "o\n١\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
            "o\n18446744073709551616\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
            "o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
            "o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n",
            "o\n1\nYmFuYW5hcw==\n",
            "o\n0\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
            "o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "o\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
        ],
    )
    def test_malformed(self, text: str) -> None:
        """Sizes and roots in any but their one spelling are refused."""
        with pytest.raises(InvalidFormat):
            Checkpoint.parse(text)

    def test_comes_back(self) -> None:
        """What is read is written back, extension lines too."""
        text = str(STATE) + "extension one\n"
        assert str(Checkpoint.parse(text)) == text

    def test_of_another_log(self) -> None:
        """A checkpoint of another origin is refused, whoever signed it."""
        note = sign_checkpoint(Checkpoint("other", 42, STATE.root), [KEY])
        with pytest.raises(SignatureRefused):
            open_checkpoint(note, [KEY.verifier], origin=STATE.origin)


class TestPublishedVectors:
    """Published vectors."""

    def test_go_notes(self) -> None:
        """The 18 notes of the Go library get their published answers."""
        data = read_vectors("golang-mod/notes.json")
        keys = {name: VerifierKey.parse(key["vkey"]) for name, key in data["keys"].items()}
        answers = {"ok": None, "malformed": InvalidFormat, "unverified": SignatureRefused}
        for case in data["open"]:
            note = base64.b64decode(case["note_b64"])
            trusted = [keys[name] for name in case["trusted"]]
            want = answers.get(case["want"], SignatureRefused)
            if want is None:
                opened = open_note(note, trusted)
                assert [key.name for key, _ in opened.verified] == case["verified"]
                unknown = [line.name for line in opened.unknown]
                assert unknown == case.get("unverified", unknown), case["name"]
            else:
                with pytest.raises(want):
                    open_note(note, trusted)

    def test_go_keys(self) -> None:
        """Bad keys of the Go library are refused, and its example is signed byte for byte."""
        data = read_vectors("golang-mod/notes.json")
        for case in data["bad_vkeys"][:2]:  # the third is a rule, tested above
            with pytest.raises(InvalidFormat):
                VerifierKey.parse(case["vkey"])
        secret = data["keys"]["PeterNeumann"]["skey_public_test_key"]
        assert sign_note(data["sign"]["text"], [SigningKey.parse(secret)]) == data["sign"]["note"]

    def test_cosigner_keys(self) -> None:
        """Good keys are read; those with a wrong id, which their source lets pass, are refused."""
        data = read_vectors("transparency-dev-formats/cosignature-keys.json")
        for case in data["ok"]:
            assert str(VerifierKey.parse(case["vkey"])) == case["vkey"]
        for case in [*data["lax"], *data["refuse"]]:
            with pytest.raises(InvalidFormat):
                VerifierKey.parse(case["vkey"])

    def test_checkpoint_notes(self) -> None:
        """Notes made with the listed keys, and a real checkpoint of a public log."""
        data = read_vectors("transparency-dev-formats/checkpoint-notes.json")
        pairs = data["keys_public_test_keys"]
        keys = {name: VerifierKey.parse(texts[0]) for name, texts in pairs.items()}
        for case in data["cases"]:
            if case["ok"]:
                continue  # their root has six bytes, which the specification does not allow
            secrets = [SigningKey.parse(pairs[name][1]) for name in case["sigs"]]
            body = case.get("body", data["body"])
            if not secrets:
                continue
            with pytest.raises(SottoError):
                open_checkpoint(sign_note(body, secrets), [keys["Log"]], [keys["Known"]])
        real = data["real"]
        opened = open_checkpoint(real["note"], [VerifierKey.parse(real["vkey"])])
        assert (opened.checkpoint.origin, opened.checkpoint.size) == (
            real["origin"],
            real["size"],
        )

    def test_checkpoint_bodies(self) -> None:
        """What the lax source refuses is refused, and so are short roots and empty extensions."""
        for case in read_vectors("transparency-dev-formats/checkpoint-bodies.json")["cases"]:
            with pytest.raises(InvalidFormat):  # no root there has 32 bytes
                Checkpoint.parse(case["body"])

    def test_specification_examples(self) -> None:
        """The examples in the specifications verify or parse as they say."""
        data = read_vectors("c2sp-specs/examples.json")
        note = data["signed_note"]
        open_note(note["note"], [VerifierKey.parse(note["vkey"])])
        state = peek(data["checkpoint"]["note"])
        assert state.origin == data["checkpoint"]["origin"]
        cosigned = parse_note(data["cosigned_checkpoint"]["note"])
        line = next(
            one for one in cosigned.signatures if one.name == data["cosigned_checkpoint"]["witness"]
        )
        assert cosignature_time(line) == int(data["cosigned_checkpoint"]["time"])
        assert line.id.hex() == data["cosigned_checkpoint"]["key_id_hex"]

    def test_cosigned_fixtures(self) -> None:
        """Cosignatures of published witnesses verify, and ours over the same text is the same."""
        data = read_vectors("sunlight/witness-keys.json")
        for who in ("witness", "witness2"):
            path = next((VECTORS / "sunlight" / who).glob("*/checkpoint"))
            key = VerifierKey.parse(data[who]["vkey"])
            opened = open_note(path.read_bytes(), [key])
            seed = hashlib.sha256(data[who]["seed_is_sha256_of"].encode()).digest()
            signer = SigningKey(key.name, seed, SignatureType.COSIGNATURE)
            line = opened.verified[0][1]
            assert cosign(opened.text, signer, int(data["time"])) == line

    def test_a_whole_log_of_another_implementation(self) -> None:
        """All sixteen signed checkpoints of a published log verify."""
        folder = VECTORS / "transparency-dev-tessera" / "log"
        key = VerifierKey.parse(read_vectors("transparency-dev-tessera/log-keys.json")["vkey"])
        for size in range(16):
            note = (folder / f"checkpoint.{size}").read_bytes()
            assert open_checkpoint(note, [key]).checkpoint.size == size
