# SPDX-License-Identifier: Apache-2.0
"""The reviewer's commands and pages over the real services, from a transcript that came in on."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from flows.cli import main as cli
from services.common.client_session import CERTIFICATE_VARIABLE, person
from services.registry import identities
from services.storage_client.catalog import recording_ref
from sotto.deidentification.v1 import deidentification_pb2, deidentification_service_pb2_grpc
from sotto.release.v1 import release_service_pb2_grpc, review_pb2
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc
from tests.support.console import installed_desk
from tests.support.deployment import Deployment, Done, study_file
from tests.support.taking import TAKEN

INTERVIEW = """\
Interviewer: Good morning. Did your brother Faizal bin Osman bring you here?

P01: Yes. Faizal waited at the zorbatek shop.

Interviewer: And after that? 后来呢。

P01: Then the zorbatek closed, and Faizal called from Hospital Permai. 住在那边。
"""  # What nobody here can read is a doubtful place.


class Interview:
    """An installation with one interview that was de-identified, as its reviewer finds it."""

    def __init__(self, deployment: Deployment, recording: str, participant: str = "P01") -> None:
        self.deployment = deployment
        self.recording = recording
        self.ref = recording_ref("trial", participant, recording)

    def show(self, *options: str) -> dict[str, Any]:
        """Return what `show --json` prints."""
        [record] = self.deployment.ok("review", "show", self.recording, "--json", *options).records
        return record

    def text(self) -> str:
        """The transcript with its corrections."""
        return "\n".join(one["text"] for one in self.show("--full")["transcript"])

    def deidentify(self) -> str:
        """Have the interview read and de-identified, and the rule applied; return the state."""
        channel = self.deployment.channel
        list(
            transcription_service_pb2_grpc.TranscriptionServiceStub(
                channel(identities.FLOWS, identities.TRANSCRIPTION)
            ).Transcribe(transcription_pb2.TranscribeRequest(ref=self.ref))
        )
        *_, done = deidentification_service_pb2_grpc.DeidentificationServiceStub(
            channel(identities.FLOWS, identities.DEIDENTIFICATION)
        ).Deidentify(deidentification_pb2.DeidentifyRequest(ref=self.ref))
        answer = release_service_pb2_grpc.ReviewRuleServiceStub(
            channel(identities.FLOWS, identities.RELEASE)
        ).ApplyReviewRule(
            review_pb2.ApplyReviewRuleRequest(ref=self.ref, run_key=done.result.run_key)
        )
        return str(answer.state)


@pytest.fixture(scope="module")
def interview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interview]:
    """Services without an orchestrator; stages are called as it would call them."""
    folder = tmp_path_factory.mktemp("files")
    with Deployment(tmp_path_factory.mktemp("home") / "home") as deployment:
        deployment.start(identities.RELEASE, identities.TRANSCRIPTION, identities.DEIDENTIFICATION)
        deployment.ok("study", "create", str(study_file(folder)))
        path = folder / "interview.txt"
        path.write_text(INTERVIEW, "utf-8")
        [sealed] = deployment.ok(
            "ingest", str(path), "--study", "trial", "--participant", "P01", "--json"
        ).records
        made = Interview(deployment, sealed["recording_id"])
        made.deidentify()
        yield made


class TestLook:
    """What waits, and what is to be seen of it."""

    def test_list(self, interview: Interview) -> None:
        """With risk, threshold and state, over all studies or one."""
        for options in ((), ("--study", "trial"), ("--state", "pending")):
            [record] = interview.deployment.ok("review", "list", "--json", *options).records
            assert record["recording_id"] == interview.recording
            assert (record["state"], record["decided_by"]) == (
                "pending",
                "policy:research-default",
            )
        table = interview.deployment.ok("review", "list").out
        assert interview.recording in table
        empty = interview.deployment.ok("review", "list", "--state", "rejected")
        assert "No rejected transcript" in empty.err

    def test_show_ends_with_the_command_to_type(self, interview: Interview) -> None:
        """Doubtful places first, then, where asked for, everything; the names are not in it."""
        shown = interview.deployment.ok("review", "show", interview.recording, "--full").out
        assert "Faizal" not in shown
        assert re.search(r"\d+ doubtful places, the heaviest first:\n\n\d+:\d+  weight", shown)
        assert shown.index("doubtful places") < shown.index("[0] ")
        run = interview.show()["run"]
        assert f"sotto review approve {interview.recording} --run {run}\n" in shown

    def test_identified_words_beside(self, interview: Interview) -> None:
        """Asked for by name, and in the log as a reading of their own."""
        before = self.readings(interview)
        shown = interview.deployment.ok("review", "show", interview.recording, "--identified").out
        assert "identified: " in shown
        assert self.readings(interview) == before + 1

    def readings(self, interview: Interview) -> int:
        """How often this person read the identified transcript, by the log."""
        found = interview.deployment.ok(
            "audit", "list", "--event", "transcript:content:read", "--json"
        ).records
        own = [one for one in found if (one["role"], one["zone"]) == ("reviewer", "clinical")]
        return sum(1 for one in own if one["outcome"] == "success")

    def test_unknown_names(self, interview: Interview) -> None:
        """A clear error that names what is known, and never an empty table."""
        sotto = interview.deployment.sotto
        study = sotto("review", "list", "--study", "trail")
        assert (study.code, study.out) == (4, "")
        assert "you are a member of no study trail; is trial meant?" in study.err
        other = sotto("review", "show", "rec-" + "z" * 26)
        assert other.code == 4
        assert interview.recording in other.err
        assert sotto("review", "show", "P01").code == 4

    def test_nobody_approves_without_a_reading(self, interview: Interview) -> None:
        """Without what was shown, and with a run key from elsewhere, the advice is to look."""
        key = interview.show()["run_key"]
        for words in ((), ("--run", key)):
            done = interview.deployment.sotto("review", "approve", interview.recording, *words)
            assert done.code == 2
            assert f"sotto review show {interview.recording}" in done.err

    def test_a_transcript_made_elsewhere_has_no_sound(self, interview: Interview) -> None:
        """`listen` says so in plain words, and writes nothing that a player would take."""
        done = interview.deployment.sotto("review", "listen", interview.recording, "0")
        assert done.code == 3
        assert done.out == ""
        assert "made elsewhere" in done.err


class TestWork:
    """Correct, decide, release, in this order."""

    def test_add_spreads(self, interview: Interview) -> None:
        """Words that the engine left are redacted wherever they are meant."""
        assert "zorbatek" in interview.text()
        done = interview.deployment.ok(
            *("review", "add", interview.recording, "zorbatek", "--segment", "1", "--json")
        )
        added = done.records[0]["added"]
        assert {(one["segment"], one["spread"]) for one in added} == {(1, False), (3, True)}
        assert "zorbatek" not in interview.text().lower()

    def test_undo_takes_what_spread_along(self, interview: Interview) -> None:
        """By the place that show numbers."""
        [place] = [
            place["place"]
            for one in interview.show("--full")["transcript"]
            if one["segment"] == 1
            for place in one["places"]
            if place["correction"] == "redact"
        ]
        done = interview.deployment.ok("review", "undo", interview.recording, place, "--json")
        assert done.records[0]["removed"] == 2
        assert interview.text().lower().count("zorbatek") == 2
        again = ("zorbatek", "--segment", "1")
        interview.deployment.ok("review", "add", interview.recording, *again)
        assert "zorbatek" not in interview.text().lower()

    def test_roles(self, interview: Interview) -> None:
        """Who is who is said, shown and taken back; what is no speaker or role is told."""
        sotto, recording = interview.deployment.sotto, interview.recording
        run = interview.show()["run"]
        done = interview.deployment.ok(
            *("review", "roles", recording, "S1=participant", "s2=interviewer", "--run", run)
        )
        assert "S1: participant\nS2: interviewer\n" in done.err
        shown = interview.deployment.ok("review", "show", recording, "--full").out
        by = f"(by {person()})"
        assert f"speakers: S1 participant {by}, S2 interviewer {by}\n" in shown
        assert "[0] participant: Good morning." in shown
        for word, advice in (
            ("S9=participant", "it has S1, S2"),
            ("S1=nurse", "interviewer, participant, engine"),
        ):
            refused = sotto("review", "roles", recording, word)
            assert (refused.code, advice in refused.err) == (4, True)
        back = ("S1=engine", "S2=participant")
        [record] = interview.deployment.ok("review", "roles", recording, *back, "--json").records
        assert record["roles"] == {"S1": "interviewer", "S2": "participant"}
        again = interview.deployment.ok("review", "roles", recording, *back)
        assert "Nothing changed." in again.err

    def test_restore_shows_the_original_words(self, interview: Interview) -> None:
        """They are found in the identified transcript; without a yes nothing happens."""
        place, mark = self.facility(interview)
        asked = interview.deployment.sotto(
            "review", "restore", interview.recording, place, stdin="n\n"
        )
        assert asked.code == 3
        assert "Hospital Permai" in asked.err
        alone = interview.deployment.sotto("review", "restore", interview.recording, place)
        assert (alone.code, "--yes" in alone.err) == (3, True)
        assert mark in interview.text()
        interview.deployment.ok("review", "restore", interview.recording, place, "--yes")
        assert "Hospital Permai" in interview.text()
        interview.deployment.ok("review", "undo", interview.recording, place)
        assert mark in interview.text()

    def test_retype(self, interview: Interview) -> None:
        """A mark gets another type, by the policy's word for it."""
        place, mark = self.facility(interview)
        for unknown in ("PLUM", "地方"):
            done = interview.deployment.sotto(
                "review", "retype", interview.recording, place, unknown
            )
            assert (done.code in {2, 4}, "LOCATION" in done.err) == (True, True)
        interview.deployment.ok("review", "retype", interview.recording, place, "location")
        assert mark not in interview.text()
        interview.deployment.ok("review", "undo", interview.recording, place)
        assert mark in interview.text()

    def facility(self, interview: Interview) -> tuple[str, str]:
        """The place and the mark of the hospital."""
        for one in interview.show("--full")["transcript"]:
            for place in one["places"]:
                if place["text"].startswith("[Hospital"):
                    return str(place["place"]), str(place["text"])
        raise AssertionError("the engine replaced no hospital")

    def test_steps(self, interview: Interview) -> None:
        """Places are accepted, put off, cleared, labels merged; each is undone and done again."""

        def step(*words: str) -> dict[str, Any]:
            name, *rest = words
            done = interview.deployment.ok("review", name, interview.recording, *rest, "--json")
            return dict(done.records[0])

        before = step("clear", "0")["undecided"]
        [place, *_] = [
            place["place"]
            for one in interview.show()["transcript"]
            for place in one["places"]
            if place["open"]
        ]
        assert step("later", place)["undecided"] == before
        taken = step("accept", place, "--mentions")
        assert taken["undecided"] < before
        undone = step("undo")
        assert (undone["of"], undone["undecided"]) == (taken["step"], before)
        assert step("redo")["undecided"] == taken["undecided"]
        step("undo", "--step", str(taken["step"]))
        _, mark = self.facility(interview)
        other = next(
            str(place["text"])
            for one in interview.show("--full")["transcript"]
            for place in one["places"]
            if place["text"].startswith("[") and place["text"] != mark
        )
        assert step("merge", mark, other)["added"] >= 1
        assert mark not in interview.text()
        told = interview.deployment.ok("review", "undo", interview.recording).err
        assert "correction" in told
        assert mark in interview.text()
        both = interview.deployment.sotto(
            "review", "undo", interview.recording, "0:1", "--step", "1"
        )
        assert both.code == 2

    def test_reword(self, interview: Interview, typed: Typed) -> None:
        """What the engine would replace is refused; other words stand until the step is undone."""
        at = ("review", "reword", interview.recording, "waited at")
        refused = typed.sotto(*at, "waited for Faizal at", "--segment", "1")
        assert (refused.code, "Faizal" in refused.err) == (4, False)
        for words, says in (((), "--segment"), (("--segment", "99"), "the last segment is 3")):
            done = typed.sotto(*at, "went to", *words)
            assert (done.code in {2, 4}, says in done.err) == (True, True)
        told = typed.ok(*at, "went to", "--segment", "1").err
        assert "segment 1: waited at -> went to" in told
        show = ("review", "show", interview.recording, "--full")
        assert "* went to}" in typed.ok(*show).out
        typed.ok("review", "undo", interview.recording)
        assert "waited at the" in typed.ok(*show).out

    def test_reject_approve_build(self, interview: Interview, tmp_path: Path) -> None:
        """A rejection says why; the approval of what was read lets it out, corrected."""
        sotto, recording = interview.deployment.sotto, interview.recording
        assert sotto("review", "reject", recording, "--run", interview.show()["run"]).code == 2
        refused = sotto("release", "build", "--study", "trial")
        assert (refused.code, "sotto review list --study trial" in refused.err) == (3, True)
        run = interview.show()["run"]
        interview.deployment.ok(
            "review", "reject", recording, "--run", run, "--reason", "look at turn 2"
        )
        stale = sotto("review", "approve", recording, "--run", run)
        assert (stale.code, "look at it again" in stale.err) == (1, True)
        assert interview.show()["reason"] == "look at turn 2"
        run = interview.show()["run"]
        [decided] = interview.deployment.ok(
            "review", "approve", recording, "--run", run, "--json"
        ).records
        assert (decided["state"], decided["decided_by"]) == ("approved", person())
        again = interview.deployment.ok("review", "approve", recording, "--run", run)
        assert f"{recording} was approved by {person()}" in again.err
        [built] = interview.deployment.ok("release", "build", "--study", "trial", "--json").records
        assert (built["transcripts"], built["left_out"]) == (1, [])
        assert built["smallest_k"] > built["standing_out"] == 0
        out = tmp_path / "out"
        interview.deployment.ok("release", "export", "--study", "trial", "--out", str(out), *TAKEN)
        interview.deployment.ok("release", "verify", str(out))
        assert "zorbatek" not in (out / "P01_S1.txt").read_text("utf-8").lower()

    def test_a_release_names_what_is_not_in_it(self, interview: Interview, tmp_path: Path) -> None:
        """Also a recording that has no de-identified transcript yet."""
        path = tmp_path / "second.txt"
        path.write_text(INTERVIEW.replace("P01", "P02"), "utf-8")
        [sealed] = interview.deployment.ok(
            "ingest", str(path), "--study", "trial", "--participant", "P02", "--json"
        ).records
        done = interview.deployment.ok("release", "build", "--study", "trial", "--json")
        [left_out] = done.records[0]["left_out"]
        assert left_out["recording_id"] == sealed["recording_id"]
        assert left_out["reason"] == "sealed"
        text = interview.deployment.ok("release", "build", "--study", "trial").err
        assert "it has no de-identified transcript yet" in text


