# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import io
import os
from typing import IO, Any, cast

import pytest
import tink
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from hypothesis import given, settings
from hypothesis import strategies as st
from tink import secret_key_access, streaming_aead
from tink.proto import aes_gcm_hkdf_streaming_pb2, common_pb2, tink_pb2

from services.storage.domain.stream import OURS, Opener, Sealer, Shape, layout
from tests.support.vectors import read_vectors

KEY = bytes(range(32))
SMALL = Shape(segment=128)
HASHES = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256, "SHA512": hashes.SHA512}

streaming_aead.register()


class Kept(io.BytesIO):
    """Stays open when the library closes it."""

    def close(self) -> None:
        """Stay open."""


def theirs(key: bytes, shape: Shape) -> streaming_aead.StreamingAead:
    """Tink's own primitive of this shape."""
    proto = aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingKey(
        key_value=key,
        params=aes_gcm_hkdf_streaming_pb2.AesGcmHkdfStreamingParams(
            ciphertext_segment_size=shape.segment,
            derived_key_size=shape.key,
            hkdf_hash_type=common_pb2.SHA256,
        ),
    )
    keyset = tink_pb2.Keyset(primary_key_id=1)
    entry = keyset.key.add(key_id=1, status=tink_pb2.ENABLED, output_prefix_type=tink_pb2.RAW)
    entry.key_data.type_url = "type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey"
    entry.key_data.value = proto.SerializeToString()
    entry.key_data.key_material_type = tink_pb2.KeyData.SYMMETRIC
    handle = tink.proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)
    return cast("streaming_aead.StreamingAead", handle.primitive(streaming_aead.StreamingAead))


def seal(content: bytes, associated: bytes, shape: Shape = OURS, step: int = 1 << 20) -> bytes:
    """Our stream of a content that comes in steps."""
    sealer = Sealer(KEY, associated, shape)
    pieces = [sealer.header]
    for start in range(0, len(content), step):
        pieces += sealer.full(content[start : start + step])
    return b"".join([*pieces, sealer.last()])


def unseal(data: bytes, associated: bytes, shape: Shape = OURS, key: bytes = KEY) -> bytes:
    """Open a stream with our code."""
    opener = Opener(key, associated, data[: shape.header], shape)
    position, found = shape.header, []
    for size, last in layout(len(data) - shape.header, shape):
        found.append(opener.open(data[position : position + size], last=last))
        position += size
    return b"".join(found)


def sizes(shape: Shape) -> list[int]:
    """Lengths around the edges of the first segments."""
    first, following = shape.segment - shape.header - 16, shape.segment - 16
    edges = (0, first, first + following, first + 2 * following)
    return sorted({max(0, edge + d) for edge in edges for d in (-1, 0, 1)})


class TestAgainstTink:
    """Tink's library opens what we seal, and we open what it seals."""

    @pytest.mark.parametrize("size", sizes(SMALL))
    @pytest.mark.parametrize("step", [1, 50, 1000])
    def test_tink_opens_ours(self, size: int, step: int) -> None:
        """At every edge of a segment, in whatever steps the content came."""
        content = os.urandom(size)
        sealed = seal(content, b"place", SMALL, step)
        source = cast("IO[bytes]", Kept(sealed))
        with theirs(KEY, SMALL).new_decrypting_stream(source, b"place") as found:
            assert found.read() == content

    @pytest.mark.parametrize("size", sizes(SMALL))
    def test_we_open_tinks(self, size: int) -> None:
        """At every edge of a segment."""
        content = os.urandom(size)
        sink = Kept()
        made = theirs(KEY, SMALL).new_encrypting_stream(cast("IO[bytes]", sink), b"place")
        made.write(content)
        made.close()
        assert unseal(sink.getvalue(), b"place", SMALL) == content

    def test_the_shape_that_is_stored(self) -> None:
        """Both ways with segments of 1 MiB, over two edges."""
        content = os.urandom(2 << 20)
        source = cast("IO[bytes]", Kept(seal(content, b"place")))
        with theirs(KEY, OURS).new_decrypting_stream(source, b"place") as found:
            assert found.read() == content
        sink = Kept()
        made = theirs(KEY, OURS).new_encrypting_stream(cast("IO[bytes]", sink), b"place")
        made.write(content)
        made.close()
        assert unseal(sink.getvalue(), b"place") == content


class TestVectors:
    """Published streams."""

    def test_tink_java(self) -> None:
        """Each stream of Tink's own tests opens to its plaintext."""
        data = read_vectors("tink/aes_gcm_hkdf_streaming.json")
        assert len(data["vectors"]) == 8
        for case in data["vectors"]:
            found = self._open(case, case["ciphertext_hex"])
            assert found == bytes.fromhex(case["plaintext_hex"])

    def test_full_last_segment(self) -> None:
        """Bytes behind a full last segment are refused, which Tink's library lets pass."""
        data = read_vectors("tink/full-last-segment.json")
        for case in data["cases"]:
            if case["ok"]:
                found = self._open(data, case["ciphertext_hex"])
                assert found == bytes.fromhex(data["plaintext_hex"])
            else:
                with pytest.raises((InvalidTag, ValueError)):
                    self._open(data, case["ciphertext_hex"])

    def _open(self, case: dict[str, Any], ciphertext: str) -> bytes:
        shape = Shape(case["segment_size"], case["derived_key_size"], HASHES[case["hkdf_hash"]]())
        key, associated = bytes.fromhex(case["key_hex"]), bytes.fromhex(case["aad_hex"])
        return unseal(bytes.fromhex(ciphertext), associated, shape, key)


class TestRefusals:
    """Whatever is not the stream that was sealed does not open."""

    @given(st.binary(max_size=400), st.data())
    @settings(max_examples=80, deadline=None)
    def test_any_change(self, content: bytes, data: st.DataObject) -> None:
        """A flipped bit, a cut, bytes behind the end or between: refused."""
        sealed = seal(content, b"place", SMALL)
        position = data.draw(st.integers(0, len(sealed) - 1))
        flip = bytes([sealed[position] ^ (1 << data.draw(st.integers(0, 7)))])
        more = data.draw(st.binary(min_size=1, max_size=300))
        for broken in (
            sealed[:position] + flip + sealed[position + 1 :],
            sealed[:position],
            sealed + more,
            sealed[:position] + more + sealed[position:],
        ):
            with pytest.raises((InvalidTag, ValueError)):
                unseal(broken, b"place", SMALL)

    def test_another_place(self) -> None:
        """Other associated data, or another key: refused."""
        sealed = seal(b"content", b"place", SMALL)
        with pytest.raises(InvalidTag):
            unseal(sealed, b"elsewhere", SMALL)
        with pytest.raises(InvalidTag):
            unseal(sealed, b"place", SMALL, bytes(32))
