# SPDX-License-Identifier: Apache-2.0
"""Pages of the console that stand behind what several people do, for pictures of them.

A box at a session's end; a study by a form and by its file; a pseudonym that one asks for and
another grants; a passage on which two readers disagree; a notice about a copy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from playwright.sync_api import Page

_SAME_SITE = {"sec-fetch-site": "same-origin"}
#: Most passages that a reader of the demonstration is given.
_MOST_PASSAGES = 300
Look = Callable[[Page, str], None]


def dispute(people: Mapping[str, Page]) -> None:
    """Have a sample drawn and read, by two who disagree."""
    _dispute(people["siti"], people["arjun"])


def of_work(people: Mapping[str, Page], language: str, look: Look) -> None:
    """Go to what stands behind work under way, and have it looked at under names."""
    _session_end(people["siti"], look)
    _studies(people["faiz"], language, look)
    _reveal(people["siti"], people["aminah"], look)
    people["jamal"].goto(f"{_round(people['jamal'])}/rule")
    look(people["jamal"], "ruling")
    people["siti"].goto("/quality/demo")
    look(people["siti"], "round")


def withdraw(people: Mapping[str, Page]) -> None:
    """Have a copy taken, and a participant withdrawn whose words are in it."""
    _hold_and_withdraw(people["mei"], people["aminah"])


def of_notices(people: Mapping[str, Page], language: str, look: Look) -> None:  # noqa: ARG001 - as the other
    """Go to what a researcher is told of a copy, and have it looked at under names."""
    for path, name in (("/", "told"), ("/copies", "copies"), ("/releases", "releases-told")):
        people["mei"].goto(path)
        look(people["mei"], name)


def _session_end(page: Page, look: Look) -> None:
    page.goto("/review")
    page.evaluate("() => { document.getElementById('session-end').hidden = false; }")
    look(page, "session-end")


def _studies(page: Page, language: str, look: Look) -> None:
    """Describe a study with a fault in it, mend it, look at what changes, write it, change it."""
    page.goto("/studies/new")
    look(page, "study-new")
    given = {
        "id": f"walk-{language}",
        "title": "How people speak of waiting",
        "languages": "en ms",
        "participants": "P01 P02\nP02",
        "members": "siti: reviewer\nmei: researcher",
    }
    for name, value in given.items():
        page.fill(f"[name={name}]", value)
    _press(page, "form.panel button.primary")
    look(page, "study-faults")
    page.fill("[name=participants]", "P01 P02")
    page.check("[name=quality]")
    _press(page, "form.panel button.primary")
    look(page, "study-shown")
    _press(page, "form.panel button.primary")
    look(page, "study-written")
    page.fill("[name=members]", "siti: reviewer researcher\nhui: reviewer")
    page.fill("[name=keep_recordings_days]", "30")
    page.select_option("[name=audio]", "muted")
    page.select_option("[name=notation]", "plain")
    page.select_option("[name=review]", "automatic")
    _press(page, "form.panel button.primary")
    look(page, "study-changes")
    page.goto("/studies/file")
    look(page, "study-file")
    page.fill("[name=file]", "id: walk\ntitle: [")
    _press(page, "form.panel button.primary")
    look(page, "study-file-faults")
    page.goto("/studies/demo/names")
    page.fill("[name=people]", "Azman bin Kassim; Man, Abang Man; brother; P01")
    _press(page, "form.panel button.primary")
    look(page, "names-changes")


def _reveal(asker: Page, officer: Page, look: Look) -> None:
    """Ask who stands behind a label, grant it, and have it shown."""
    participant, label = _label(asker)
    asker.goto("/reveals")
    asker.fill("[name=label]", label)
    asker.fill("[name=participant]", participant)
    _press(asker, "form[action='/reveals/ask'] button")
    look(asker, "reveal-asked")
    officer.goto("/reveals")
    look(officer, "reveal-waits")
    _press(officer, "form[action='/reveals/decide'] button.primary")
    asker.goto("/reveals")
    look(asker, "reveal-granted")
    _press(asker, "form[action='/reveals/show'] button")
    look(asker, "reveal-shown")


def _label(page: Page) -> tuple[str, str]:
    """Return a pseudonym of a transcript that waits, and its participant."""
    page.goto("/review")
    rows = page.locator("main th a").evaluate_all(
        "all => all.map(one => [one.href, one.innerText])"
    )
    for address, title in rows:
        page.goto(address)
        if found := re.search(r"\[([A-Z][a-z]+ \d+)\]", page.locator("main").inner_text()):
            return title.partition(",")[0], found[1]
    raise LookupError("no transcript that waits has a pseudonym")


def _dispute(first: Page, second: Page) -> None:
    """Draw a sample; the first reader finds all well, the second one marks a word in each."""
    first.goto("/quality/demo")
    if first.locator("form[action$='/open'] button").count():
        _press(first, "form[action$='/open'] button")
    base = _round(first)
    for page, marks in ((first, False), (second, True)):
        for number, words in _passages(page, base):
            form = {"passage": number} | ({"words1": words, "type1": "PERSON"} if marks else {})
            page.request.post(f"{base}/read", form=form, headers=_SAME_SITE)


def _passages(page: Page, base: str) -> Iterator[tuple[str, str]]:
    """Yield the passages that are left for a reader, each with its first word."""
    for _ in range(_MOST_PASSAGES):
        page.goto(f"{base}/read")
        if not page.locator("[name=passage]").count():
            return
        words = re.findall(r"[A-Za-z]{3,}", page.locator("[data-text]").first.inner_text())
        yield page.locator("[name=passage]").get_attribute("value") or "", words[0] if words else ""


def _round(page: Page) -> str:
    """Return the address of the newest round of the demonstration's study."""
    page.goto("/quality/demo")
    links = page.locator("main a").evaluate_all("all => all.map(one => one.href)")
    found = [one for one in links if re.search(r"/quality/demo/\d+/", one)]
    return found[0].rpartition("/")[0]


def _hold_and_withdraw(researcher: Page, officer: Page) -> None:
    """Take a release, and withdraw a participant whose words are in it."""
    researcher.goto("/releases")
    link = researcher.locator("main a[href^='/releases/demo/rel-']").first
    researcher.goto(link.get_attribute("href") or "")
    researcher.check("[name=accepted]")
    researcher.select_option("[name=purpose]", "analysis")
    with researcher.expect_download():
        researcher.locator("button[name=take]").first.click()
    officer.goto("/participants")
    officer.fill("[name=participant]", "P02")
    _press(officer, "main form button.primary")
    officer.goto(f"{officer.url}/withdrawal")
    officer.fill("[name=again]", "P02")
    _press(officer, "button.danger")


def _press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.locator(button).first.click()


#: What is done first, and what can be looked at then; the second undoes what the first one shows.
WALKS = ((dispute, of_work), (withdraw, of_notices))