class Typed:
    """Commands of two accounts, typed into this process: each starts none of its own."""

    def __init__(
        self,
        deployment: Deployment,
        capsys: pytest.CaptureFixture[str],
        patch: pytest.MonkeyPatch,
    ) -> None:
        self._deployment, self._capsys, self._patch = deployment, capsys, patch

    def sotto(self, *words: str, by: tuple[str, str] | None = None) -> Done:
        """Run a command as the account of this process, or by the certificate of another."""
        self._patch.delenv(CERTIFICATE_VARIABLE, raising=False)
        if by is not None:
            self._patch.setenv(CERTIFICATE_VARIABLE, self._deployment.certificates(*by))
        code = cli.main([*words, "--home", str(self._deployment.root)])
        return Done(code, *self._capsys.readouterr())

    def ok(self, *words: str, by: tuple[str, str] | None = None) -> Done:
        """Run a command and expect that it does what it was asked to."""
        done = self.sotto(*words, by=by)
        assert done.code == 0, done.err
        return done


@pytest.fixture
def typed(
    interview: Interview, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Typed]:
    """Commands over the interview's installation."""
    yield Typed(interview.deployment, capsys, monkeypatch)
    logging.disable(logging.NOTSET)


class TestPseudonym:
    """A reviewer asks, an officer who is somebody else decides, by commands of two accounts."""

    OFFICER = ("puan.aishah", identities.COMPLIANCE)
    OTHER = ("dr.odd", identities.REVIEWER)

    def ask(self, typed: Typed, interview: Interview) -> str:
        """Ask as the reviewer who stands behind the first label, and return the request's id."""
        [shown] = typed.ok("review", "show", interview.recording, "--full", "--json").records
        label = re.findall(r"\[[^\]]*\]", shown["transcript"][0]["text"])[0]
        about = (label, "--study", "trial", "--participant", "P01", "--reason", "safety_report")
        [asked] = typed.ok("pseudonym", "request", *about, "--json").records
        assert (asked["state"], asked["requested_by"]) == ("waits", person())
        return str(asked["request"])

    def test_granted_and_shown_as_often(self, interview: Interview, typed: Typed) -> None:
        """Once, to who asked; neither the officer nor the log gets the name."""
        request = self.ask(typed, interview)
        at = (request, "--study", "trial")
        assert request in typed.ok("pseudonym", "list", "--everybody", by=self.OFFICER).out
        for command, by in (("reveal", None), ("grant", None), ("reveal", self.OTHER)):
            early = typed.sotto("pseudonym", command, *at, by=by)
            assert (early.code, early.out) == (3, "")
        granted = typed.ok("pseudonym", "grant", *at, "--times", "1", by=self.OFFICER)
        assert ("granted" in granted.out, "aizal" in granted.out) == (True, False)
        stranger = typed.sotto("pseudonym", "reveal", *at, by=self.OTHER)
        assert (stranger.code, stranger.out) == (3, "")
        shown = typed.ok("pseudonym", "reveal", *at)
        assert re.match(r"\[.*\] of (P01|the study): .*faizal", shown.out)
        assert "Times left: 0" in shown.err
        again = typed.sotto("pseudonym", "reveal", *at)
        assert (again.code, again.out) == (3, "")
        [listed] = typed.ok("pseudonym", "list", "--study", "trial", "--json").records
        assert (listed["state"], listed["decided_by"]) == ("shown", "puan.aishah")
        entries = typed.ok("audit", "list", "--json").out
        assert (request in entries, "aizal" in entries) == (True, False)

    def test_refused(self, interview: Interview, typed: Typed) -> None:
        """Nothing is shown then, and it says that it was refused."""
        at = (self.ask(typed, interview), "--study", "trial")
        assert "refused" in typed.ok("pseudonym", "refuse", *at, by=self.OFFICER).out
        done = typed.sotto("pseudonym", "reveal", *at)
        assert (done.code, done.out, "refused" in done.err) == (3, "", True)


