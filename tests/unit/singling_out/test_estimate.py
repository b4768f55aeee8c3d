# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import csv
from pathlib import Path

import pytest

from services.singling_out import tables
from services.singling_out.estimate import COARSER, estimate, standings
from services.singling_out.linkage import KnownPeople, known
from services.singling_out.profiles import KINDS, Interview, Turn, by_value, profiles
from services.singling_out.report import Report, people


class TestTables:
    """Open figures."""

    def test_people_of_malaysia(self) -> None:
        """The table adds up to what the source says of the country in 2023: 33.4 million."""
        assert tables.population() == pytest.approx(33_380_200)
        assert sum(tables.population(age=band) for band in tables.bands()) == pytest.approx(
            tables.population()
        )

    def test_every_file_states_source_and_licence(self) -> None:
        """A figure without a source is none."""
        for path in tables.DATA.iterdir():
            head = path.read_text("utf-8").splitlines()[:6]
            told = " ".join(line for line in head if line.startswith("#"))
            assert "Compiled" in told, path.name
            assert "icence" in told or "Basis of a figure" in told, path.name

    @pytest.mark.parametrize("name", ["conditions", "occupations"])
    def test_a_figure_has_a_basis(self, name: str) -> None:
        """And what has no basis has no figure; the file's heading explains each."""
        text = (tables.DATA / f"{name}.csv").read_text("utf-8")
        head = "".join(line for line in text.splitlines() if line.startswith("#"))
        rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
        for row in rows:
            figure = row.get("per_100000") or row.get("people") or ""
            assert bool(figure) is bool(row["basis"])
            assert f"{row['basis']} =" in head

    def test_districts_are_those_of_the_states(self) -> None:
        """Shares of a state's districts add up to one."""
        shares: dict[str, float] = {}
        for state, share in tables.districts().values():
            shares[state] = shares.get(state, 0) + share
        assert len(shares) == 16
        assert all(share == pytest.approx(1) for share in shares.values())


class TestEstimate:
    """How many people fit."""

    def test_what_is_said_narrows(self) -> None:
        """Each attribute with a figure lowers the number; the one that narrows most comes first."""
        found = estimate(
            {
                "sex": ("female",),
                "age": ("40-49",),
                "state": ("Perlis",),
                "occupation": ("dentist",),
            }
        )
        women = tables.population("Perlis", "", "female", "40-49")
        assert found.people == pytest.approx(women * 11059 / tables.population())
        assert [one.kind for one in found.narrowing] == ["occupation", "state", "age", "sex"]
        assert found.narrowing[3].factor == pytest.approx(
            tables.population("Perlis", "", "", "40-49") / women
        )

    def test_nothing_said_is_everybody(self) -> None:
        """And narrows nothing."""
        assert estimate({}).people == tables.population()

    def test_without_a_figure_nothing_is_made_up(self) -> None:
        """It is named, and lowers no number."""
        found = estimate({"state": ("Perlis",), "event": ("lottery",), "occupation": ("teacher",)})
        assert found.people == tables.population("Perlis")
        assert set(found.unknown) == {("event", "lottery"), ("occupation", "teacher")}

    def test_religion_beside_ethnicity_is_a_bound(self) -> None:
        """A Malay who says Muslim is not narrowed twice; a Malay who says Christian is at most as
        many as there are Christians.
        """
        malays = estimate({"ethnicity": ("bumi_malay",), "state": ("Perlis",)}).people
        told = {"ethnicity": ("bumi_malay",), "religion": ("muslim",), "state": ("Perlis",)}
        assert estimate(told).people == malays
        other = estimate({**told, "religion": ("christian",)}).people
        assert other == estimate({"religion": ("christian",), "state": ("Perlis",)}).people

    def test_a_district_narrows_its_state(self) -> None:
        """A district of another state than the one that is said is not taken."""
        gombak = estimate({"district": ("gombak",)}).people
        assert 0 < gombak < tables.population("Selangor")
        assert estimate({"district": ("gombak",), "state": ("Perlis",)}).people == (
            tables.population("Perlis")
        )

    def test_every_kind_can_be_coarser(self) -> None:
        """The report has advice for each."""
        assert set(COARSER) == set(KINDS)

    @pytest.mark.parametrize(
        ("number", "text"),
        [
            (0.2, "under 1"),
            (7.4, "about 7"),
            (4821, "about 4,800"),
            (33_380_200, "about 33,000,000"),
        ],
    )
    def test_numbers_are_not_more_exact_than_they_are(self, number: float, text: str) -> None:
        """Two digits count."""
        assert people(number) == text


