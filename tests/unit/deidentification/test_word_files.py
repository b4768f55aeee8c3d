# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from services.deidentification import word_files
from services.deidentification.domain.tokens import normal
from services.deidentification.recognisers import base
from services.deidentification.word_files import FOLDER, WORDS, WordFile, lines, read_words

FILES = sorted(WORDS.glob("*.txt"))


class TestWordFile:
    """Reading of sections."""

    def test_sections(self, tmp_path: Path) -> None:
        """Words, phrases, labels and numbers over several lines; comments are left out."""
        path = tmp_path / "words.txt"
        path.write_text(
            "# head\n[words]\n# why\na b\nc a\n\n[phrases]\nhari raya, raya,\nnew year\n"
            "[labels]\nDoctor: dr\nNurse: misi\nDoctor: doktor\n[numbers]\n1: one satu\n"
        )
        file = WordFile(path)
        assert file.words("words") == {"a", "b", "c"}
        assert file.phrases("phrases") == ("hari raya", "raya", "new year")
        assert file.labels("labels") == {"dr": "Doctor", "doktor": "Doctor", "misi": "Nurse"}
        assert [label for label, _ in file.groups("labels")] == ["Doctor", "Nurse"]
        assert file.numbers("numbers") == {"one": 1, "satu": 1}
        with pytest.raises(KeyError):
            file.words("others")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
class TestShippedWords:
    """The word lists that ship."""

    def test_header(self, path: Path) -> None:
        """A file says what it is, where it comes from and under which licence."""
        head = path.read_text(encoding="utf-8").splitlines()[:4]
        assert all(line.startswith("# ") for line in head)
        assert "Licence:" in "".join(head)

    def test_every_section_is_used(self, path: Path) -> None:
        """No section is left behind that no code reads."""
        code = "".join(p.read_text(encoding="utf-8") for p in FOLDER.rglob("*.py"))
        for title in read_words(path.stem).titles:
            assert f'("{title}")' in code, title

    def test_normal_form(self, path: Path) -> None:
        """Words are written in the form in which they are compared."""
        for line in lines(path):
            if not line.startswith("["):
                words = line.split(": ")[-1].replace(",", "").split()
                assert [normal(word) for word in words] == words


class TestVersion:
    """The version of the recognisers, which run keys contain."""

    def test_belongs_to_the_shipped_lists(self) -> None:
        """Who changes a list raises VERSION and writes down the new digest."""
        assert word_files.digest() == base.WORDS_OF_VERSION
        assert base.recognisers_version() == base.VERSION

    def test_changes_with_a_word(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A word more makes another version; another comment does not."""
        words = tmp_path / "words"
        shutil.copytree(WORDS, words)
        monkeypatch.setattr(word_files, "WORDS", words)
        path = words / "people.txt"
        path.write_text("# Another comment.\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
        assert word_files.digest() == base.WORDS_OF_VERSION
        with path.open("a", encoding="utf-8") as file:
            file.write("budak\n")
        base.recognisers_version.cache_clear()
        try:
            assert base.recognisers_version().startswith(f"{base.VERSION}-")
        finally:
            base.recognisers_version.cache_clear()
