# SPDX-License-Identifier: Apache-2.0
"""One made-up participant and everybody and everything around them, as template slots."""

from __future__ import annotations

import random
import re

from benchmarks.deid_open import people, places, spoken

# entity type, direct or quasi
_DIRECT = "direct"
_QUASI = "quasi"
Slot = tuple[str, str, str]


class Persona:
    """Draws all slots of an interview from the pools of `split`; same generator, same person."""

    def __init__(self, split: str, rng: random.Random) -> None:
        self._n = people.POOLS[split]
        self._p = places.POOLS[split]
        self._r = rng
        self._used: set[str] = set()
        self.slots: dict[str, Slot] = {}
        self._people()
        self._places()
        self._numbers()
        self._time()

    def _pick(self, pool: tuple[str, ...]) -> str:
        free = [x for x in pool if x not in self._used] or list(pool)
        choice = self._r.choice(free)
        self._used.add(choice)
        return choice

    def _set(self, key: str, text: str, kind: str, weight: str) -> None:
        self.slots[key] = (text, kind, weight)

    def _person(self, key: str, text: str) -> None:
        self._set(key, text, "PERSON", _DIRECT)

    def _human(self, ethnic: str, sex: str) -> tuple[str, str]:
        """Short and full name."""
        n, r = self._n, self._r
        if ethnic == "malay":
            given = self._pick(n.malay_male if sex == "m" else n.malay_female)
            if r.random() < 0.12:
                given = self._pick(n.word_names)
            front = r.choice(
                ["", "", "Mohd ", "Muhammad "] if sex == "m" else ["", "", "Siti ", "Nur "]
            )
            link = r.choice(["bin", "bin", ""] if sex == "m" else ["binti", "binti", "bte", ""])
            return given, " ".join(f"{front}{given} {link} {self._pick(n.malay_patronym)}".split())
        if ethnic == "chinese":
            given, surname = self._pick(n.chinese_given), self._pick(n.chinese_surname)
            if r.random() < 0.3:
                west = self._pick(n.christian)
                return west, f"{west} {surname} {given}"
            short = r.choice([given, given, "Ah " + given.split()[-1]])
            return short, f"{surname} {given}"
        if ethnic == "indian":
            given = self._pick(n.indian_male if sex == "m" else n.indian_female)
            link = r.choice(["a/l", "anak lelaki"] if sex == "m" else ["a/p", "anak perempuan"])
            return given, f"{given} {link} {self._pick(n.indian_patronym)}"
        if r.random() < 0.5:
            west = self._pick(n.christian)
            return west, f"{west} anak {self._pick(n.borneo).split()[-1]}"
        name = self._pick(n.borneo)
        return name.split()[0], name

    def _short(self, name: str) -> str:
        """Return a pet form: the first or last part of a longish name."""
        word = name.rsplit(maxsplit=1)[-1]
        if len(word) < 6:
            return name
        return (
            word[:4].rstrip("aeiou") or word[:4]
            if self._r.random() < 0.4
            else word[-4:].capitalize()
        )

    def _people(self) -> None:
        r = self._r
        me = r.choice(["malay", "malay", "malay", "chinese", "indian", "borneo"])
        self.ethnic = me
        self.sex = r.choice("mf")
        nick, full = self._human(me, self.sex)
        self._person("me", nick)
        self._person("full", full)
        self._person("short", self._short(nick))
        self._person("spell", spoken.spell(nick, r))
        other = "f" if self.sex == "m" else "m"
        for key, sex in (("spouse", other), ("bro", "m"), ("sis", "f"), ("child", r.choice("mf"))):
            short, whole = self._human(me, sex)
            self._person(key, short)
            self._person(key + "_full", whole)
        races = ["malay", "malay", "chinese", "indian", "borneo"]
        for key in ("friend", "friend2", "doc_n", "nurse_n", "boss_n", "int_n", "kin_n", "peer"):
            short, whole = self._human(r.choice(races), r.choice("mf"))
            self._person(key, short)
            self._person(key + "_full", whole)
        self._titled("doc", "doc_n", ["Dr", "Dr.", "Doctor", "Doktor"])
        self._titled("nurse", "nurse_n", ["Sister", "Nurse", "Misi", "Kak"])
        self._titled("boss", "boss_n", ["Mr", "Encik", "Tuan", "Puan", "Madam", "Dato'"])
        self._titled(
            "kin", "kin_n", ["Uncle", "Auntie", "Pak Long", "Mak Su", "Pakcik", "Tok", "Makcik"]
        )
        self._titled("elder", "peer", ["Kak", "Abang", "Cikgu", "Ustaz", "Puan"])
        self._person("han", r.choice(self._n.han))
        self._person("father", self._human(me, "m")[1])

    def _titled(self, key: str, base: str, titles: list[str]) -> None:
        self._person(key, f"{self._r.choice(titles)} {self.slots[base][0]}")

    def _places(self) -> None:
        r, p = self._r, self._p
        (town, state, code), (town2, state2, _) = r.sample(p.towns, 2)
        self.state = state
        for key, value in (("town", town), ("town2", town2), ("state", state), ("state2", state2)):
            self._set(key, value, "LOCATION", _QUASI)
        self._set("village", r.choice(p.villages), "LOCATION", _QUASI)
        self._set("estate", r.choice(p.estates), "LOCATION", _QUASI)
        street, estate, no = r.choice(p.streets), r.choice(p.estates), r.randint(2, 99)
        sub = r.randint(2, 9)
        self._set("street", f"{street} {sub}", "ADDRESS", _DIRECT)
        self._set(
            "addr",
            f"No. {no}, {street} {sub}, {estate}, {code} {town}, {state}",
            "ADDRESS",
            _DIRECT,
        )
        block, unit = r.choice("ABCDE"), f"{r.randint(1, 15)}-{r.randint(1, 12)}"
        self._set("addr_ms", f"Blok {block}-{unit}, {estate}, {code} {town}", "ADDRESS", _DIRECT)
        self._set(
            "addr_sp",
            f"number {spoken.number_en(no)}, {street} {spoken.number_en(sub)}",
            "ADDRESS",
            _DIRECT,
        )
        self._set(
            "addr_sp_ms",
            f"nombor {spoken.number_ms(no)} {street} {spoken.number_ms(sub)}",
            "ADDRESS",
            _DIRECT,
        )
        for key, pool, kind in (
            ("hosp", p.hospitals, "FACILITY"), ("clinic", p.clinics, "FACILITY"),
            ("worship", p.worship, "FACILITY"), ("school", p.schools, "ORGANIZATION"),
            ("emp", p.employers, "ORGANIZATION"), ("ngo", p.groups, "ORGANIZATION"),
        ):  # fmt: skip
            self._set(key, r.choice(pool), kind, _QUASI)
        self._set(
            "ward",
            f"{r.choice(['Ward', 'Wad'])} {r.randint(1, 12)}{r.choice('ABC')}",
            "FACILITY",
            _QUASI,
        )

    def _numbers(self) -> None:
        r = self._r
        self.age = r.randint(21, 68)
        born = 2024 - self.age
        month, day = r.randint(1, 12), r.randint(1, 28)
        ic = f"{born % 100:02d}{month:02d}{day:02d}-{places.BIRTHPLACE[self.state]}-{r.randint(1000, 9999)}"
        phone = f"01{r.choice('2346789')}{r.randint(1000000, 9999999)}"
        plate = places.PLATE_PREFIX[self.state] + "".join(
            r.choice("ABCDEFGHJKLMNPQRSTUVWXY") for _ in range(2)
        )
        how = r.choice(["en", "en", "mix"])
        nick = re.sub(r"[^a-z]", "", self.slots["me"][0].lower())
        last = re.sub(r"[^a-z]", "", self.slots["full"][0].split()[-1].lower())
        domain = r.choice(["gmail", "yahoo", "hotmail", "outlook"])
        mail = r.choice([f"{nick}.{last}", f"{nick}{r.randint(70, 99)}", f"{nick}_{last}"])
        said = mail.replace(".", " dot ").replace("_", " underscore ")
        said = re.sub(r"\d+", lambda m: " " + spoken.digits(m[0], "en", r), said)
        rows = {
            "ic": (ic, "MY_IC"), "ic_plain": (ic.replace("-", ""), "MY_IC"),
            "ic_sp": (spoken.digits(ic, how, r), "MY_IC"), "ic_ms": (spoken.digits(ic, "ms", r), "MY_IC"),
            "ph": (f"{phone[:3]}-{phone[3:6]} {phone[6:]}", "PHONE_NUMBER"),
            "ph_int": (f"+6{phone[:3]} {phone[3:]}", "PHONE_NUMBER"),
            "ph_sp": (spoken.digits(phone, how, r), "PHONE_NUMBER"),
            "ph_ms": (spoken.digits(phone, "ms", r), "PHONE_NUMBER"),
            "ph_a": (spoken.digits(phone[:5], "en", r), "PHONE_NUMBER"),
            "ph_b": (spoken.digits(phone[5:], "en", r), "PHONE_NUMBER"),
            "land": (f"0{r.choice('4567')}-{r.randint(2000000, 9999999)}", "PHONE_NUMBER"),
            "pass": (f"{r.choice('AHK')}{r.randint(10000000, 99999999)}", "PASSPORT"),
            "mrn": (r.choice([f"RN {r.randint(100000, 999999)}", f"MRN{r.randint(1000000, 9999999)}",
                              f"HSK-{r.randint(10000, 99999)}"]), "MEDICAL_RECORD_NUMBER"),
            "mrn_sp": (spoken.digits(str(r.randint(100000, 999999)), "en", r), "MEDICAL_RECORD_NUMBER"),
            "plate": (f"{plate} {r.randint(100, 9999)}", "VEHICLE_PLATE"),
            "plate_sp": (f"{' '.join(plate)} {spoken.digits(str(r.randint(1000, 9999)), 'en', r)}", "VEHICLE_PLATE"),
            "bank": (str(r.randint(10**11, 10**12 - 1)), "BANK_ACCOUNT"),
            "bank_sp": (spoken.digits(str(r.randint(10**9, 10**10 - 1)), how, r), "BANK_ACCOUNT"),
            "oku": (f"{r.choice(['PH', 'OKU'])}{r.randint(100000, 999999)}", "ID_NUMBER"),
            "staff": (f"{r.choice(['S', 'EMP', 'K'])}-{r.randint(1000, 99999)}", "ID_NUMBER"),
            "mail": (f"{mail}@{domain}.com", "EMAIL_ADDRESS"),
            "mail_sp": (" ".join(f"{said} at {domain} dot com".split()), "EMAIL_ADDRESS"),
            "url": (f"https://www.facebook.com/{mail}", "URL"),
            "url_sp": (f"{nick} dot blogspot dot com", "URL"),
            "user": (f"@{nick}{r.randint(10, 99)}", "USERNAME"),
            "user2": (f"{nick}_{r.randint(100, 999)}", "USERNAME"),
        }  # fmt: skip
        for key, (text, kind) in rows.items():
            self._set(key, text, kind, _DIRECT)
        self._set("age", str(self.age), "AGE", _QUASI)
        self._set("age_w", spoken.number_en(self.age), "AGE", _QUASI)
        self._set("age_ms", spoken.number_ms(self.age), "AGE", _QUASI)
        self._set("age_old", str(r.randint(70, 95)), "AGE", _QUASI)
        self._set("age_kid", r.choice(["six", "nine", "eleven", "7", "13"]), "AGE", _QUASI)
        self._set("dob", spoken.date(day, month, born, "en", r), "DATE_TIME", _QUASI)
        self._set("dob_ms", spoken.date(day, month, born, "ms", r), "DATE_TIME", _QUASI)

    def _time(self) -> None:
        r = self._r
        for key, lang in (("date", "en"), ("date2", "en"), ("date_ms", "ms"), ("date2_ms", "ms")):
            text = spoken.date(r.randint(1, 28), r.randint(1, 12), r.randint(2005, 2024), lang, r)
            self._set(key, text, "DATE_TIME", _QUASI)
        self._set(
            "my",
            spoken.month_year(r.randint(1, 12), r.randint(2005, 2024), "en", r),
            "DATE_TIME",
            _QUASI,
        )
        self._set(
            "my_ms",
            spoken.month_year(r.randint(1, 12), r.randint(2005, 2024), "ms", r),
            "DATE_TIME",
            _QUASI,
        )
        self._set("year", str(r.randint(1988, 2023)), "DATE_TIME", _QUASI)
        self._set("year_w", spoken.year_words(r.randint(1988, 2023), "en"), "DATE_TIME", _QUASI)
        fest = r.choice(
            ["Hari Raya", "Deepavali", "Chinese New Year", "Gawai", "Kaamatan", "Christmas"]
        )
        when = r.choice(["two days before {}", "the week after {}", "second day of {}", "{} {}"])
        self._set("fest", when.format(fest, r.randint(2015, 2023)), "DATE_TIME", _QUASI)
        nrp = {"malay": ["Malay", "Muslim"], "chinese": ["Chinese", "Buddhist"], "indian": ["Tamil", "Hindu"],
               "borneo": ["Iban", "Kadazan"]}  # fmt: skip
        self._set("nrp", r.choice(nrp[self.ethnic]), "NRP", _QUASI)
        jobs = ["state silat coach", "assistant district officer", "school bus driver", "lighthouse keeper",
                "court interpreter", "tukang urut", "ferry captain", "wedding singer"]  # fmt: skip
        self._set("occ", r.choice(jobs), "OCCUPATION", _QUASI)
