# SPDX-License-Identifier: Apache-2.0
"""How recordings begin, and the suffixes of their files.

Sources: the container formats' own documents (RIFF, ISO 14496-12, RFC 3533, RFC 9559, RFC 4867,
RFC 9639, ISO 11172-3, ISO 13818), and the first bytes that libavformat and `file` look for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

#: How much of a file is looked at: enough for three packets of MPEG-TS with time codes.
HEAD_BYTES = 4096

#: Suffixes of recordings, in lower case. A file with one of them whose start is not known is kept
#: as a recording: a recorder may write a form that nobody thought of.
MEDIA_SUFFIXES = frozenset(
    ".wav .wave .w64 .rf64 .bwf .mp3 .mp2 .mpga .m4a .m4b .mp4 .m4v .mov .3gp .3g2 .aac .adts .ogg"
    " .oga .ogv .opus .spx .flac .wma .wmv .asf .amr .awb .aiff .aif .aifc .caf .au .snd .mkv .mka"
    " .webm .avi .mpg .mpeg .vob .ts .mts .m2ts .mxf .flv .ac3 .eac3 .dts .ape .wv .tta .mpc .ra"
    " .rm .rmvb .dss .ds2 .dvf .msv .voc .gsm .qcp .dsf .dff .sph .nist .vox .alaw .ulaw".split()
)

# Starts that are enough by themselves.
_STARTS: Mapping[bytes, str] = {
    b"ID3": "mp3",
    b"OggS\x00": "ogg",
    b"fLaC": "flac",
    b"\x1a\x45\xdf\xa3": "matroska",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": "asf",
    b"#!AMR": "amr",
    b"#!EVRC": "evrc",
    b"#!SILK": "silk",
    b"\x02#!SILK": "silk",
    b"caff\x00": "caf",
    b".snd\x00": "au",
    b"dns.\x00": "au",
    b"RF64": "wav",
    b"BW64": "wav",
    b"riff\x2e\x91\xcf\x11": "w64",
    b"FLV\x01": "flv",
    b".RMF\x00": "realmedia",
    b".ra\xfd": "realaudio",
    b"\x0b\x77": "ac3",
    b"\x7f\xfe\x80\x01": "dts",
    b"MAC ": "ape",
    b"wvpk": "wavpack",
    b"TTA1": "tta",
    b"MPCK": "musepack",
    b"MP+": "musepack",
    b"ADIF": "aac",
    b"MS_VOICE": "dvf",
    b"Creative Voice File\x1a": "voc",
    b"NIST_1A\n": "sphere",
    b"DSD \x1c\x00": "dsf",
    b"FRM8\x00": "dff",
    b"\x00\x00\x01\xba": "mpeg",
    b"\x00\x00\x01\xb3": "mpeg",
    b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02": "mxf",
    **{bytes([version]) + b"dss": "dss" for version in range(1, 8)},
    **{bytes([version]) + b"ds2": "dss" for version in range(1, 8)},
    b"\x03enc": "dss",  # DS2 that the machine encrypted
}
#: What is told of forms that nothing here can decode, by the form.
UNREADABLE: Mapping[str, str] = {
    "dss": "This is a DSS or DS2 file of a dictation machine, which cannot be read here: open it"
    " in the program that came with the machine, remove its password if it has one, and export it"
    " as WAV",
}
# Boxes that a file of the ISO base media file format or of QuickTime begins with.
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
# Brands of pictures in that format (ISO 23008-12, AVIF).
_PICTURES = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
_RIFF_FORMS: Mapping[bytes, str] = {b"WAVE": "wav", b"AVI ": "avi", b"QLCM": "qcp", b"CDXA": "mpeg"}
_IFF_FORMS = (b"AIFF", b"AIFC", b"8SVX")
# How documents begin, which are no recordings whatever their suffix: the reader of transcripts
# takes them, or refuses them by name.
_DOCUMENTS = (
    b"%PDF-", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"\x89PNG",
    b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf",
    b"Rar!", b"\xfd7zXZ", b"SQLite format 3", b"\xff\xfe", b"\xfe\xff", b"\x7fELF", b"MZ",
)  # fmt: skip
# Control characters that no text holds; tab, line and page breaks and escapes may stand in one.
_CONTROLS = bytes(set(range(32)) - {*b"\t\n\v\f\r\x1b"})


def media_form(head: bytes) -> str:
    """Return the form of the recording that begins like this, such as "wav"; else "".

    `head` is the first `HEAD_BYTES` bytes of a file, or all of a shorter one.
    """
    if is_text(head):
        return ""  # such as an interview that begins with the word FORM
    for start, form in _STARTS.items():
        if head.startswith(start):
            return form
    return next(filter(None, (looks(head) for looks in _LOOKS)), "")


def recording_form(start: bytes, name: str) -> tuple[str, bool]:
    """Return the form of a recording by its start, and whether a file is kept as a recording.

    One whose start is not known is, by the suffix of its name, unless it is text or begins as
    documents do: a recording must not be lost because its form is rare.
    """
    head = start[:HEAD_BYTES]
    form = media_form(head)
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    odd = suffix in MEDIA_SUFFIXES and not is_text(head) and not head.startswith(_DOCUMENTS)
    return form, bool(form) or odd


def is_text(head: bytes) -> bool:
    """Return whether a file that begins like this may be text of one byte a letter or more.

    UTF-16 is none by this rule; no recording begins as its byte order mark does.
    """
    return len(head.translate(None, _CONTROLS)) == len(head)


def _riff(head: bytes) -> str:
    if head[:4] in (b"RIFF", b"RIFX"):
        return _RIFF_FORMS.get(head[8:12], "")
    return "aiff" if head[:4] == b"FORM" and head[8:12] in _IFF_FORMS else ""


def _iso(head: bytes) -> str:
    # The length of the first box is far below 16 MiB, or a mark that stands for one.
    if head[:1] != b"\x00" or head[4:8] not in _BOXES:
        return ""
    return "" if head[4:8] == b"ftyp" and head[8:12] in _PICTURES else "mp4"


def _mpeg_audio(head: bytes) -> str:
    """Return "mp3" or "aac" for two frames of MPEG audio, or one where there is no room for two.

    The byte order mark of UTF-16 looks like a frame of layer I, which no recorder writes.
    """
    if _adts_frame(head) and (len(head) < _adts_frame(head) + 2 or _is_adts(head)):
        return "aac"
    length = _mpeg_frame(head)
    if length and (len(head) < length + 4 or _mpeg_frame(head[length : length + 4])):
        return "mp3"
    return ""


def _is_adts(head: bytes) -> bool:
    after = head[_adts_frame(head) :]
    return after[0] == 0xFF and after[1] & 0xF6 == 0xF0


def _adts_frame(head: bytes) -> int:
    """Return the length in bytes of the ADTS frame at the start (ISO 13818-7), 0 for none."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= 7 else 0


_RATES = ((11025, 12000, 8000), (), (22050, 24000, 16000), (44100, 48000, 32000))
# Kilobits a second, by layer II and III of MPEG 1, and by both of MPEG 2.
_BIT_RATES: Mapping[tuple[bool, int], Sequence[int]] = {
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def _mpeg_frame(head: bytes) -> int:
    """Return the length in bytes of the frame of layer II or III at the start, 0 for none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    rate, frequency, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version == 1 or layer not in (2, 3) or rate in (0, 15) or frequency == 3:
        return 0
    is_first = version == 3
    samples = 1152 if layer == 2 or is_first else 576
    kilobits = _BIT_RATES[is_first, layer][rate - 1]
    return samples * kilobits * 125 // _RATES[version][frequency] + padding


def _transport_stream(head: bytes) -> str:
    # Packets of 188 bytes, or of 192 or 204 with time codes or checks around them.
    for length, first in ((188, 0), (192, 4), (204, 0)):
        marks = head[first : first + 2 * length + 1 : length]
        if len(marks) == 3 and set(marks) == {0x47}:
            return "mpegts"
    return ""


_LOOKS: Sequence[Callable[[bytes], str]] = (_riff, _iso, _mpeg_audio, _transport_stream)