SECOND = """\
Interviewer: Who came with you, P03?

P03: My brother Faizal bin Osman and my friend Devi Ramasamy. We met at the zorbatek shop.

Interviewer: The zorbatek, with Devi? 住在那边。

P03: Devi sat in Hospital Permai. Kami jumpa Faizal again. 住在那边。
"""
HTMX = {"hx-request": "true"}


@dataclass
class Bench:
    """The pages of a reviewer before the real services, with a transcript open."""

    client: TestClient
    recording: str
    page: str = ""

    def look(self, query: str = "") -> str:
        """Open the transcript, or look at another part of it."""
        headers = HTMX if query else {}
        answer = self.client.get(f"/review/{self.recording}{query}", headers=headers)
        assert answer.status_code == 200, answer.text
        self.page = html.unescape(answer.text)
        return self.page

    def step(self, action: str, **fields: str | list[str]) -> str:
        """Take a step as the page does, and return what is shown then."""
        answer = self.client.post(
            f"/review/{self.recording}/step", data={"action": action, **fields}, headers=HTMX
        )
        assert answer.status_code == 200, answer.text
        self.page = html.unescape(answer.text)
        return self.page

    def undo(self) -> None:
        """Undo it, which may not fail."""
        assert "Nothing was changed" not in self.step("undo")

    @property
    def turns(self) -> list[str]:
        """The words of the turns."""
        found = re.findall(r'<p class="said"[^>]*>(.*?)</p>', self.page, re.DOTALL)
        return [re.sub(r"<[^>]*>", "", one) for one in found]

    def place(self, words: str) -> str:
        """The name of the place that is shown with these words."""
        [name, *_] = re.findall(rf"\?at=([0-9:]+)\"[^>]*>{re.escape(words)}</a>", self.page)
        return str(name)

    def label(self, turn: int, number: int = 0) -> str:
        """A label of a turn."""
        return str(re.findall(r"\[[^\]]*\]", self.turns[turn])[number])


