# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from services.audit.cli.verify import verify_log
from services.common.errors import Unavailable
from services.registry.events import Event
from sotto.release.v1 import copy_pb2
from tests.support.captured_log import CapturedLog
from tests.support.compliance_desk import P01, RECORDING, RELEASE, Hospital
from tests.support.console import Desk

PAGES = (
    "/log", "/log/0", "/participants", "/custody", f"/custody/{RECORDING}", "/verification",
    "/retention", "/evidence", "/recipients",
)  # fmt: skip


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    """A log with a story, and both zones."""
    made = Hospital(tmp_path / "audit")
    made.log.tell_story()
    yield made
    made.log.close()


@pytest.fixture
def desk(tmp_path: Path, hospital: Hospital) -> Iterator[Desk]:
    """The console over these."""
    with Desk(tmp_path, channel=hospital.channel) as opened:
        yield opened


@pytest.fixture
def officer(desk: Desk) -> TestClient:
    """An officer who has just signed in."""
    return desk.signed_in("nora", "compliance")


def handle_of(client: TestClient, code: str = "P01") -> str:
    """Look a participant up, and return where their page is."""
    answer = client.post("/participants", data={"study": "st1", "participant": code})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


class TestEveryPage:
    @pytest.mark.parametrize("path", PAGES)
    def test_is_for_compliance(self, desk: Desk, path: str) -> None:
        """Whoever has another role is refused, whatever they know of the address."""
        for role in ("operator", "reviewer", "researcher"):
            assert desk.signed_in(f"a-{role}", role).get(path).status_code == 403

    @pytest.mark.parametrize("path", PAGES)
    def test_is_made(self, officer: TestClient, path: str) -> None:
        """Each is a page, in English and in Malay."""
        assert officer.get(path).status_code == 200
        officer.post("/language", data={"language": "ms", "to": "/"})
        assert '<html lang="ms">' in officer.get(path).text


class TestHome:
    def test_what_waits(self, officer: TestClient) -> None:
        """What is due stands on the first page, and looking there leaves no entry."""
        page = officer.get("/").text
        assert "Recordings at the end of their days" in page
        assert "The audit log was read" not in re.sub(
            r"<select.*?</select>", "", officer.get("/log").text
        )


