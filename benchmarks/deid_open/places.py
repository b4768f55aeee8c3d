# SPDX-License-Identifier: Apache-2.0
"""Places and bodies of the benchmark: real towns, invented streets, clinics, schools and groups.

Town names are geography; bodies are made up by joining words, and some may exist by accident.
Training leaves out the distinctive word of every town, street and body listed here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PlacePool:
    """Places of one split; `postcodes` pairs with `towns`."""

    towns: tuple[tuple[str, str, str], ...]
    villages: tuple[str, ...]
    estates: tuple[str, ...]
    streets: tuple[str, ...]
    hospitals: tuple[str, ...]
    clinics: tuple[str, ...]
    worship: tuple[str, ...]
    schools: tuple[str, ...]
    employers: tuple[str, ...]
    groups: tuple[str, ...]

    def words(self) -> set[str]:
        """Lower-case distinctive words, ordinary parts of place names apart."""
        whole = (
            *(t[0] for t in self.towns), *self.villages, *self.estates, *self.streets,
            *self.hospitals, *self.clinics, *self.worship, *self.schools, *self.employers,
            *self.groups,
        )  # fmt: skip
        return {w.lower() for name in whole for w in name.split() if len(w) > 3} - _ORDINARY


_ORDINARY = {
    "lubuk",
    "yuan",
    "yoke",
    "joseph",
    "wong",
    "puteri",
    "kota",
    "alor",
    "salleh",
    "maha",
    "smjk",
    "daerah",
    "bandar",
    "kolej",
    "sjkc",
    "haji",
    "pejabat",
    "tanah",
    "getah",
    "papan",
    "kuala",
    "batu",
    "kampung",
    "taman",
    "jalan",
    "lorong",
    "hospital",
    "klinik",
    "kesihatan",
    "poliklinik",
    "masjid",
    "surau",
    "gereja",
    "kuil",
    "tokong",
    "gurdwara",
    "sekolah",
    "kebangsaan",
    "persatuan",
    "pertubuhan",
    "society",
    "association",
    "centre",
    "center",
    "kilang",
    "syarikat",
    "enterprise",
    "trading",
    "holdings",
    "restoran",
    "bakery",
    "rumah",
    "jaya",
    "indah",
    "baru",
    "lama",
    "parit",
    "bukit",
    "sungai",
    "pulau",
    "pusat",
    "tanjung",
    "sri",
    "seri",
    "support",
    "group",
    "hope",
    "house",
    "kedai",
    "sdn.",
    "bhd.",
    "catholic",
    "church",
    "temple",
    "vihara",
    "clinic",
    "medical",
    "specialist",
    "school",
    "high",
    "academy",
    "college",
    "tadika",
    "logistics",
    "electronics",
    "plantation",
    "ladang",
    "furniture",
    "kasih",
    "harapan",
    "sinar",
    "minda",
    "sokongan",
    "kelab",
    "yayasan",
    "recovery",
    "circle",
    "mental",
    "health",
    "utara",
    "selatan",
    "perdana",
    "makmur",
    "bahagia",
    "permai",
    "from",
    "with",
    "raya",
    "saint",
    "mount",
    "methodist",
    "buddhist",
    "first",
    "wisma",
    "kumpulan",
    "friends",
    "mutiara",
    "warisan",
    "besar",
    "ayer",
    "kelapa",
    "desa",
    "lebuh",
    "aman",
    "padang",
    "perkasa",
    "suria",
    "semula",
    "bangkit",
    "sejahtera",
    "garden",
    "park",
    "port",
}


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _towns(text: str) -> tuple[tuple[str, str, str], ...]:
    rows = (row.split("|") for row in _list(text))
    return tuple((a, b, c) for a, b, c in rows)


DEV = PlacePool(
    towns=_towns(
        "Kluang|Johor|86000;Sungai Siput|Perak|31100;Jerantut|Pahang|27000;Kota Tinggi|Johor|81900;"
        "Baling|Kedah|09100;Marang|Terengganu|21600;Lahad Datu|Sabah|91100;Sarikei|Sarawak|96100;"
        "Tampin|Negeri Sembilan|73000;Pasir Mas|Kelantan|17000"
    ),
    villages=_list("Kampung Parit Jelutong;Kampung Gelam;Kampung Sungai Ular;Kampung Chempedak"),
    estates=_list("Taman Sri Kenari;Taman Puteri Wangi;Bandar Baru Selasih;Desa Bayan"),
    streets=_list("Jalan Kenari;Jalan Selasih;Lorong Haji Salleh;Jalan Temenggung;Lebuh Bayan"),
    hospitals=_list(
        "Hospital Sri Selasih;Hospital Daerah Jerantut;Kenari Specialist Centre;Hospital Bayan Permai"
    ),
    clinics=_list("Klinik Kesihatan Gelam;Klinik Wong Mei;Poliklinik Puteri Wangi;Klinik Selasih"),
    worship=_list("Masjid Al-Muttaqin;Surau An-Nur;Gereja St Joseph;Kuil Sri Subramaniar"),
    schools=_list(
        "SMK Sri Kenari;SK Parit Jelutong;SJKC Chung Hwa;SMJK Pei Yuan;Kolej Bayan;Tadika Selasih"
    ),
    employers=_list(
        "Kilang Papan Kenari;Selasih Electronics;Restoran Pak Ya;Bayan Logistics Sdn Bhd;"
        "Wangi Bakery;Pejabat Tanah Jerantut"
    ),
    groups=_list(
        "Persatuan Minda Kenari;Kelab Sokongan Selasih;Bayan Recovery Circle;Yayasan Puteri Wangi"
    ),
)

TEST = PlacePool(
    towns=_towns(
        "Kuala Pilah|Negeri Sembilan|72000;Bentong|Pahang|28700;Tapah|Perak|35000;"
        "Batu Pahat|Johor|83000;Pendang|Kedah|06700;Dungun|Terengganu|23000;Tenom|Sabah|89900;"
        "Mukah|Sarawak|96400;Alor Gajah|Melaka|78000;Gua Musang|Kelantan|18300"
    ),
    villages=_list("Kampung Parit Betak;Kampung Lubuk Nering;Kampung Sungai Rambai;Kampung Tebrau"),
    estates=_list("Taman Seri Rambai;Taman Nilam Perdana;Bandar Baru Keruing;Desa Nering"),
    streets=_list("Jalan Keruing;Jalan Rambai;Lorong Haji Mokhtar;Jalan Laksamana;Lebuh Keruing"),
    hospitals=_list(
        "Hospital Sri Keruing;Hospital Daerah Bentong;Nilam Specialist Centre;Hospital Rambai Permai"
    ),
    clinics=_list("Klinik Kesihatan Nering;Klinik Phua;Poliklinik Nilam;Klinik Keruing"),
    worship=_list("Masjid At-Taufiq;Surau Al-Hijrah;Gereja St Aloysius;Kuil Sri Maha Kaliamman"),
    schools=_list(
        "SMK Seri Rambai;SK Lubuk Nering;SJKC Kwang Wah;SMJK Yoke Nam;Kolej Keruing;Tadika Nilam"
    ),
    employers=_list(
        "Kilang Getah Rambai;Nilam Electronics;Restoran Mak Jah;Keruing Logistics Sdn Bhd;"
        "Nering Bakery;Pejabat Daerah Bentong"
    ),
    groups=_list(
        "Persatuan Minda Rambai;Kelab Sokongan Nilam;Keruing Recovery Circle;Yayasan Nering"
    ),
)

POOLS = {"dev": DEV, "test": TEST}

# Codes of MyKad birthplaces, by state.
BIRTHPLACE = {
    "Johor": "01", "Kedah": "02", "Kelantan": "03", "Melaka": "04", "Negeri Sembilan": "05",
    "Pahang": "06", "Perak": "08", "Terengganu": "11", "Sabah": "12", "Sarawak": "13",
}  # fmt: skip
PLATE_PREFIX = {
    "Johor": "J", "Kedah": "K", "Kelantan": "D", "Melaka": "M", "Negeri Sembilan": "N",
    "Pahang": "C", "Perak": "A", "Terengganu": "T", "Sabah": "SA", "Sarawak": "QA",
}  # fmt: skip
