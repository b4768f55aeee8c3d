# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import random
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.sandbox.limits import Limits
from services.common.sandbox.parent import Sandbox
from services.transcription.adapters.decoding import AudioLimits
from services.transcription.adapters.sandboxed_recording import SandboxedRecording
from services.transcription.errors import BadRecording
from tests.support.sounds import encoded, tone, wav

_LIMITS = Limits(cpu_seconds=60, wait_seconds=240.0)

_POINTERS = {
    "playlist": "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{file}\n#EXT-X-ENDLIST\n",
    "playlist of a host": "#EXTM3U\n#EXTINF:3,\nhttp://127.0.0.1:{port}/x.ts\n#EXT-X-ENDLIST\n",
    "playlist with a key": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="file://{file}"\n'
    "#EXTINF:3,\nconcat:{file}\n#EXT-X-ENDLIST\n",
    "concat script": "ffconcat version 1.0\nfile '{file}'\n",
    "concat address": "concat:{file}|{file}",
    "session description": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=audio {port} RTP/AVP 0\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'mediaPresentationDuration="PT3S"><Period><AdaptationSet mimeType="audio/wav">'
    '<Representation id="1" bandwidth="1"><BaseURL>file://{file}</BaseURL></Representation>'
    "</AdaptationSet></Period></MPD>",
    "entity": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file://{file}">]><x>&e;</x>',
    "subtitles": "# VobSub index file, v7\n{file}\n",
    "address": "rtsp://127.0.0.1:{port}/x",
    "script": 'AviSource("{file}")',
}


def _wave(rate: int, channels: int) -> bytes:
    header = struct.pack("<HHIIHH", 1, channels, rate, 0, 2, 16)
    return b"".join(
        [
            b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0",
            header,
            b"data\xff\xff\xff\x7f",
            bytes(1000),
        ]
    )


def decode(contents: list[bytes]) -> Iterator[tuple[int, str]]:
    """Samples and refusal of each recording, decoded one behind the other in one sandbox."""
    sandbox = Sandbox("tests.support.decode_many", _LIMITS)
    order = {"sizes": [len(content) for content in contents]}
    for samples, refused in sandbox.run(io.BytesIO(b"".join(contents)), order):
        yield samples, refused.decode()


class TestPointers:
    def test_nothing_that_a_recording_names_is_opened(self, tmp_path: Path) -> None:
        """Playlists and the like, which name a file and a host, are no recordings."""
        (tmp_path / "secret.wav").write_bytes(wav(tone(3.0)))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(0)
            port = listener.getsockname()[1]
            contents = [
                text.format(file=tmp_path / "secret.wav", port=port).encode()
                for text in _POINTERS.values()
            ]
            found = dict(zip(_POINTERS, decode(contents), strict=True))
            with pytest.raises(BlockingIOError):
                listener.accept()
        assert {name for name, (samples, _) in found.items() if samples} == set()
        assert all("not a recording" in refused for _, refused in found.values())


class TestLies:
    @pytest.mark.parametrize(
        ("content", "advice"),
        [
            (_wave(4_000_000_000, 1), "sample rate|not a recording"),
            (_wave(16_000, 65_535), "channels|no audio track"),
            (bytes(2 << 20), "not a recording"),
            (random.Random(3).randbytes(2 << 20), "not a recording|damaged|no audio"),
        ],
    )
    def test_about_sizes(self, content: bytes, advice: str) -> None:
        """Headers that promise the impossible are refused with a reason."""
        with pytest.raises(BadRecording, match=advice):
            list(SandboxedRecording(lambda: io.BytesIO(content), AudioLimits()).blocks())


class TestMutations:
    def test_damaged_recordings(self) -> None:
        """Damaged files of every container are decoded or refused; none takes the decoder down."""
        chance = random.Random(5)
        whole = [
            wav(tone(1.0)),
            encoded(tone(1.0), "mp3", "mp3"),
            encoded(tone(1.0, rate=48_000), "ogg", "libopus", 48_000),
            encoded(tone(1.0), "mp4", "aac"),
            encoded(tone(1.0), "flac", "flac"),
            encoded(tone(1.0, rate=48_000), "matroska", "libopus", 48_000),
            encoded(tone(1.0), "avi", "pcm_s16le"),
        ]
        contents = [_mutated(chance.choice(whole), chance) for _ in range(150)]
        found = list(decode([*whole, *contents]))
        assert len(found) == len(whole) + len(contents)
        assert all(samples and not refused for samples, refused in found[: len(whole)])
        assert any(refused for _, refused in found)
        assert all(samples or refused for samples, refused in found)


def _mutated(content: bytes, chance: random.Random) -> bytes:
    data = bytearray(content)
    if chance.random() < 0.15:
        return bytes(data[: chance.randrange(1, len(data))])
    for _ in range(chance.choice([1, 3, 10, 60, 400])):
        at = chance.randrange(min(len(data), chance.choice([64, 400, len(data)])))
        what = chance.random()
        if what < 0.5:
            data[at] = chance.choice([0, 127, 128, 255, chance.randrange(256)])
        elif what < 0.7:
            data[at : at + 4] = chance.choice([b"\xff" * 4, b"\x7f\xff\xff\xff", bytes(4)])
        elif what < 0.85 and len(data) > 50:
            del data[at : at + chance.randrange(1, 40)]
        else:
            data[at:at] = chance.randbytes(chance.randrange(1, 40))
    return bytes(data)