class TestLog:
    def test_pages_leave_nothing_out(self, officer: TestClient, hospital: Hospital) -> None:
        """From the newest back to the first, each entry once, and the last page says so."""
        for number in range(120):
            hospital.log.tell(Event.RECORDING_READ, object=f"rec-{number}", person="ana", **P01)
        wrote = hospital.log.log.snapshot.size
        seen: list[int] = []
        path = "/log"
        while True:
            page = officer.get(path).text
            seen += [int(one) for one in re.findall(r'href="/log/(\d+)"', page)]
            following = re.search(r'rel="next" href="([^"]+)"', page)
            if not following:
                break
            path = following[1].replace("&amp;", "&")
        assert "nothing was left out" in page
        assert seen == sorted(set(seen), reverse=True)
        assert set(range(wrote)) <= set(seen)

    def test_the_question_is_not_in_the_address(
        self, desk: Desk, officer: TestClient, log: CapturedLog
    ) -> None:
        """It stands behind a handle that is good in this session alone; no log of ours holds it."""
        asked = {"participant": "P01", "person": "ana", "kind": "read"}
        answer = officer.post("/log", data=asked)
        place = str(answer.headers["location"])
        assert not re.search("P01|ana", place)
        page = officer.get(place).text
        assert "A reviewer read a de-identified transcript" in page
        assert "came in" not in re.sub(r"<select.*?</select>", "", page, flags=re.DOTALL)
        assert desk.signed_in("omar", "compliance").get(place).status_code == 404
        assert "P01" not in log.text

    def test_every_console_answers(self, desk: Desk, officer: TestClient) -> None:
        """What was asked of one console is answered by another one, and after a restart."""
        place = officer.post("/log", data={"participant": "P01"}).headers["location"]
        found = handle_of(officer)
        verified = re.search(r'name="verified" value="([^"]+)"', officer.post("/verification").text)
        assert verified
        other = desk.beside()
        other.cookies = officer.cookies
        assert 'value="P01"' in other.get(place).text
        assert "ana" in other.get(found).text
        asked = {"since": "2026-01-01", "until": "2026-02-01", "finding": "nothing-to-report"}
        review = other.post("/verification/review", data={"verified": verified[1], **asked})
        assert review.status_code == 303
        officer.post("/sign-out")
        assert other.get(place).headers["location"].startswith("/sign-in")

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ({"study": "st2"}, "is st1 meant?"),
            ({"participant": "P99"}, "the log knows no participant"),
            ({"event": "no:such:event"}, "the log knows no event"),
            ({"since": "2026-11-25", "until": "2026-11-24"}, "ends before it begins"),
            ({"since": "yesterday"}, "a time is written as"),
        ],
    )
    def test_nothing_is_no_answer_to_what_was_not_understood(
        self, officer: TestClient, asked: dict[str, str], said: str
    ) -> None:
        """A mistyped name, or a time that is none, is told, with what was meant."""
        answer = officer.post("/log", data=asked)
        page = officer.get(answer.headers["location"]) if answer.status_code == 303 else answer
        assert page.status_code in {400, 404}
        assert said.lower() in page.text.lower()

    def test_without_readings(self, officer: TestClient, hospital: Hospital) -> None:
        """An officer's own questions can be left out, and nothing else is."""
        officer.get("/log")
        wrote = {*range(9)}
        answer = officer.post("/log", data={"kind": "without"})
        page = officer.get(answer.headers["location"]).text
        assert {int(one) for one in re.findall(r'href="/log/(\d+)"', page)} == wrote
        assert hospital.log.log.snapshot.size > len(wrote)

    def test_refusals(self, officer: TestClient) -> None:
        """What was refused is a list of its own."""
        page = officer.get(officer.get("/denials").headers["location"]).text
        assert page.count(">A call was refused") == 2  # in the form, and the one entry

    def test_an_entry_is_proved(self, officer: TestClient) -> None:
        """Its bytes, its proof and what it belongs to; one that is not there is missed."""
        page = officer.get("/log/2").text
        assert "its proof leads to the root" in page
        assert "&#34;index&#34;: 2" in page
        assert "What else was done for it" in page
        assert officer.get("/log/100000").status_code == 404

    def test_a_long_request(self, officer: TestClient, hospital: Hospital) -> None:
        """Of a request with many entries the first are shown, and a way to all of them."""
        for number in range(60):
            hospital.log.tell(Event.RECORDING_READ, object=f"rec-{number}", request_id="q9", **P01)
        first = hospital.log.log.snapshot.size - 1
        page = officer.get(f"/log/{first}").text
        way = re.search(r'href="(/log\?q=[^"]+)"', page)
        assert way
        assert "q9" not in way[1]
        assert officer.get(way[1]).status_code == 200

    def test_a_copy_verifies_offline(self, officer: TestClient, tmp_path: Path) -> None:
        """The archive holds what the command verifies on any machine, and the log tells of it."""
        answer = officer.post("/log/copy")
        assert answer.headers["content-disposition"].startswith("attachment")
        zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path / "copy")
        assert verify_log(tmp_path / "copy" / "log.jsonl").ok
        assert "The audit log was exported" in officer.get("/log").text


class TestParticipants:
    def test_who_saw_the_words(self, officer: TestClient) -> None:
        """Each act with its person and purpose, and the releases with whoever got them."""
        place = handle_of(officer)
        assert "P01" not in place
        page = officer.get(place).text
        assert "ana" in page
        assert RELEASE in page
        assert "ben" in page

    def test_a_mistyped_code(self, officer: TestClient) -> None:
        """Says which one may be meant."""
        answer = officer.post("/participants", data={"study": "st1", "participant": "P1"})
        assert answer.status_code == 404
        assert "is P01 meant?" in answer.text

    @pytest.mark.parametrize("since", ["2026-12-25", "25/11/2026"])
    def test_a_period_that_cannot_be(self, officer: TestClient, since: str) -> None:
        """Is told as that, and never that nobody saw the words; the form keeps what was given."""
        asked = {"study": "st1", "participant": "P01", "since": since, "until": "2026-11-25"}
        answer = officer.post("/participants", data=asked)
        assert answer.status_code == 400
        assert "This could not be used" in answer.text
        assert f'value="{since}"' in answer.text

    def test_one_of_whom_nothing_is_logged(self, officer: TestClient) -> None:
        """A participant whom the study has and the log does not know was seen by nobody."""
        assert "Nobody saw words" in officer.get(handle_of(officer, "P02")).text

    def test_withdrawal(self, desk: Desk, officer: TestClient, hospital: Hospital) -> None:
        """Shown first, asked for again with the code and with fresh proof, and receipted."""
        place = handle_of(officer) + "/withdrawal"
        page = officer.get(place).text
        for said in (f"st1/P01/{RECORDING}/source", "ben", "stays until a lock", "What stays"):
            assert said in page
        assert officer.post(place, data={"again": "P02"}).status_code == 400
        desk.ahead += 600
        stale = officer.post(place, data={"again": "P01"})
        assert stale.headers["location"].startswith("/step-up")
        assert not hospital.clinical.erased
        fresh = desk.signed_in("nora")
        place = handle_of(fresh) + "/withdrawal"
        receipt = fresh.post(place, data={"again": "P01"}).text
        assert hospital.clinical.erased == hospital.research.erased == [("nora", "st1", "P01")]
        for said in ("feedc0de", "failed, as it must", "ben", "Word", "Signature"):
            assert said in receipt

    def test_a_zone_that_is_away(self, officer: TestClient, hospital: Hospital) -> None:
        """The other one is erased all the same, and the receipt says what is not."""
        hospital.research.fault = Unavailable("storage-research cannot be reached")
        page = officer.post(handle_of(officer) + "/withdrawal", data={"again": "P01"}).text
        assert hospital.clinical.erased
        assert "Not done in every zone" in page
        assert "cannot be reached" in page


