# SPDX-License-Identifier: Apache-2.0
"""People of the benchmark: given names, patronyms and surnames of each split.

Compiled by hand from names common in Malaysia; no list was copied and no combination is meant to
be a living person. The splits share no name, and training leaves out every word listed here.
"""

from __future__ import annotations

from dataclasses import dataclass

# Parts of so many names that no split can have them to itself.
_SHARED = {"abdul", "bakar", "daniel", "dayang"}


@dataclass(frozen=True)
class NamePool:
    """Names of one split; multi-word given names are written as they are said."""

    malay_male: tuple[str, ...]
    malay_female: tuple[str, ...]
    malay_patronym: tuple[str, ...]
    chinese_surname: tuple[str, ...]
    chinese_given: tuple[str, ...]
    indian_male: tuple[str, ...]
    indian_female: tuple[str, ...]
    indian_patronym: tuple[str, ...]
    borneo: tuple[str, ...]
    christian: tuple[str, ...]
    word_names: tuple[str, ...]
    han: tuple[str, ...]

    def words(self) -> set[str]:
        """Every lower-case word that occurs in this pool, Chinese syllables apart."""
        whole = (
            *self.malay_male, *self.malay_female, *self.malay_patronym, *self.chinese_surname,
            *self.indian_male, *self.indian_female, *self.indian_patronym, *self.borneo,
            *self.christian, *self.word_names,
        )  # fmt: skip
        return {word.lower() for name in whole for word in name.split() if len(word) > 3} - _SHARED

    def given_pairs(self) -> set[str]:
        """Lower-case two-syllable Chinese given names (their syllables alone are too common)."""
        return {name.lower() for name in self.chinese_given}


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


DEV = NamePool(
    malay_male=_names(
        "Haikal,Rizal,Firdaus,Nasrul,Zamri,Hanafi,Khairil,Shahrul,Azhar,Fikri,Jefri,Roslan,"
        "Syafiq,Zulkarnain,Mukhriz,Ridhwan,Amirul,Daniel Hakimi,Irfan,Wafi"
    ),
    malay_female=_names(
        "Faridah,Normala,Rosnah,Haslinda,Syafiqah,Nabila,Zainab,Rahimah,Sakinah,Norlela,"
        "Aishah Humaira,Farhana,Liyana,Khairunnisa,Maryam,Shahida,Rafidah,Asmah"
    ),
    malay_patronym=_names(
        "Abdul Wahab,Harun,Kassim,Sulaiman,Mat Nor,Othman,Abu Bakar,Yaakob,Tahir,Mansor"
    ),
    chinese_surname=_names("Lau,Gan,Chew,Yeoh,Foong,Soo,Liew,Kuan"),
    chinese_given=_names(
        "Wai Kit,Mei Fong,Chun Hao,Siew Ling,Kok Leong,Hui Shan,Eng Seng,Pei Yee,Jia Hao,Bee Lian"
    ),
    indian_male=_names("Saravanan,Kumaresan,Thiagarajan,Elango,Dinesh,Prabakaran,Segaran,Nagaraj"),
    indian_female=_names("Kamala,Saraswathy,Letchumi,Pushpa,Indrani,Vijaya,Malathi,Rajeswary"),
    indian_patronym=_names("Krishnan,Subramaniam,Rajagopal,Perumal,Govindasamy,Muniandy"),
    borneo=_names("Jackly,Lasius,Dayang Norsiah,Entri,Rugayah,Gundang,Suria Jelai,Marcella Unting"),
    christian=_names("Jeremiah,Agnes,Gregory,Philomena,Sebastian,Theresa,Alvin,Maureen"),
    word_names=_names("Cempaka,Sinar,Prudence,Autumn,Kekwa,Gilang"),
    han=_names("陈慧珊,刘俊豪,杨美凤,颜国良"),
)

TEST = NamePool(
    malay_male=_names(
        "Hafizuddin,Shukri,Zulhilmi,Badrul,Fakhrul,Saifudin,Norazlan,Khairuddin,Rosdi,Mazlan,"
        "Jamaludin,Hisyam,Tarmizi,Azrai,Luqman,Qayyum,Sufian,Baharom,Yusri,Ekhwan"
    ),
    malay_female=_names(
        "Rokiah,Zaleha,Norhayati,Salmiah,Maznah,Syuhada,Izzati,Hasmah,Mastura,Roslina,Azlina,"
        "Rohayu,Nuraini,Fatin Nabihah,Balqis,Qistina,Zawiyah,Suraya,Wahida,Jamilah"
    ),
    malay_patronym=_names(
        "Mat Isa,Baharuddin,Che Ros,Awaludin,Sudin,Mahadi,Kamaruzzaman,Latiff,Embong,Deraman"
    ),
    chinese_surname=_names("Khor,Phang,Chiam,Beh,Teoh,Quek,Thong,Voon"),
    chinese_given=_names(
        "Kah Hoong,Siew Choo,Boon Teck,Poh Gaik,Chee Keat,Hooi Theng,Swee Lan,Teik Huat,"
        "Yoke Peng,Zhi Xuan"
    ),
    indian_male=_names(
        "Gunasekaran,Murugesan,Sathiaseelan,Jegathesan,Balakumar,Tharmendra,Yogeswaran,Ilango"
    ),
    indian_female=_names(
        "Thamilselvi,Logeswary,Kaliamah,Puvaneswary,Vasugi,Ranjitham,Kogilavani,Sivagami"
    ),
    indian_patronym=_names("Arumugam,Veerasamy,Kuppusamy,Ramalingam,Thangavelu,Pakirisamy"),
    borneo=_names(
        "Jelani Ngumbang,Lumpoi,Dayang Suriani,Embat,Rosnani Tingang,Jilius,Unding,Sairin Motou"
    ),
    christian=_names("Jovita,Benedict,Roselyn,Felicita,Cornelius,Bernadette,Terrence,Winifred"),
    word_names=_names("Teratai,Purnama,Mercy,Seroja,Bayu,Summer"),
    han=_names("许嘉雄,彭秀珠,郭宝德,文雪兰"),
)

POOLS = {"dev": DEV, "test": TEST}