def study(*said: tuple[str, str]) -> Report:
    """Return the report over interviews, each of a participant and with one turn."""
    found = profiles(
        Interview(f"{code}_S{n}", code, (Turn(1, text, by_participant=True),))
        for n, (code, text) in enumerate(said, 1)
    )
    return Report.of(standings(found, by_value(found)))


class TestStudy:
    """The combinations of a whole study."""

    def test_interviews_together_single_out_what_each_alone_does_not(self) -> None:
        """The number falls with what the second interview adds."""
        report = study(
            ("P07", "I'm [aged 40-49] and I stay in [Perlis]. My husband works"),
            ("P07", "I work as a dentist"),
            ("P08", "I stay in [Perlis]"),
        )
        first = report.rows[0]
        assert (first.code, first.verdict(11)) == ("P07", "stands out")
        assert [one.people > 11 for one in first.standing.alone.values()] == [True, True]
        assert report.as_json()["stand_out"] == ["P07"]

    def test_participants_alike_are_counted(self) -> None:
        """Of whom all the same is said, with more or without."""
        report = study(
            ("P07", "I'm a teacher"),
            ("P08", "I'm a teacher. I have depression"),
            ("P09", "I'm a cook"),
        )
        alike = {row.code: row.standing.sharing for row in report.rows}
        assert alike == {"P07": 2, "P08": 1, "P09": 1}

    def test_the_report_holds_no_text(self) -> None:
        """Words of our own lists and places are in it, nothing that was said besides."""
        report = study(("P07", "I'm a dentist and Xanthippe knows my secret garden"))
        assert "anthippe" not in report.text() + str(report.as_json())
        assert "garden" not in report.text()

    def test_same_input_same_report(self) -> None:
        """Whatever the order of the interviews."""
        said = [("P07", "I'm a cook"), ("P08", "I'm a dentist"), ("P09", "I have lupus")]
        assert (
            study(*said).as_json()["smallest_k"] == study(*reversed(said)).as_json()["smallest_k"]
        )


class TestLinkage:
    """What a neighbour knows."""

    ROWS = (
        {"name": "a", "Sex": "F", "age": "44", "state": "Perlis", "occupation": "dentist"},
        {"name": "b", "sex": "f", "age": "51", "state": "Perlis", "occupation": "cook;dentist"},
        {"name": "c", "sex": "m", "state": "Johor", "illness": "lupus"},
        {"name": "d"},
    )

    @pytest.mark.parametrize(
        ("text", "rows"),
        [
            ("I'm [aged 40-49], my husband works. I'm a dentist", (1,)),
            ("My husband works. I'm a dentist", (1, 2)),
            ("I'm a dentist", ()),
            ("I stay in [Johor]. I have lupus. I'm a teacher", (3,)),
            ("I stay in [Perak]. I'm a dentist. My husband works", ()),
        ],
    )
    def test_who_fits(self, text: str, rows: tuple[int, ...]) -> None:
        """Two attributes are the same and none differs; a further occupation does not."""
        people_known = KnownPeople([known(n, row) for n, row in enumerate(self.ROWS, 1)])
        found = profiles([Interview("x", "P7", (Turn(1, text, by_participant=True),))])
        assert people_known.link(found["P7"]).rows == rows

    def test_one_that_fits_stands_out(self) -> None:
        """However many people of the country would."""
        found = profiles(
            [
                Interview(
                    "x", "P7", (Turn(1, "I stay in [Johor]. My wife works", by_participant=True),)
                )
            ]
        )
        people_known = KnownPeople([known(n, row) for n, row in enumerate(self.ROWS, 1)])
        report = Report.of(standings(found, by_value(found)), 11, people_known)
        assert report.rows[0].verdict(11) == "stands out"
        assert "known people that fit: 1 of 4 (rows 3), by sex, state" in report.text()


def test_data_ship() -> None:
    """The tables lie in the package."""
    assert {path.suffix for path in Path(tables.DATA).iterdir()} == {".csv", ".txt"}