class TestCopies:
    def test_who_holds_what(self, officer: TestClient, hospital: Hospital) -> None:
        """Persons, purposes, what concerns each copy and what they say; and what has no record."""
        hospital.copies = [held("ben", words="a reading group"), held("ida", read=True)]
        hospital.copies.append(held("gone", destroyed=True))
        answer = officer.post("/recipients", data={"study": "st1"})
        place = str(answer.headers["location"])
        assert "st1" not in place
        page = officer.get(place).text
        for said in (
            "3 copies, the newest first", "a reading group", "has to be destroyed",
            "P01 withdrew. Destroy the copy", "not read yet", "declared destroyed",
            "1 export was made before records", "Keep it.",
        ):  # fmt: skip
            assert said in page
        assert officer.post("/recipients", data={"study": "st9"}).status_code == 404

    def test_whom_to_tell_says_what_they_say(self, officer: TestClient, hospital: Hospital) -> None:
        """A hand-out of the log goes with its record; a copy whose export never ended is told."""
        hospital.log.tell(
            Event.RELEASE_EXPORTED, object="st1", study_id="st1", caller="researcher",
            person="ida", attributes={"release_id": RELEASE, "copy_id": held("ida").copy_id},
        )  # fmt: skip
        hospital.copies = [held("ida", read=True), held("gone", destroyed=True)]
        page = officer.get(handle_of(officer) + "/withdrawal").text
        rows = dict(re.findall(r"<tr><td[^>]*>(\w+)</td>(.*?)</tr>", page, re.DOTALL))
        assert "knows of it" in rows["ida"]
        assert "declared destroyed" in rows["gone"]
        assert "taken before copies were on record" in rows["ben"]

    def test_records_that_cannot_be_asked(self, officer: TestClient, hospital: Hospital) -> None:
        """The people are told from the log all the same."""
        hospital.away = Unavailable("release cannot be reached")
        page = officer.get(handle_of(officer) + "/withdrawal").text
        assert "What became of the copies could not be asked" in page
        assert "ben" in page


def held(
    person: str, *, words: str = "", read: bool = False, destroyed: bool = False
) -> copy_pb2.HeldCopy:
    """Return a copy of the release with P01's words, who withdrew."""
    copy = copy_pb2.HeldCopy(
        study_id="st1",
        copy_id=f"cpy-{person * 26}"[:30],
        release_id=RELEASE,
        person=person,
        form="docx",
        purpose=copy_pb2.PURPOSE_OTHER if words else copy_pb2.PURPOSE_ANALYSIS,
        purpose_text=words,
        terms_sha256="0" * 64,
    )
    copy.taken_at.FromJsonString("2026-11-25T08:00:00Z")
    if destroyed:
        copy.destroyed_at.FromJsonString("2026-11-27T08:00:00Z")
        return copy
    notice = copy.notices.add(kind=copy_pb2.NOTICE_KIND_WITHDRAWN, subject="P01")
    if read:
        notice.seen_at.FromJsonString("2026-11-26T08:00:00Z")
    return copy


class TestCustody:
    def test_picture_and_table(self, officer: TestClient) -> None:
        """The same nodes in both, with the entries that tell of them."""
        page = officer.get(f"/custody/{RECORDING}").text
        assert page.count("<circle") == page.count('scope="row"') >= 6
        assert "A recording or a transcript made elsewhere came in" in page
        assert "A release was handed out" in page

    def test_unknown(self, officer: TestClient) -> None:
        """A recording that the log does not know is told, and so is what is no id."""
        for given in ("rec-" + "c" * 26, "somebody"):
            answer = officer.post("/custody", data={"recording": given})
            assert answer.status_code == 404
            assert "No such recording is known" in answer.text


