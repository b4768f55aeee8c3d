# SPDX-License-Identifier: Apache-2.0
"""Addresses that are told keep no piece, whatever was made of their names."""

from __future__ import annotations

import pytest

from services.deidentification.domain.tokens import Document
from services.deidentification.recognisers.told_addresses import told_addresses


def _told(text: str) -> list[str]:
    doc = Document.of(text)
    return [
        doc.text[doc.tokens[first].start : doc.tokens[last].end]
        for first, last in told_addresses(doc)
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The address is number 18, John Mullo 4. It is far.", ["number 18, John Mullo 4"]),
        ("If you write a letter, it is lot 42, Long Chimpaka.", ["lot 42, Long Chimpaka"]),
        ("If you write a letter, it is lot 42. Long is the way.", ["lot 42"]),
        ("Where do you live?\nUnit 7, block 3, Jalan Ros please.", ["Unit 7, block 3, Jalan Ros"]),
        ("My address is Lord 42, long chem packer", ["Lord 42, long chem packer"]),
        ("My address is unit 7. Block 3, Jalan Melur.", ["unit 7. Block 3, Jalan Melur"]),
        ("The address is number 18.\nJohn Mullo four.", ["number 18.\nJohn Mullo four"]),
        ("The address is number 18.\nThank you.", ["number 18"]),
        ("And the address for it?\nIt is number 61.\nWe go.", ["number 61"]),
        ("If you write a letter, it is lock 42.", ["lock 42"]),
        (
            "alamat rumah baru kami nombor sebelas, Lorong Pantai dua, dia ada",
            ["nombor sebelas, Lorong Pantai dua"],
        ),
    ],
)  # fmt: skip
def test_whole_address(text: str, told: list[str]) -> None:
    """From the house to the end of the sentence, or to a word that goes on with something else."""
    assert _told(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "My email address is one word.",
        "I stay in the ward and take number 2 every day.",
        "We did level 2, Monday.",
        "My address is near the market.",
        "I send two letters and number one was lost.",
        "Alamat",
        "address is",
        "lot 5",
    ],
)
def test_no_address(text: str) -> None:
    """A number that nothing announces as a house stays, and so does an address of mail."""
    assert _told(text) == []
