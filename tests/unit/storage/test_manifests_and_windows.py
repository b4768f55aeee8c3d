# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.storage.domain.approvals import Approval
from services.storage.domain.bundles import Bundle
from services.storage.domain.corrections import Corrections
from services.storage.domain.digests import ObjectDigest
from services.storage.domain.names import Owner
from services.storage.domain.recordings import Recording
from services.storage.domain.reviews import Review
from services.storage.domain.transcripts import Finished, decode_window, encode_window
from services.storage.errors import DataCorrupted

P07 = Owner("peer-2026", "P07")
REC = "rec-" + "a" * 26
REL = "rel-" + "b" * 26
RUN = "0" * 32
MANIFEST = Recording(
    study="peer-2026",
    participant="P07",
    recording=REC,
    session=2,
    kind="media",
    file_name="Aminah.wav",
    sealed_at="2026-11-25T16:00:00.000000+00:00",
    content=ObjectDigest(size=5, sha256=bytes(32), sealed_size=99, sealed_sha256=bytes(32)),
).encode()

FINISHED = Finished(
    run=RUN,
    content_sha256=bytes(32),
    segments=4,
    document=b"",
    committed_at="2026-11-25T16:00:00.000000+00:00",
    windows=(),
)


class TestWindows:
    """Windows as bytes."""

    @given(st.lists(st.binary(max_size=50), max_size=6))
    def test_round_trip(self, segments: list[bytes]) -> None:
        """What is written is read back."""
        assert list(decode_window(encode_window(segments), "w")) == segments

    @given(st.binary(max_size=64))
    def test_any_bytes(self, data: bytes) -> None:
        """Anything else is `DataCorrupted`."""
        try:
            segments = decode_window(data, "w")
        except DataCorrupted:
            return
        assert encode_window(segments) == data

    @given(st.lists(st.binary(max_size=20), min_size=1, max_size=3), st.data())
    def test_cut_or_longer(self, segments: list[bytes], data: st.DataObject) -> None:
        """A window that was cut or has more behind it is refused."""
        whole = encode_window(segments)
        cut = data.draw(st.integers(0, len(whole) - 1))
        for broken in (whole[:cut], whole + b"\0"):
            with pytest.raises(DataCorrupted):
                decode_window(broken, "w")


class TestManifests:
    """Manifests are read strictly."""

    @given(st.binary(max_size=200))
    def test_any_bytes(self, data: bytes) -> None:
        """Whatever is in place of a manifest is `DataCorrupted`."""
        for decode in (
            lambda: Recording.decode(data, P07, REC),
            lambda: Finished.decode(data, RUN),
            lambda: Bundle.decode(data, "peer-2026", REL),
            lambda: Review.decode(data, RUN),
            lambda: Approval.decode(data, RUN),
            lambda: Corrections.decode(data, FINISHED),
        ):
            with pytest.raises(DataCorrupted):
                decode()

    def test_another_one(self) -> None:
        """A manifest in the place of another one is refused; the error names the field alone."""
        with pytest.raises(DataCorrupted) as caught:
            Recording.decode(MANIFEST, P07, "rec-" + "b" * 26)
        assert "field recording is that of another one" in caught.value.message
        assert REC not in caught.value.message

    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            (b'"session":2', b'"session":-2', "field session"),
            (b'"kind":"media"', b'"kind":"Aminah"', "field kind"),
            (b'"size":5', b'"size":"5"', "field content.size"),
            (b'"session":2', b'"secret":1,"session":2', "field ?"),
            (b'"session":2,', b"", "field session is missing"),
            (b'"session":2', b'"session": 2', "canonical"),
        ],
    )
    def test_what_is_told(self, old: bytes, new: bytes, told: str) -> None:
        """The error names the field, never its value, and says what to do."""
        with pytest.raises(DataCorrupted) as caught:
            Recording.decode(MANIFEST.replace(old, new), P07, REC)
        message = caught.value.message
        assert told in message
        assert "Restore it from a backup" in message
        assert "Aminah" not in message
        assert "secret" not in message