class TestVerification:
    def test_now_and_history(self, officer: TestClient, hospital: Hospital) -> None:
        """What was checked and what was not is said, and the log keeps it as an officer's check."""
        page = officer.post("/verification").text
        assert "The log is whole" in page
        assert "whether the public key is the right one" in page
        key = str(hospital.log.log.verifier_keys[0])
        note = hospital.log.log.snapshot.note
        page = officer.post("/verification", data={"keys": key, "checkpoint": note}).text
        assert "that the log begins with the entries under the checkpoint that you kept" in page
        assert "whether the public key is the right one" not in page
        assert page.count("check by an officer") == 2

    def test_review_of_a_period(self, officer: TestClient) -> None:
        """What was looked through stands in the log, bound to what was verified before."""
        page = officer.post("/verification").text
        verified = re.search(r'name="verified" value="([^"]+)"', page)[1]  # type: ignore[index]
        asked = {"verified": verified, "since": "2026-01-01", "until": "2026-02-01"}
        answer = officer.post("/verification/review", data={**asked, "finding": "question-raised"})
        assert "question-raised" in officer.get(answer.headers["location"]).text
        turned = {**asked, "until": "2025-01-01", "finding": "question-raised"}
        assert officer.post("/verification/review", data=turned).status_code == 400
        lost = {**asked, "verified": "x", "finding": "question-raised"}
        assert officer.post("/verification/review", data=lost).status_code == 404

    def test_a_foreign_key(self, officer: TestClient, tmp_path: Path) -> None:
        """A log that the officer's own key did not sign is not whole; that is kept too."""
        other = Hospital(tmp_path / "other")
        key = str(other.log.log.verifier_keys[0])
        other.log.close()
        page = officer.post("/verification", data={"keys": key}).text
        assert "The log is not whole" in page
        assert "1 time not whole" in page

    def test_no_key(self, officer: TestClient) -> None:
        """What is no key is refused before the log is read."""
        answer = officer.post("/verification", data={"keys": "mine"})
        assert answer.status_code == 400
        assert "Nothing was verified" in answer.text


class TestRetention:
    def test_hold_and_lift(self, officer: TestClient, hospital: Hospital) -> None:
        """The calendar shows when each is due; a hold is set and lifted there."""
        assert "2026-12-24" in officer.get("/retention").text
        for to in ("held", "free"):
            data = {"recording": RECORDING, "to": to}
            assert officer.post("/retention/hold", data=data).status_code == 303
            assert hospital.clinical.held == (to == "held")
        lost = {"recording": "rec-" + "c" * 26, "to": "held"}
        assert officer.post("/retention/hold", data=lost).status_code == 404


class TestEvidence:
    def test_month(self, officer: TestClient) -> None:
        """To read and to print, with hospital, author and lines to sign; and as PDF."""
        month = re.search(r'name="month"[^>]*value="([^"]+)"', officer.get("/evidence").text)[1]  # type: ignore[index]
        page = officer.post("/evidence", data={"month": month, "language": "en", "as": "page"}).text
        for said in (
            "Hospital Sentosa",
            "nora (signed in to the console)",
            "Releases by participant",
        ):
            assert said in page
        answer = officer.post("/evidence", data={"month": month, "language": "ms", "as": "pdf"})
        assert answer.content.startswith(b"%PDF")
        assert f"evidence-{month}.pdf" in answer.headers["content-disposition"]

    def test_breach(self, officer: TestClient) -> None:
        """What a person touched, with the deadlines; nobody unknown gets an all-clear."""
        asked = {
            "subject": "ana", "since": "2020-01-01", "until": "2999-01-01", "told": "2026-11-25",
            "language": "en", "as": "page",
        }  # fmt: skip
        assert "Notice to the Commissioner" in officer.post("/evidence/breach", data=asked).text
        answer = officer.post("/evidence/breach", data={**asked, "subject": "anna"})
        assert "is ana meant?" in answer.text

    @pytest.mark.parametrize("month", ["2999-01", "soon", "November 2026", "1999-12"])
    def test_a_month_that_cannot_be(self, officer: TestClient, month: str) -> None:
        """Is refused, with the reason."""
        answer = officer.post("/evidence", data={"month": month, "language": "en", "as": "page"})
        assert answer.status_code == 400
        assert "No report was made" in answer.text

    def test_asks_for_fresh_proof(self, desk: Desk, officer: TestClient) -> None:
        """A report reads the whole log: that is an export."""
        desk.ahead += 600
        for path in ("/evidence", "/evidence/breach", "/verification", "/log/copy"):
            assert officer.post(path).headers["location"].startswith("/step-up")


class TestWatermark:
    def test_tile(self, officer: TestClient) -> None:
        """It bears the person and the session, as a picture of ours that runs nothing."""
        answer = officer.get("/watermark.svg")
        assert answer.headers["content-type"] == "image/svg+xml"
        assert "nora" in answer.text
        assert "no-store" in answer.headers["cache-control"]
