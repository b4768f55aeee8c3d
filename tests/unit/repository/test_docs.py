# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("infra/**/*.md")])


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^(```|~~~).*?^\1", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


class TestPages:
    @pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
    def test_links_lead_somewhere(self, page: Path) -> None:
        """Each link inside the repository names a file that is there, and a heading in it."""
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
            if "://" in target:
                continue
            name, _, anchor = target.partition("#")
            linked = (page.parent / name).resolve() if name else page
            assert linked.exists(), target
            assert not anchor or anchor in anchors(linked), target

    @pytest.mark.parametrize("folder", ["docs", "docs/adr"])
    def test_the_index_names_every_page(self, folder: str) -> None:
        """No page is there that its index does not lead to."""
        index = (ROOT / folder / "README.md").read_text("utf-8")
        names = {path.name for path in (ROOT / folder).glob("*.md")} - {"README.md"}

        assert {name for name in names if f"({name}" not in index} == set()

    def test_paths_of_the_code_exist(self) -> None:
        """A path of the code in a decision, the architecture or CONTRIBUTING is there."""
        pages = [
            ROOT / "CONTRIBUTING.md",
            *ROOT.glob("docs/architecture.md"),
            *ROOT.glob("docs/adr/*.md"),
        ]
        named = {
            (page.name, path)
            for page in pages
            for path in re.findall(
                r"`((?:services|flows|protos|tests|infra|benchmarks|docs)/[\w./-]+)`",
                page.read_text("utf-8"),
            )
        }

        assert {(page, path) for page, path in named if not (ROOT / path).exists()} == set()
