# SPDX-License-Identifier: Apache-2.0
"""Shapes of turns and stamps, each as a small file of its own."""

from __future__ import annotations

import pytest

from tests.support.reading import turns_of

SAID = ("How did you sleep?", "Not so well lah.", "And the week before?", "Only a little.")
TIMES = (4, 11, 65, 72)


def of(text: str, name: str = "a.txt") -> list[tuple[str, str]]:
    """Speaker and text of each turn."""
    return [(turn.speaker, turn.text) for turn in turns_of(text.encode(), name)]


def clock(seconds: int) -> str:
    """Minutes and seconds."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def written(shape: str, labels: tuple[str, str]) -> str:
    """Four turns of two speakers in a shape with {name}, {said}, {short} and {long}."""
    return "".join(
        shape.format(
            name=labels[number % 2],
            said=said,
            short=clock(seconds),
            long=f"00:{seconds // 60:02d}:{seconds % 60:02d}",
            dots=f"00.{seconds // 60:02d}.{seconds % 60:02d}",
        )
        for number, (said, seconds) in enumerate(zip(SAID, TIMES, strict=True))
    )


LABELS = [
    ("Farah Diyana", "Kumar Veloo"),
    ("I", "P"),
    ("Interviewer", "P12"),
    ("SPEAKER_00", "SPEAKER_01"),
    ("Speaker 1", "Speaker 2"),
    ("Dr. Lim Wei Jie", "Kumar a/l Veloo"),
    ("FARAH DIYANA", "KUMAR VELOO"),
]

SHAPES = [
    "{name}: {said}\n",
    "{name} : {said}\n",
    "{name}：{said}\n",
    "{name}:\n{said}\n\n",
    "{name}\n{said}\n\n",
    "{name}\t{said}\n",
    "{name}   {said}\n",
    "{name} - {said}\n",
    "{name} – {said}\n",
    "- {name}: {said}\n",
    ">> {name}: {said}\n",
    "[{name}]: {said}\n",
    "[{name}] {said}\n",
    "({name}): {said}\n",
    "({name}) {said}\n",
    "({name})\n{said}\n\n",
    "{{{name}}}{said}\n",
    "<{name}> {said}\n",
    "**{name}:** {said}\n\n",
    "**{name}**: {said}\n\n",
    "**{name}** {said}\n\n",
]

STAMPED_SHAPES = [
    "{name}  {short}\n{said}\n\n",
    "{name} {long}\n{said}\n",
    "{name} ({short}):\n{said}\n\n",
    "{name} ({short}): {said}\n",
    "{name} [{long}]: {said}\n",
    "{name} [{long}] {said}\n",
    "{name} ({long}) - {said}\n",
    "{name}: [{long}] {said}\n",
    "{name}: ({short}) {said}\n",
    "{name} - {short}\n{said}\n\n",
    "{name} | {short}\n{said}\n\n",
    "[{name}] {long}\n{said}\n\n",
    "[{long}] {name}: {said}\n",
    "({short}) {name}: {said}\n",
    "{{{long}}} {name}: {said}\n",
    "<{long}> {name}: {said}\n",
    "#{long}-0# {name}: {said}\n",
    "[{dots}] {name}: {said}\n",
    "{dots} {name}: {said}\n",
    "{long} {name}: {said}\n",
    "{long},000 {name}: {said}\n",
    "{long}:000 {name}: {said}\n",
    "{long}\t{name}\t{said}\n",
    "{name}\t{long}\t{said}\n",
    "[{long}] - {name}\n{said}\n\n",
    "{long} {name}\n{said}\n",
    "{long}\n{name}\n{said}\n\n",
    "[{long}.000 --> {long}.900] {name}: {said}\n",
    "[{long} - {long}] [{name}]: {said}\n",
    "{long} {{{name}}}{said}\n",
]


class TestShapes:
    @pytest.mark.parametrize("labels", LABELS, ids=lambda pair: pair[0])
    @pytest.mark.parametrize("shape", SHAPES)
    def test_labels(self, shape: str, labels: tuple[str, str]) -> None:
        """Each shape gives back its turns."""
        expected = [(labels[number % 2], said) for number, said in enumerate(SAID)]
        assert of(written(shape, labels)) == expected

    @pytest.mark.parametrize("labels", LABELS, ids=lambda pair: pair[0])
    @pytest.mark.parametrize("shape", STAMPED_SHAPES)
    def test_labels_with_stamps(self, shape: str, labels: tuple[str, str]) -> None:
        """Each shape gives back its turns and times, and no stamp stays in the text."""
        turns = turns_of(written(shape, labels).encode(), "a.txt")
        assert [(t.speaker, t.text) for t in turns] == [
            (labels[number % 2], said) for number, said in enumerate(SAID)
        ]
        assert [turn.start_ms for turn in turns] == [1000 * seconds for seconds in TIMES]