@pytest.fixture(scope="module")
def bench(interview: Interview, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The console before the same services, with another interview."""
    folder = tmp_path_factory.mktemp("console")
    path = folder / "second.txt"
    path.write_text(SECOND, "utf-8")
    deployment = interview.deployment
    [sealed] = deployment.ok(
        "ingest", str(path), "--study", "trial", "--participant", "P03", "--json"
    ).records
    second = Interview(deployment, sealed["recording_id"], "P03")
    second.deidentify()
    with installed_desk(folder, deployment) as desk:
        yield Bench(desk.signed_in(person(), identities.REVIEWER), second.recording)


class TestPages:
    """What the pages ask of the engine is what the engine answers; all of it is undone."""

    def test_words_that_are_selected(self, bench: Bench) -> None:
        """Are redacted wherever the engine finds them."""
        bench.look()
        start = bench.turns[1].index("zorbatek")
        given = {"turn": "1", "from": str(start), "to": str(start + 8), "kind": "LOCATION"}
        bench.step("add", **given)
        assert not any("zorbatek" in one for one in bench.turns)
        assert bench.label(2)
        bench.undo()
        assert sum("zorbatek" in one for one in bench.turns) == 2

    def test_mentions_are_the_engines(self, bench: Bench) -> None:
        """What is unticked stays."""
        bench.look()
        answer = bench.client.post(
            f"/review/{bench.recording}/mentions",
            data={"action": "redact", "place": bench.place("住在那边"), "kind": "LOCATION"},
            headers=HTMX,
        )
        names = re.findall(r'name="ticked" value="([0-9-]+)"', answer.text)
        assert len(names) == 2
        bench.step(
            "redact", place=bench.place("住在那边"), kind="LOCATION", listed=names, ticked=names[:1]
        )
        assert sum("住在那边" in one for one in bench.turns) == 1
        bench.undo()

    def test_words_come_back(self, bench: Bench) -> None:
        """From the identified transcript, of the place that is named."""
        bench.look()
        hospital = bench.label(3, 1)
        assert hospital.startswith("[Hospital")
        bench.step("restore", place=bench.place(hospital))
        assert "Hospital Permai" in bench.turns[3]
        bench.undo()
        assert hospital in bench.turns[3]

    def test_another_kind(self, bench: Bench) -> None:
        """With the label that the study has for it."""
        bench.look()
        hospital = bench.label(3, 1)
        bench.step("retype", place=bench.place(hospital), kind="LOCATION")
        assert hospital not in bench.turns[3]
        assert bench.label(3, 1).startswith("[")
        bench.undo()

    def test_two_are_one(self, bench: Bench) -> None:
        """At every place."""
        bench.look()
        brother, friend = bench.label(1, 0), bench.label(1, 1)
        assert brother != friend
        bench.step("merge", place=bench.place(friend), into=brother)
        assert not any(friend in one for one in bench.turns)
        bench.undo()
        assert any(friend in one for one in bench.turns)

    def test_a_wording_is_looked_at(self, bench: Bench) -> None:
        """A name that is known is refused, a word that may be one stays doubtful."""
        bench.look()
        turn = bench.turns[2]
        bench.step("wording", turn="2", wording=turn.replace("zorbatek", "Faizal"))
        assert "Nothing was changed" in bench.page
        assert bench.turns[2] == turn
        bench.step("wording", turn="2", wording=turn.replace("zorbatek", "blue shop"))
        assert "blue shop" in bench.turns[2]
        bench.undo()
        assert bench.turns[2] == turn

    def test_who_is_who(self, bench: Bench) -> None:
        """Roles are those of the speakers, and their labels follow."""
        bench.look()
        first = re.findall(r'<p class="by">(\w+)', bench.page)[0]
        roles = {"role-S1": "participant", "role-S2": "interviewer"}
        bench.step("roles", **roles)
        assert re.findall(r'<p class="by">(\w+)', bench.page)[0] == "participant" != first
        bench.undo()
        assert re.findall(r'<p class="by">(\w+)', bench.page)[0] == first

    def test_what_was_said_stands_beside(self, bench: Bench) -> None:
        """Once it is asked for, and it is hidden again."""
        assert "Faizal bin Osman" not in bench.look()
        assert "Faizal bin Osman" in bench.look("?identified=1")
        assert "Faizal bin Osman" not in bench.look("?identified=0")
