# SPDX-License-Identifier: Apache-2.0
"""Words and phrases around personal names, and words that look like names and are none."""

from __future__ import annotations

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.vocabulary import SECOND, TITLES
from services.deidentification.recognisers.attributes import NRP
from services.deidentification.recognisers.base import table

PEOPLES = frozenset(words[0] for options in NRP.values() for words in options if len(words) == 1)
LOCAL = lx.MALAY | lx.NICK | lx.CN_FAMILY | lx.CN_GIVEN | lx.INDIAN
DAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays "
    "thursdays fridays saturdays sundays isnin selasa rabu khamis jumaat sabtu ahad".split()
)
# Words whose capital letter says nothing of a name.
NOT_NAMES = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may "
    "june july august "
    "september october november december isnin selasa rabu khamis jumaat sabtu ahad januari "
    "februari mac mei jun julai "
    "ogos oktober disember english malay chinese indian tamil mandarin cantonese hokkien hindi "
    "arabic malaysian muslim "
    "islam islamic christian christianity buddhist hindu allah god jesus quran bible internet "
    "christmas deepavali raya "
    "ramadan ramadhan hari tuhan whatsapp facebook google youtube zoom covid facetime netflix "
    "spotify tiktok instagram "
    "twitter melayu cina india inggeris amd microsoft windows apple sunnah nabi rasul american "
    "british "
    "european asian african western eastern northern southern".split()
)
FORMAL = frozenset(
    "dr mr mrs ms mdm encik puan cik tuan dato datuk datin cikgu ustaz ustazah misi nurse kak "
    "abang pak "
    "auntie uncle pakcik makcik haji hajah".split()
)
PREFIXES = frozenset("abu abdul abd siti nur noor mohd md muhd muhammad".split())
INTRO = table(
    "call me|calls me|called me|panggil saya|panggil aku|my name is|my name's|my name was|my "
    "name|my full name is|my nickname is|name "
    "is|name's|named|nickname is|"
    "his name is|her name is|his name was|her name was|i am called|i'm called|i go by|go "
    "by|known as|also known as|"
    "nama saya ialah|nama saya adalah|nama saya|nama aku|nama dia|nama beliau|nama penuh "
    "saya|nama penuh|"
    "nama panggilan saya|nama panggilan|nama|bernama|namanya|nama anak saya|nama suami saya|nama "
    "isteri saya|"
    "gelaran saya|dipanggil|panggil je|panggil saja|introduce myself",
)
CALL = table(
    "call him|call her|called|calls him|calls her|"
    "panggil dia|"
    "panggil|saya|this is|i am|i'm|it's|ini|aku|hi|hello|hey|dear|bye|with|thanks|thank you|see|"
    "ask|tell|told|met",
)
QUESTION = table(
    "your name|your full name|nama awak|nama encik|nama puan|nama cik|nama kamu|nama anda|siapa "
    "nama|apa nama|"
    "nama penuh|call you|panggil awak|panggil encik|panggil puan|spell your name|nama tuan|"
    "who is she|who is he|who's that|what's his name|his name|her name|nama dia|siapa dia|siapa "
    "tu|whose name",
)


NO_NAMES = NOT_NAMES | PEOPLES
TITLE_WORDS = SECOND | TITLES.keys()
