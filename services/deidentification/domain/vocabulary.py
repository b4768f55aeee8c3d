# SPDX-License-Identifier: Apache-2.0
"""Words with a grammar of their own around names: titles, kin terms, relation marks, stop words."""

from __future__ import annotations

# Title or form of address -> what a pseudonym calls the person.
TITLES: dict[str, str] = {
    **dict.fromkeys(
        "mr mrs ms miss mdm madam sir mister missus encik en puan pn cik tuan dato datuk datin tun "
        "datoseri haji hj hajah hjh tengku tunku raja nik sifu lord lady sergeant sgt inspector "
        "insp "
        "corporal captain capt major colonel sarjan koperal inspektor tok lebai penghulu".split(),
        "Person",
    ),
    **dict.fromkeys("dr doctor doktor prof professor profesor".split(), "Doctor"),
    **dict.fromkeys("nurse sister misi jururawat matron bidan".split(), "Nurse"),
    **dict.fromkeys(
        "ustaz ustazah imam pastor reverend rev father bishop swami guru sami monk".split(),
        "Religious leader",
    ),
    **dict.fromkeys("cikgu teacher tutor coach lecturer pensyarah".split(), "Teacher"),
    **dict.fromkeys("counsellor counselor kaunselor therapist terapis".split(), "Counsellor"),
    **dict.fromkeys("judge justice hakim".split(), "Judge"),
}
# Kin terms by which Malaysians address anybody; they join the name and say nothing of kinship
# unless "my" stands before.
ADDRESS = frozenset(
    "uncle auntie aunty aunt kak akak kakak abang bang brother bro sis adik dik pak mak pakcik "
    "makcik wak "
    "nek nenek opah atok mami mama mummy cousin grandma grandpa granny anna akka thambi chechi "
    "boss bos kawan abg".split()
)
# Second words of compound kin terms and titles (Pak Long, Mak Cik, Tan Sri).
SECOND = frozenset(
    "cik long ngah lang njang anjang uda teh su usu busu andak itam sri seri".split()
)
KIN: dict[str, str] = {
    "brother": "brother", "bro": "brother", "abang": "brother", "sister": "sister", "sis": "sister",
    "kakak": "sister", "kak": "sister", "akak": "sister", "adik": "younger sibling",
    "mother": "mother", "mom": "mother", "mum": "mother", "mak": "mother", "emak": "mother",
    "ibu": "mother",
    "mama": "mother", "father": "father", "dad": "father", "ayah": "father", "bapa": "father",
    "abah": "father",
    "bapak": "father", "papa": "father", "wife": "wife", "isteri": "wife", "bini": "wife",
    "husband": "husband",
    "suami": "husband", "laki": "husband", "son": "son", "daughter": "daughter", "anak": "child",
    "child": "child",
    "aunt": "aunt", "auntie": "aunt", "aunty": "aunt", "makcik": "aunt", "uncle": "uncle",
    "pakcik": "uncle",
    "cousin": "cousin", "sepupu": "cousin", "nephew": "nephew", "niece": "niece",
    "grandmother": "grandmother",
    "grandma": "grandmother", "nenek": "grandmother", "opah": "grandmother",
    "grandfather": "grandfather",
    "grandpa": "grandfather", "atok": "grandfather", "datuk": "grandfather", "cucu": "grandchild",
    "grandson": "grandson", "granddaughter": "granddaughter", "friend": "friend", "kawan": "friend",
    "bestie": "friend", "boyfriend": "boyfriend", "girlfriend": "girlfriend", "fiance": "fiance",
    "fiancee": "fiancee", "tunang": "fiance", "tunangnya": "fiance", "partner": "partner",
    "boss": "boss", "bos": "boss",
    "colleague": "colleague", "neighbour": "neighbour", "neighbor": "neighbour",
    "jiran": "neighbour",
    "roommate": "roommate", "housemate": "housemate", "classmate": "classmate", "girl": "daughter",
    "boy": "son", "twin": "twin", "kembar": "twin", "menantu": "child-in-law",
    "mertua": "parent-in-law",
}  # fmt: skip
# Titles and kin terms that tell men from women.
GENDER: dict[str, str] = {
    **dict.fromkeys(
        "mr mister encik en tuan sir uncle pakcik pak abang bang bro brother father dad bapa bapak "
        "ayah abah papa husband suami laki son haji hj atok grandfather grandpa grandson nephew "
        "boyfriend ustaz datuk dato".split(),
        "m",
    ),
    **dict.fromkeys(
        "mrs ms miss missus mdm madam puan pn cik auntie aunty aunt makcik mak kak kakak akak sis "
        "sister mother mom mum emak ibu mama wife isteri bini daughter hajah hjh nenek opah niece "
        "grandmother grandma granny granddaughter girlfriend ustazah datin lady matron".split(),
        "f",
    ),
}
POSSESSIVE_BEFORE = frozenset(("my", "our"))
POSSESSIVE_AFTER = frozenset(("saya", "aku", "ku"))
ROLES: dict[str, str] = {
    "doctor": "Doctor", "psychiatrist": "Doctor", "pakar": "Doctor", "doktor": "Doctor",
    "psychologist": "Psychologist",
    "nurse": "Nurse", "misi": "Nurse", "jururawat": "Nurse", "counsellor": "Counsellor",
    "counselor": "Counsellor",
    "kaunselor": "Counsellor", "therapist": "Counsellor", "teacher": "Teacher", "cikgu": "Teacher",
    "facilitator": "Peer worker", "peer": "Peer worker", "fasilitator": "Peer worker",
    "boss": "Employer",
    "majikan": "Employer", "supervisor": "Employer", "manager": "Employer",
    "pharmacist": "Pharmacist",
    "social": "Social worker",
}  # fmt: skip
# Kin terms that name a relation after these words, and join a name elsewhere.
OWNED = frozenset("brother bro cousin boss bos kawan".split())
POSSESSED = frozenset("my our his her their your whose a one".split())
CREDENTIALS = frozenset("md phd dds dvm dmd mbbs frcp mrcp mrcpsych jr bsc msc mba rn esq".split())
RELATION = frozenset("bin binti bt bte binte bn ibn a/l a/p s/o d/o b/o".split())
PARTICLES = frozenset(
    "van von de da del della di dos du der den la le el al ter bin binti abu ibn st".split()
)
STOP = frozenset(
    "a an the and or but if so because as of at by for with about to from up down in out on off "
    "over under again "
    "then once here there when where why how all any both each few more most other some such no "
    "nor not only own "
    "same than too very can will just should now i you he she it we they me him her us them my "
    "your his its our "
    "their mine yours what which who whom this that these those am is are was were be been being "
    "have has had "
    "having do does did doing would could might must shall may let get got go goes going gone "
    "went come came say said "
    "says saying tell told ask asked think thought know knew want wanted need like see saw look "
    "take took make made "
    "give gave feel felt keep kept put yeah yes ok okay oh um uh er ah hmm mm well right really "
    "actually maybe one two "
    "three four five six seven eight nine ten first second last next new old good bad great also "
    "always never ever "
    "still already even much many lot lots thing things time day today tomorrow yesterday week "
    "month year years "
    "people person man woman guy home house work job back away i'm i've i'll i'd it's that's "
    "he's she's we're they're "
    "im ive hes shes thats dont didnt cant wont wasnt isnt youre theyre "
    "you're don't didn't can't won't wasn't isn't before after during until while since god "
    "please thank thanks sorry "
    "dan yang di ke dari pada untuk dengan ini itu saya aku awak kau kamu anda dia kami kita "
    "mereka tak tidak bukan "
    "ada adalah ialah akan sudah dah telah sedang masih lagi pun juga je ja jer kan lah la nya "
    "pergi datang cakap kata "
    "tanya buat bagi ambil tengok nak hendak mahu boleh kena perlu mesti macam seperti kalau "
    "jika bila masa waktu "
    "sebab kerana tapi tetapi atau jadi maka lepas selepas sebelum semua banyak sikit sangat "
    "sekali memang mungkin "
    "apa siapa mana kenapa bagaimana berapa orang hari rumah kerja satu dua tiga anak lelaki "
    "perempuan tu ni kat dekat "
    "pulak pula kot eh ha haa ya ye betul okey baik terima kasih tolong maaf dalam atas bawah "
    "luar sini sana situ "
    "suka rasa fikir tahu tau ingat faham dapat jumpa balik masuk keluar duduk tinggal mati hidup "
    "lor leh meh hor mah liao "
    # Sabah, Sarawak, Kelantan, Kedah; Tamil and Hokkien in Roman letters
    "sa bah pigi kasi kasitau bilang kamek kitak sidak polah madah ngan sik kawe demo guano gapo "
    "hok kecek depa hampa habaq awat dok naan enna enakku unakku ennakku romba konjam illa avan "
    "aval avar avanga panna pannu solla sollu theriyum theriyathu paravala ippo appo ellam kitte "
    "gua bo mai saudara saudari".split()
)
FILLERS = frozenset(
    "uh um er erm ah eh hmm mm mmm err ehm hm uhm emm like well actually so ya yeah yes".split()
)
