# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from services.common.signing import Signer
from services.release.domain.certificate import Certificate
from services.release.errors import CertificateMalformed
from tests.support.release_builders import certificate, paths, two

SIGNER = Signer.generate()
GOOD = certificate(two(), SIGNER)


def with_value(where: tuple[Any, ...], value: Any) -> bytes:
    """Encode the good certificate with one value replaced."""
    document = json.loads(GOOD.canonical_bytes())
    inner = document
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = value
    return rfc8785.dumps(document)


PATHS = list(paths(json.loads(GOOD.canonical_bytes())))


class TestCertificate:
    """The certificate's own form."""

    def test_reads_back_as_written(self) -> None:
        """Encoding and parsing are inverse."""
        assert Certificate.read(GOOD.canonical_bytes()) == GOOD

    def test_sums_redactions(self) -> None:
        """The total counts by entity type are those of all transcripts together."""
        assert GOOD.redactions == {"DATE_TIME": 2, "PERSON": 4}
        assert json.loads(GOOD.canonical_bytes())["redactions"] == GOOD.redactions

    def test_states_canaries_of_runs_that_have_them(self) -> None:
        """Counts by type, no more found than planted, and in no earlier format."""
        document = json.loads(GOOD.canonical_bytes())
        document["inputs"][0]["canaries"] = {"PERSON": {"planted": 8, "found": 7}}
        made = Certificate.read(rfc8785.dumps(document))
        assert made.inputs[0].canaries is not None
        assert made.inputs[0].canaries["PERSON"].found == 7
        assert made.inputs[1].canaries is None
        document["inputs"][0]["canaries"]["PERSON"]["found"] = 9
        with pytest.raises(CertificateMalformed, match="more are found than were planted"):
            Certificate.read(rfc8785.dumps(document))

    def test_states_how_many_words_may_be_misheard(self) -> None:
        """A count of runs in which words were judged, and in no earlier format."""
        document = json.loads(GOOD.canonical_bytes())
        document["inputs"][0]["doubtful_words"] = 0
        made = Certificate.read(rfc8785.dumps(document))
        assert [one.doubtful_words for one in made.inputs][:2] == [0, None]
        document["inputs"][0]["doubtful_words"] = -1
        with pytest.raises(CertificateMalformed, match="doubtful_words"):
            Certificate.read(rfc8785.dumps(document))

    def test_has_one_encoding(self) -> None:
        """Another spelling of the same facts is refused."""
        spaced = json.dumps(json.loads(GOOD.canonical_bytes()), indent=1).encode()
        with pytest.raises(CertificateMalformed, match="canonical"):
            Certificate.read(spaced)


