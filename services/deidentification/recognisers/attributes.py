# SPDX-License-Identifier: Apache-2.0
"""Nationality, ethnicity, religion, and occupations that single a person out."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import STOP
from services.deidentification.recognisers.base import SottoRecognizer, phrases, table

NRP = table(
    "malay|chinese|indian|kadazan|dusun|kadazandusun|bajau|murut|iban|bidayuh|melanau|kayan|"
    "kenyah|penan|kelabit|orang ulu|"
    "orang asli|temuan|semai|temiar|jakun|senoi|bugis|javanese|jawa|minang|minangkabau|banjar|"
    "rawa|mandailing|peranakan|baba|"
    "nyonya|mamak|chettiar|punjabi|sikh|bengali|tamil|telugu|malayali|sinhalese|ceylonese|"
    "gujarati|sindhi|eurasian|hokkien|"
    "cantonese|hakka|teochew|hainanese|foochow|kwongsai|orang melayu|orang cina|orang india|"
    "melayu|cina|india muslim|"
    "rohingya|burmese|myanmar|indonesian|filipino|filipina|thai|vietnamese|bangladeshi|nepali|"
    "nepalese|pakistani|"
    "singaporean|bruneian|japanese|korean|british|american|australian|french|german|italian|"
    "spanish|portuguese|russian|"
    "dutch|swedish|norwegian|danish|finnish|irish|scottish|welsh|english|canadian|mexican|"
    "brazilian|african|nigerian|"
    "kenyan|ghanaian|somali|egyptian|arab|saudi|yemeni|iranian|iraqi|syrian|lebanese|turkish|"
    "afghan|israeli|jewish|"
    "polish|ukrainian|greek|cypriot|romanian|hungarian|czech|austrian|swiss|belgian|muslim|islam|"
    "christian|catholic|"
    "roman catholic|protestant|methodist|anglican|baptist|pentecostal|lutheran|seventh day "
    "adventist|jehovah's witness|"
    "mormon|hindu|buddhist|taoist|sunni|shia|syiah|bahai|atheist|kristian|katolik|penganut "
    "buddha|beragama buddha|beragama islam|"
    "beragama hindu|beragama kristian|agama buddha|agama hindu|agama kristian|muallaf|mualaf",
    # further nations and peoples
    "albanian|algerian|angolan|argentine|argentinian|armenian|azerbaijani|bahraini|belarusian|"
    "bhutanese|bolivian|bosnian|bulgarian|cambodian|khmer|cameroonian|chilean|colombian|congolese|"
    "croatian|cuban|ecuadorian|emirati|eritrean|estonian|ethiopian|fijian|gambian|georgian|"
    "guatemalan|guinean|haitian|icelandic|ivorian|jamaican|jordanian|kazakh|kosovan|kuwaiti|kyrgyz|"
    "laotian|latvian|liberian|libyan|lithuanian|macedonian|malagasy|malawian|maldivian|malian|"
    "maltese|mauritian|moldovan|mongolian|moroccan|mozambican|namibian|nicaraguan|omani|"
    "palestinian|"
    "papuan|paraguayan|peruvian|qatari|rwandan|samoan|senegalese|serbian|slovak|slovakian|"
    "slovene|slovenian|sri lankan|sudanese|taiwanese|tajik|tanzanian|timorese|tongan|"
    "tunisian|turkmen|"
    "ugandan|uruguayan|uzbek|venezuelan|zambian|zimbabwean|kurdish|kurd|chechen|tatar|romani|roma|"
    "gypsy|basque|catalan|flemish|hispanic|latino|latina|caucasian|afro-caribbean|maori|hazara|"
    "pashtun|baloch|karen|kachin|chin|shan|mon|hmong|acehnese|aceh|balinese|sundanese|madurese|"
    "batak|chindian|black man|black woman|black people|black guy|black person|white man|"
    "white woman|"
    "white people|white guy|white person|brown people|"
    "orthodox|evangelical|presbyterian|salvationist|quaker|zoroastrian|parsi|jain|ahmadi|"
    "ahmadiyya|ismaili|druze|agnostic|free thinker|freethinker|animist|pagan|sabahan|sarawakian|"
    "kelantanese|penangite|warganegara asing|indon|bangla|mat salleh",
)
SHY = frozenset(
    "malay chinese indian tamil english hokkien cantonese hakka teochew islam jawa cina melayu "
    "telugu arab french spanish german "
    "japanese korean thai punjabi italian greek rawa baba polish dutch india african turkish "
    "swiss georgian roma gypsy karen chin shan mon jain orthodox caucasian catalan basque kurd "
    "turkmen aceh batak agnostic slovak maltese animist pagan bangla indon".split()
)
_LANGUAGE = frozenset(
    "speak speaks spoke speaking language bahasa cakap in dalam tutor class exam essay word "
    "words subject translate paper karangan "
    "medicine food new movie drama song tea restaurant sinseh".split()
)
_PERSON = frozenset(
    "i'm am i we we're is are was were a an half the as being become became family girl boy man "
    "woman lady guy people community culture race "
    "bangsa kaum keturunan orang agama beragama suku etnik ethnic wife husband friend friends "
    "parents mother father "
    "national nationals nationality citizen citizens origin descent heritage refugee refugees "
    "immigrant immigrants migrant worker workers minority warganegara berbangsa "
    "mom dad doctor nurse uncle auntie of convert converted from jadi memang masuk saya".split()
)
_JOBS = (
    "teacher|doctor|nurse|surgeon|psychiatrist|cardiologist|dentist|lawyer|pharmacist|engineer|"
    "pilot|imam|priest|pastor|police officer|"
    "policewoman|policeman|officer|technician|therapist|counsellor|lecturer|professor|singer|"
    "actor|actress|player|footballer|athlete|"
    "driver|baker|tailor|midwife|bomoh|chef|farmer|vet|optometrist|clerk|editor|reporter|"
    "journalist|conductor|warden"
)
_ONLY = regex.compile(
    rf"(?<!\w)(?:the |their |satu-satunya )?(?:only|first|youngest|oldest|"
    rf"sole)(?: [\w-]{{2,15}}){{0,3}}? (?:{_JOBS})s?(?!\w)"
    rf"|(?<!\w)satu-satunya (?:[\w-]{{2,15}} ){{0,2}}[\w-]{{3,15}}(?= (?:di|kat|dekat|dalam) )",
    regex.IGNORECASE,
)
_OFFICE = regex.compile(
    r"(?<!\w)(?:ketua kampung|penghulu|guru besar|pengetua|mufti|kadi|qadi|headmaster|"
    r"headmistress|school principal|"
    r"(?:deputy |vice |assistant )?(?:head|director|principal|president|chairman|chairperson|"
    r"chief|dean|founder|ceo|coo|cfo|"
    r"managing director|vice chancellor|secretary general|minister|mayor|ambassador|"
    r"commissioner|governor)"
    r"(?= of (?:the |our |a )?\w)|adun|yang berhormat|member of parliament|assemblyman|"
    r"tok batin|ketua rumah panjang|"
    r"national (?:[\w-]{3,15} )?(?:player|athlete|footballer|swimmer|coach)|(?:state|"
    r"district) (?:officer|athlete|player|councillor)|"
    r"pegawai daerah|atlet negara|pemain (?:negara|kebangsaan)|high court judge|"
    r"chief (?:justice|minister|executive)|menteri besar|"
    r"astronaut|angkasawan|newsreader|radio deejay|tv host|miss malaysia|olympian)(?!\w)",
    regex.IGNORECASE,
)


_JOB_ENDS = frozenset(
    "driver captain singer coach officer dancer fisherman diver pilot keeper ranger guide "
    "trainer tailor baker player "
    "announcer presenter producer deejay musician designer programmer analyst auditor accountant "
    "architect surveyor electrician plumber welder lecturer librarian "
    "inspector steward stewardess conductor operator collector mechanic technician painter "
    "carver weaver boatman farmer "
    "breeder artist teacher nurse clerk guard manager editor reporter urut besi emas gigi kebun "
    "gunting jahit".split()
)


class AttributeRecognizer(SottoRecognizer):
    """NRP where it is said of people, not of languages or food; occupations with a mark of
    singularity.
    """

    ENTITIES = ("NRP", "OCCUPATION")

    def _jobs(self, doc: Document) -> Iterator[Span]:
        """A job of two words or more tells more than `teacher`: `school bus driver`, `tukang
        urut`.
        """
        tokens = doc.tokens
        for index, token in enumerate(tokens):
            if (
                token.norm == "tukang"
                and doc.adjacent(index + 1)
                and tokens[index + 1].norm not in STOP
            ):
                yield self.span(doc, index, index + 1, "OCCUPATION", 0.55)
            if token.norm not in _JOB_ENDS or not doc.adjacent(index):
                continue
            first = index
            while (
                first
                and index - first < 3
                and doc.adjacent(first)
                and tokens[first - 1].norm not in STOP
            ):
                first -= 1
            words = {t.norm for t in tokens[max(0, first - 4) : first]}
            if first < index and words & {
                "as",
                "sebagai",
                "jadi",
                "dulu",
                "was",
                "a",
                "an",
                "kerja",
            }:
                start = (
                    first + 1
                    if tokens[first].norm in ("dulu", "kerja", "retired", "sebagai", "jadi")
                    else first
                )
                if start < index:
                    yield self.span(doc, start, index, "OCCUPATION", 0.5)

    def find(self, doc: Document) -> Iterator[Span]:
        """Lists with context."""
        tokens = doc.tokens
        for first, last in phrases(doc, NRP):
            word = tokens[first].norm
            before = {
                t.norm for t in tokens[max(0, first - 3) : first] if t.line == tokens[first].line
            }
            if last == first and word in SHY:
                after = tokens[last + 1].norm if last + 1 < len(tokens) else ""
                if (before & _LANGUAGE or after in _LANGUAGE) and not (
                    before & {"i'm", "am", "bangsa", "kaum"}
                ):
                    continue
                if not before & _PERSON and after not in _PERSON:
                    continue
            if (
                doc.cased
                and tokens[first].case == "l"
                and word in ("turkey", "polish", "baba", "rawa", "thai")
            ):
                continue
            yield self.span(doc, first, last, "NRP", 0.6)
        yield from self._jobs(doc)
        for pattern, score in ((_ONLY, 0.6), (_OFFICE, 0.55)):
            for match in pattern.finditer(doc.text):
                yield Span(*match.span(), "OCCUPATION", score, self.name)
