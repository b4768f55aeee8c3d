# SPDX-License-Identifier: Apache-2.0
"""What fills the slots of a template besides people: places, bodies, dates, ages, numbers."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks.deid_open import spoken
from infra.models.ner import word_lists as lx
from infra.models.ner.names import Names, allowed

_DAY = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday Isnin Selasa Rabu Khamis Jumaat Sabtu Ahad".split()
_FEST = [
    "Hari Raya", "Raya Haji", "Deepavali", "Chinese New Year", "CNY", "Christmas", "Thaipusam", "Wesak", "Gawai",
    "Kaamatan", "Merdeka", "Ramadan", "Maulud", "Good Friday", "Ponggal", "Qing Ming",
]  # fmt: skip


class Slots:
    """Draws places, bodies, dates and numbers; benchmark words never occur."""

    def __init__(self, rng: random.Random, names: Names, gazetteers: Path | None) -> None:
        self.r, self.names = rng, names
        self.towns = [t for t in lx.TOWNS if allowed(t)]
        self.words = [t for t in lx.PLACE_WORDS if allowed(t)]
        self.firms: list[str] = []
        if gazetteers is not None:

            def read(name: str) -> list[str]:
                rows = (gazetteers / f"{name}.txt").read_text(encoding="utf-8").splitlines()
                return [x.strip() for x in rows if x.strip() and allowed(x)]

            self.towns += read("my_towns") + read("my_constituencies_cc0")
            self.words += read("faker_my_address_townshipSuffix") + read(
                "faker_my_address_streetSuffix"
            )
            self.firms = read("faker_my_company_companies")

    def _made_up(self) -> str:
        """Return a place word: real, a person's, or two halves of real ones."""
        k = self.r.random()
        if k < 0.55:
            return self.r.choice(self.words)
        if k < 0.75:
            return self.r.choice(self.towns)
        if k < 0.9:
            return self.names.given()
        a, b = self.r.choice(self.words), self.r.choice(self.towns)
        word = a[: self.r.randint(2, 4)] + b[-self.r.randint(2, 4) :].lower()
        return word if allowed(word) else a

    def place(self) -> str:
        """Return a place, from a country down to a street."""
        c, k = self.r.choice, self.r.random()
        if k < 0.22:
            return c(lx.STATES)
        if k < 0.32:
            return c(lx.WORLD)
        if k < 0.66:
            return c(self.towns)
        if k < 0.72:
            return f"{c(self.towns)}, {c(lx.STATES)}"
        if k < 0.88:
            kind = [
                "Kampung",
                "Kg",
                "Kg.",
                "Taman",
                "Bandar",
                "Bukit",
                "Sungai",
                "Ladang",
                "Felda",
                "Desa",
                "Pulau",
                "Kampung Baru",
                "Rumah Panjang",
                "Pekan",
                "Kampung Parit",
                "Kampung Sungai",
                "Lubuk",
                "Flat",
                "PPR",
                "Apartment",
            ]
            return f"{c(kind)} {self._made_up()}"
        return f"{c(['Jalan', 'Lorong', 'Jln', 'Lebuh', 'Persiaran'])} {self._made_up()}" + c(
            ["", "", f" {self.r.randint(1, 30)}", f" {spoken.number_en(self.r.randint(1, 20))}"]
        )

    def address(self) -> str:
        """Return a street address, short or whole."""
        c, r = self.r.choice, self.r
        n = r.randint(1, 199)
        number = c(
            [
                f"No. {n}",
                f"No {n}",
                f"no {n}",
                f"{n}",
                f"number {spoken.number_en(n % 100)}",
                f"nombor {spoken.number_ms(n % 100)}",
                f"Lot {n}",
                f"Blok {c('ABCDE')}-{r.randint(1, 20)}-{r.randint(1, 12)}",
                f"{c('ABCD')}-{n}",
            ]
        )
        street = f"{c(['Jalan', 'Lorong', 'Jalan', 'Lebuh', 'Persiaran'])} {self._made_up()}" + c(
            [
                "",
                f" {r.randint(1, 12)}",
                f" {r.randint(1, 9)}/{r.randint(1, 30)}",
                f" {spoken.number_en(r.randint(1, 20))}",
                f" {spoken.number_ms(r.randint(1, 12))}",
            ]
        )
        area = f"{c(['Taman', 'Kampung', 'Bandar', 'Desa', 'Seksyen', 'Flat'])} {self._made_up()}"
        code = c(
            [
                f"{r.randint(10000, 98000)} ",
                "",
                spoken.digits(str(r.randint(10000, 98000)), c(["en", "ms"]), r) + " ",
            ]
        )
        parts = [
            [number, street],
            [number, street, area],
            [number, street, area, code + c(self.towns)],
            [street, area],
            [number, area, code + c(self.towns), c(lx.STATES)],
            [number, street, area, code + c(self.towns), c(lx.STATES)],
        ]
        return ", ".join(c(parts))

    def body(self) -> str:
        """Return a clinic, school, house of worship, firm or group."""
        c, k, x = self.r.choice, self.r.random(), self._made_up
        if k < 0.16:
            return c(lx.KNOWN_BODIES)
        if k < 0.40:
            return f"{c(lx.HEALTH_TYPES)} {x()}"
        if k < 0.55:
            return f"{c(lx.SCHOOL_TYPES)} {x()}"
        if k < 0.63:
            return f"{c(lx.WORSHIP_TYPES)} {x()}"
        if k < 0.72:
            return f"{c(lx.GROUP_TYPES)} {x()}"
        if k < 0.82:
            return f"{x()} {c(lx.GROUP_TAILS)}"
        if k < 0.88:
            return f"{c(lx.FIRM_TYPES)} {x()}"
        if k < 0.96 or not self.firms:
            return f"{x()} {c(lx.FIRM_TAILS)}"
        return c(self.firms)

    def date(self) -> str:
        """Return a date that can be placed on a calendar."""
        r, c = self.r, self.r.choice
        lang, y, m, d = c(["en", "ms"]), r.randint(1950, 2026), r.randint(1, 12), r.randint(1, 28)
        k = r.random()
        if k < 0.45:
            return spoken.date(d, m, y, lang, r)
        if k < 0.62:
            return spoken.month_year(m, y, lang, r)
        if k < 0.72:
            return c([str(y), spoken.year_words(y, lang), f"the year {y}", f"tahun {y}"])
        if k < 0.78:
            return f"{c(_DAY)}, {spoken.date(d, m, y, lang, r)}"
        if k < 0.84:
            name = spoken.date(d, m, y, lang, r)
            return (
                c(["early ", "late ", "end of ", "mid ", "awal ", "hujung "])
                + spoken.month_year(m, y, lang, r)
                if r.random() < 0.6
                else name
            )
        if k < 0.92:
            return c(
                [
                    "{f} {y}",
                    "the day after {f}",
                    "two days before {f}",
                    "{f} eve",
                    "first day of {f}",
                    "malam {f} {y}",
                    "the week of {f}",
                    "sehari sebelum {f}",
                    "lepas {f} {y}",
                ]
            ).format(f=c(_FEST), y=y)
        return f"{d:02d}{c('-/.')}{m:02d}{c('-/.')}{c([y, y % 100])}"

    def age(self) -> str:
        """Return an age in figures or words."""
        n = self.r.randint(1, 96)
        return self.r.choice([str(n), str(n), spoken.number_en(n), spoken.number_ms(n)])

    def phone(self) -> str:
        """Return a telephone number, written or spoken."""
        r, c = self.r, self.r.choice
        n = c(
            [
                f"01{r.randint(0, 9)}{r.randint(10**6, 10**8 - 1)}",
                f"0{r.randint(3, 9)}{r.randint(10**6, 10**7 - 1)}",
            ]
        )
        if r.random() < 0.6:
            return spoken.digits(n, c(["en", "en", "ms", "mix"]), r)
        return c(
            [
                n,
                f"{n[:3]}-{n[3:]}",
                f"{n[:3]} {n[3:6]} {n[6:]}",
                f"+6{n}",
                f"{n[:3]}-{n[3:6]} {n[6:]}",
            ]
        )

    def code(self) -> str:
        """Return a card, record, plate or account number, written or spoken."""
        r, c = self.r, self.r.choice
        letters = "".join(c("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(r.randint(1, 3)))
        ic = f"{r.randint(40, 99):02d}{r.randint(1, 12):02d}{r.randint(1, 28):02d}-{r.randint(1, 16):02d}-{r.randint(1000, 9999)}"
        raw = c(
            [
                ic,
                ic,
                ic.replace("-", ""),
                f"{letters} {r.randint(10, 9999)}",
                f"{letters}{r.randint(1000, 99999)}",
                f"{c('AHK')}{r.randint(10**7, 10**8 - 1)}",
                f"RN {r.randint(10**4, 10**6)}",
                f"MRN{r.randint(10**5, 10**7)}",
                str(r.randint(10**6, 10**12)),
                f"{letters}-{r.randint(100, 99999)}",
            ]
        )
        if r.random() < 0.45:
            return spoken.digits(raw, c(["en", "en", "ms", "mix"]), r)
        return raw

    def email(self) -> str:
        """Return an e-mail address, handle or page."""
        r, c = self.r, self.r.choice
        a = "".join(x for x in self.names.given().lower() if x.isalnum())
        b = "".join(x for x in self.names.given().lower() if x.isalnum())
        n = str(r.randint(1, 99))
        dom = c(["gmail", "yahoo", "hotmail", "outlook", "moh"])
        return c(
            [
                f"{a}.{b}@{dom}.com",
                f"{a}{n}@{dom}.com",
                f"{a} dot {b} at {dom} dot com",
                f"{a} underscore {b} at {dom} dot com dot my",
                f"{a} {spoken.digits(n, 'en', r)} at {dom} dot com",
                f"@{a}{n}",
                f"{a}_{n}",
                f"www.{a}{b}.com",
                f"facebook.com/{a}.{b}",
                f"{a}{b} dot blogspot dot com",
            ]
        )

    def measure(self) -> str:
        """Return a dose, score, price or reading: a number that stays."""
        r, c = self.r, self.r.choice
        n = r.choice([2, 3, 5, 7, 8, 10, 12, 15, 20, 25, 37, 40, 50, 60, 75, 90])
        w = c([spoken.number_en(n), spoken.number_ms(n), str(n)])
        return c(
            [
                f"{w} mg",
                f"{w} milligrams",
                f"{w} miligram",
                f"{w} kilos",
                f"{w} kg",
                f"{w} ringgit",
                f"RM{r.randint(5, 3000)}",
                f"{w} tablets",
                f"{w} biji",
                f"{c(['one twenty', 'one forty', 'seratus empat puluh'])} over {c(['eighty', 'ninety'])}",
                f"{r.randint(90, 160)}/{r.randint(60, 100)}",
                f"{w} percent",
                f"{w} peratus",
                f"{w} out of ten",
                f"{w} points",
                f"{r.randint(1, 9)}.{r.randint(1, 9)}",
                f"{w} ribu",
                f"{w} hundred",
                "five hundred milligrams",
            ]
        )

    def span(self) -> str:
        """Return a duration or a count: stays."""
        r, c = self.r, self.r.choice
        n = r.randint(2, 40)
        unit = c(
            ["days", "weeks", "months", "years", "hours", "minutes", "times", "sessions", "nights"]
        )
        unit_ms = c(["hari", "minggu", "bulan", "tahun", "jam", "minit", "kali", "malam"])
        return c(
            [
                f"{spoken.number_en(n)} {unit}",
                f"{n} {unit}",
                f"{spoken.number_ms(n)} {unit_ms}",
                f"{n} {unit_ms}",
                "a few weeks",
                "one month",
                "setahun",
                "sebulan",
                "seminggu",
                "half a year",
                "dua tiga hari",
                "two three years",
            ]
        )