class TestParser:
    """Reading what came from outside."""

    @pytest.mark.parametrize("value", [None, -1, 2**53, True, "\x00", {"a": []}, [[]]], ids=repr)
    def test_refuses_wrong_types_everywhere(self, value: Any) -> None:
        """No field takes a value of another kind."""
        for where in PATHS:
            if value is True and where[-1] == "invented":
                continue
            document = with_value(where, 7777 if value == 2**53 else value)
            with pytest.raises(CertificateMalformed):
                Certificate.read(document.replace(b":7777", b":9007199254740992"))

    def test_refuses_missing_and_unknown_fields(self) -> None:
        """Every fixed field must be there under its name, and no other."""
        for where in PATHS:
            if not isinstance(where[-1], str) or {"versions", "software"} & set(where[:-1]):
                continue
            document = json.loads(GOOD.canonical_bytes())
            inner = document
            for key in where[:-1]:
                inner = inner[key]
            inner[f"{where[-1]}x"] = inner.pop(where[-1])
            with pytest.raises(CertificateMalformed):
                Certificate.read(rfc8785.dumps(document))

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"[]",
            b"null",
            b"{}",
            b'{"format":1.5}',
            b'{"format":NaN}',
            b'{"a":1,"a":1}',
            b"\xff\xfe",
            b"\xef\xbb\xbf{}",
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b'{"format":' + b"9" * 5000 + b"}",
        ],
        ids=lambda data: repr(data[:16]),
    )
    def test_refuses_junk_with_its_own_error(self, data: bytes) -> None:
        """Nothing that is thrown at the parser makes it fail in another way."""
        with pytest.raises(CertificateMalformed):
            Certificate.read(data)

    @pytest.mark.parametrize("name", ["../P07_S1.txt", "a/b.txt", "/etc.txt", "", "P07_S1", ".txt"])
    def test_refuses_names_that_are_not_plain(self, name: str) -> None:
        """A file name can lead nowhere else."""
        with pytest.raises(CertificateMalformed, match=r"outputs\.0\.name"):
            Certificate.read(with_value(("outputs", 0, "name"), name))

    def test_refuses_a_format_that_lacks_a_transcript(self) -> None:
        """A certificate cannot leave out one file of a format."""
        document = json.loads(GOOD.canonical_bytes())
        del document["outputs"][1]
        with pytest.raises(CertificateMalformed, match="do not fit"):
            Certificate.read(rfc8785.dumps(document))

    @pytest.mark.parametrize(
        "where",
        [("x",), ("inputs", 0, "x"), ("inputs", 0, "approval", "x"), ("audit", "x")],
        ids=str,
    )
    def test_refuses_a_field_that_it_does_not_know(self, where: tuple[Any, ...]) -> None:
        """A field of a later format is refused; the message says where it is."""
        place = ".".join(str(step) for step in (*where[:-1], "?"))
        with pytest.raises(CertificateMalformed) as caught:
            Certificate.read(with_value(where, "later"))
        assert f"field {place} is not a field of this format" in caught.value.message

    @pytest.mark.parametrize("data", [b'{"a":1,"a":1}', b'{"inputs":[{"a":1,"a":2}]}'])
    def test_refuses_what_readers_disagree_about(self, data: bytes) -> None:
        """A name that is there twice is refused, at any depth."""
        with pytest.raises(CertificateMalformed, match="twice"):
            Certificate.read(data)

    def test_refuses_fractions(self) -> None:
        """A number with a point is not a whole number, even when its fraction is zero."""
        size = GOOD.outputs[0].size
        data = GOOD.canonical_bytes().replace(b'"size":%d' % size, b'"size":%d.0' % size)
        with pytest.raises(CertificateMalformed):
            Certificate.read(data)

    def test_refuses_sums_that_do_not_add_up(self) -> None:
        """The totals are those of the transcripts."""
        with pytest.raises(CertificateMalformed, match="sums"):
            Certificate.read(with_value(("redactions", "PERSON"), 5))

    def test_refuses_a_key_under_another_fingerprint(self) -> None:
        """The fingerprint is the one of the key beside it."""
        with pytest.raises(CertificateMalformed, match="fingerprint"):
            Certificate.read(with_value(("signer", "fingerprint"), "0" * 64))

    def test_refuses_one_recording_twice(self) -> None:
        """A transcript cannot be counted twice."""
        first = json.loads(GOOD.canonical_bytes())["inputs"][0]
        document = json.loads(with_value(("inputs", 0), first))
        document["inputs"].append(first)
        with pytest.raises(CertificateMalformed, match="twice"):
            Certificate.read(rfc8785.dumps(document))

    def test_refuses_doubles(self) -> None:
        """No file twice, also where only the case of letters differs."""
        name = GOOD.outputs[0].name.replace("P07", "p07")
        with pytest.raises(CertificateMalformed, match="twice"):
            Certificate.read(with_value(("outputs", 1, "name"), name))

    @given(st.binary(max_size=200))
    def test_survives_any_bytes(self, data: bytes) -> None:
        """Random bytes are refused in good order."""
        with pytest.raises(CertificateMalformed):
            Certificate.read(data)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["format", "inputs", "audit", "x"]), inner)
            ),
            max_leaves=8,
        )
    )
    def test_survives_any_json(self, value: Any) -> None:
        """Any JSON is refused in good order."""
        with pytest.raises(CertificateMalformed):
            Certificate.read(json.dumps(value).encode())

    @given(st.sampled_from(PATHS), st.text(max_size=10))
    def test_reads_only_what_it_would_write(self, where: tuple[Any, ...], value: str) -> None:
        """Whatever is accepted encodes to the bytes that were read."""
        data = with_value(where, value)
        try:
            found = Certificate.read(data)
        except CertificateMalformed:
            return
        assert found.canonical_bytes() == data
