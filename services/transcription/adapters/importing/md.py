# SPDX-License-Identifier: Apache-2.0
"""Importer of Markdown (CommonMark, tables of GitHub): lines without their markup."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.transcription.adapters.importing.html_events import unescape
from services.transcription.domain.reading import Findings, Passage, PassageKind

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_FENCE = re.compile(r"\s{0,3}(?:`{3,}|~{3,})")
_RULE = re.compile(r"\s{0,3}(?:(?:-\s{0,2}){3,40}|(?:\*\s{0,2}){3,40}|(?:_\s{0,2}){3,40}|={3,40})$")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s{1,8}")
_QUOTE = re.compile(r"(?:\s{0,3}>\s?){1,8}")
_ITEM = re.compile(r"\s{0,12}(?:[-*+]|\d{1,6}[.)])\s{1,8}(?:\[[ xX]\]\s)?(?=\S)")
_ROW = re.compile(r"\s{0,3}\|.{1,}\|\s{0,8}$")
_DELIMITER = re.compile(
    r"\s{0,3}\|?(?:\s{0,40}:?-{1,80}:?\s{0,40}\|){1,60}(?:\s{0,40}:?-{1,80}:?)?\s{0,8}$"
)
_PICTURE = re.compile(r"!\[([^\[\]\n]{0,400})\]\([^()\s]{0,2000}(?:\s[^()\n]{0,400})?\)")
_LINK = re.compile(r"\[([^\[\]\n]{1,400})\]\([^()\s]{0,2000}(?:\s[^()\n]{0,400})?\)")
_ADDRESS = re.compile(r"<(https?://[^\s<>]{1,2000}|mailto:[^\s<>]{1,400})>")
_COMMENT = re.compile(r"<!--([^<\n]{0,2000})-->")
_TAG = re.compile(
    r"</?(?:b|i|u|em|strong|span|font|p|div|sup|sub|mark|small)(?:\s[^<>]{0,400})?>", re.IGNORECASE
)
_BREAK = re.compile(r"<br\s{0,3}/?>", re.IGNORECASE)
_STARS = re.compile(r"(\*{1,3})(?=\S)([^*\n]{1,2000})(?<=\S)\1")
_BARS = re.compile(r"(?<!\w)(_{1,3})(?=[^\s_])([^_\n]{1,2000})(?<=\S)\1(?!\w)")
_CODE = re.compile(r"`{1,2}([^`\n]{1,2000})`{1,2}")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def read(source: Source) -> Iterator[Passage]:
    """Yield a passage for each line that is not blank."""
    findings = source.findings
    lines = list(enumerate(io.StringIO(source.text()), 1))
    start = _front_matter(lines, findings)
    gap, fenced = False, False
    for at in range(start, len(lines)):
        number, line = lines[at]
        line = line.rstrip("\n")
        if _FENCE.match(line):
            fenced = not fenced
            gap = True
            continue
        underlined = at + 1 < len(lines) and lines[at + 1][1].rstrip("\n ")
        if not line.strip() or (not fenced and _RULE.match(line)):
            gap = True
            continue
        if fenced:
            yield Passage(line, gap=gap, place=number)
        elif not _DELIMITER.match(line):
            under = bool(underlined) and len(str(underlined)) > 2 and not str(underlined).strip("=")
            yield from _line(line, number, gap, under, findings)
        gap = False


def _front_matter(lines: list[tuple[int, str]], findings: Findings) -> int:
    """Leave out the settings between `---` at the top; return the line that comes behind."""
    if not lines or lines[0][1].strip() != "---":
        return 0
    for at, (_, line) in enumerate(lines[1:100], 1):
        if line.strip() in ("---", "..."):
            for _, setting in lines[1:at]:
                if setting.strip():
                    findings.leave_out("cover_lines", setting)
            return at + 1
    return 0


def _line(
    line: str, number: int, gap: bool, underlined: bool, findings: Findings
) -> Iterator[Passage]:
    kind = PassageKind.SPEECH
    line = _QUOTE.sub("", line, count=1) if _QUOTE.match(line) else line
    if (found := _HEADING.match(line)) or underlined:
        kind = PassageKind.HEADING
        line = line[found.end() :].rstrip("# ") if found else line
        gap = True
    elif (item := _ITEM.match(line)) is not None:
        line = line[item.end() :]
    elif _ROW.match(line):
        line = "\t".join(cell.strip() for cell in line.strip().strip("|").split("|"))
    for comment in _COMMENT.findall(line):
        findings.leave_out("comments", comment)
    for picture in _PICTURE.findall(line):
        findings.leave_out("pictures", picture)
    line = _PICTURE.sub("", _COMMENT.sub("", line))
    line = _ADDRESS.sub(r"\1", _LINK.sub(r"\1", line))
    line = _TAG.sub("", _BREAK.sub("\n", line))
    line, emphasised = _plain(line)
    line = unescape(_ESCAPE.sub(r"\1", line)).replace("\u00a0", " ")
    if line.strip():
        yield Passage(line, kind=kind, gap=gap, emphasised=emphasised, place=number)


def _plain(line: str) -> tuple[str, int]:
    """Return a line without emphasis, and how many characters at its start had some."""
    at = len(line) - len(line.lstrip())
    first = _STARS.match(line, at) or _BARS.match(line, at)
    emphasised = len(first[2]) + first.start() if first else 0
    for _ in range(2):
        line = _BARS.sub(r"\2", _STARS.sub(r"\2", line))
    return _CODE.sub(r"\1", line), emphasised
