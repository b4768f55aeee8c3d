# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.transcription.adapters.decoding import AudioLimits, RecordingReader
from services.transcription.adapters.sandboxed_recording import SandboxedRecording
from services.transcription.errors import BadRecording, TruncatedRecording
from tests.support.sounds import Audio, encoded, film, film_with_sound, tone, wav

SECONDS = 3.0


def decode(content: bytes, **limits: object) -> Audio:
    """All of a recording at once."""
    recording = RecordingReader(lambda: io.BytesIO(content), AudioLimits(**limits))  # type: ignore[arg-type]
    return np.concatenate(list(recording.blocks()), axis=1)


class TestFormats:
    @pytest.mark.parametrize(
        ("container", "codec", "rate"),
        [
            ("wav", "pcm_s16le", 8_000),
            ("wav", "pcm_f32le", 48_000),
            ("flac", "flac", 44_100),
            ("mp3", "libmp3lame", 44_100),
            ("ogg", "libopus", 48_000),
            ("mp4", "aac", 44_100),
            ("matroska", "aac", 48_000),
            ("webm", "libopus", 48_000),
            ("aiff", "pcm_s16be", 22_050),
        ],
    )
    @pytest.mark.parametrize("channels", [1, 2])
    def test_what_recorders_write(
        self, container: str, codec: str, rate: int, channels: int
    ) -> None:
        """Any usual container, codec and rate gives its channels at 16 kHz, as loud and as long."""
        audio = decode(encoded(tone(SECONDS, channels, rate), container, codec, rate))
        assert audio.shape[0] == channels
        assert audio.shape[1] == pytest.approx(SECONDS * 16_000, abs=2_000)
        loudness = np.sqrt(np.mean(np.square(audio[:, 8_000:40_000]), axis=1))
        assert loudness == pytest.approx(0.3 / np.sqrt(2), abs=0.03)

    def test_channels_stay_apart(self) -> None:
        """Nothing of one channel gets into the other."""
        audio = tone(SECONDS, 2)
        audio[1] = 0
        assert np.abs(decode(wav(audio))[1]).max() < 0.001

    def test_more_channels_are_mixed(self) -> None:
        """Six channels become one."""
        assert decode(wav(tone(SECONDS, 6))).shape[0] == 1

    def test_it_can_be_read_twice(self) -> None:
        """A second pass gives the same samples to the bit."""
        content = encoded(tone(SECONDS), "mp4", "aac")
        recording = RecordingReader(lambda: io.BytesIO(content), AudioLimits())
        first, second = (np.concatenate(list(recording.blocks()), axis=1) for _ in range(2))
        assert (first == second).all()

    def test_blocks_are_small(self) -> None:
        """However long a recording is, no more than a few seconds of it come at once."""
        recording = RecordingReader(lambda: io.BytesIO(wav(tone(60.0))), AudioLimits())
        assert max(block.shape[1] for block in recording.blocks()) <= 16_000 * 5


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "advice"),
        [
            (b"", r"empty \(0 bytes\)"),
            (b"I: hello\nP: my name is Aminah\n" * 50, "not a recording"),
            (b"\x00" * 5000, "not a recording"),
            (wav(tone(1))[:20], "not a recording"),
            (b"\x03ds2" + bytes(5000), "DSS or DS2 file of a dictation machine"),
            (b"\x03enc" + bytes(5000), "remove its password"),
            (wav(tone(1))[:44].replace(b"data\x00}\x00\x00", b"data\0\0\0\0"), "single sample"),
            (film(), "no audio track"),
            (encoded(tone(SECONDS), "mp4", "aac")[:-2000], "not a recording"),
        ],
    )
    def test_what_is_no_recording(self, content: bytes, advice: str) -> None:
        """Each kind of unusable file gets advice and shows none of its content."""
        with pytest.raises(BadRecording, match=advice) as failure:
            decode(content)
        assert "Aminah" not in failure.value.message

    @pytest.mark.parametrize("keep", [0.3, 0.7, 0.95])
    @pytest.mark.parametrize(
        ("container", "codec"), [("wav", "pcm_s16le"), ("flac", "flac"), ("matroska", "pcm_s16le")]
    )
    def test_truncated(self, container: str, codec: str, keep: float) -> None:
        """A recording that was cut off is refused, unless the settings want what there is."""
        whole = encoded(tone(30.0), container, codec)
        cut = whole[: int(len(whole) * keep)]
        with pytest.raises(TruncatedRecording, match=r" \d+ (s|%) .*copy it again"):
            decode(cut)
        assert decode(cut, accept_truncated=True).shape[1] > 16_000

    @pytest.mark.parametrize("keep", [0.3, 0.7])
    def test_a_film_that_is_cut(self, keep: float) -> None:
        """The duration of sound and pictures together is believed of a film."""
        whole = film_with_sound(30.0)
        assert decode(whole).shape[1] > 29 * 16_000
        cut = whole[: int(len(whole) * keep)]
        with pytest.raises(TruncatedRecording, match="copy it again"):
            decode(cut)
        reader = RecordingReader(lambda: io.BytesIO(cut), AudioLimits(accept_truncated=True))
        assert sum(block.shape[1] for block in reader.blocks()) > 16_000
        assert reader.cut_short

    def test_a_film_whose_sound_ends_first(self) -> None:
        """Pictures behind the last sound are no sign that anything is missing."""
        content = film_with_sound(5.0, pictures=20.0)
        reader = RecordingReader(lambda: io.BytesIO(content), AudioLimits())
        assert sum(block.shape[1] for block in reader.blocks()) < 6 * 16_000
        assert not reader.cut_short

    def test_damage_in_the_middle(self) -> None:
        """What cannot be decoded between the rest is counted, in the sandbox too."""
        whole = encoded(tone(30.0), "mp3", "libmp3lame")
        torn = bytearray(whole)
        middle = len(torn) // 2
        torn[middle : middle + 2000] = bytes(2000)
        for content, is_torn in ((whole, False), (bytes(torn), True)):
            here = RecordingReader(lambda content=content: io.BytesIO(content), AudioLimits())
            confined = SandboxedRecording(
                lambda content=content: io.BytesIO(content), AudioLimits(), allow_weak=True
            )
            for reader in (here, confined):
                for _ in reader.blocks():
                    pass
                assert (reader.bad_packets > 0) is is_torn

    @pytest.mark.parametrize(
        ("limits", "advice"),
        [
            ({"max_seconds": 2.0}, "longer than the limit"),
            ({"max_channels": 1}, "has 2 channels"),
            ({"min_rate": 22_050}, "sample rate of 16000 Hz"),
        ],
    )
    def test_limits(self, limits: dict[str, object], advice: str) -> None:
        """Limits hold and are named."""
        with pytest.raises(BadRecording, match=advice):
            decode(wav(tone(SECONDS, 2)), **limits)

    @pytest.mark.parametrize(
        "lure",
        [
            "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{}\n#EXT-X-ENDLIST\n",
            "ffconcat version 1.0\nfile '{}'\n",
            "concat:{}",
            "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n",
            '<?xml version="1.0"?><MPD><Period><BaseURL>file://{}</BaseURL></Period></MPD>',
        ],
    )
    def test_a_playlist_opens_nothing(self, lure: str, tmp_path: Path) -> None:
        """A file that points to other files is refused, and they stay unread."""
        other = tmp_path / "other.wav"
        other.write_bytes(wav(tone(1)))
        with pytest.raises(BadRecording):
            decode(lure.replace("{}", str(other)).encode())

    def test_noise_behind_a_good_header(self) -> None:
        """A file whose packets cannot be decoded is refused, not transcribed as what is left."""
        whole = encoded(tone(20.0), "matroska", "aac")
        content = bytearray(whole)
        for at in range(2000, len(content) - 200, 40):
            content[at : at + 30] = np.random.default_rng(at).bytes(30)
        with pytest.raises(BadRecording):
            decode(bytes(content))

    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def test_flipped_bytes(self, data: st.DataObject) -> None:
        """Damage gives samples in range or a refusal, and never takes the process along."""
        container, codec, rate = data.draw(
            st.sampled_from(
                [
                    ("wav", "pcm_s16le", 16_000),
                    ("mp3", "libmp3lame", 16_000),
                    ("mp4", "aac", 16_000),
                    ("ogg", "libopus", 16_000),
                    ("flac", "flac", 16_000),
                ]
            )
        )
        content = bytearray(encoded(tone(0.5), container, codec, rate))
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        with contextlib.suppress(BadRecording):
            assert np.abs(decode(bytes(content), max_seconds=60.0)).max() <= 1.0
