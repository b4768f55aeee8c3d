# SPDX-License-Identifier: Apache-2.0
"""Exchanges of the test split; no template here is used in the dev split or in training."""

from __future__ import annotations

from benchmarks.deid_open.script import exchanges

_OPEN_EN = """
I: Okay, the recorder is on. Today is {date}, we are at {clinic} in {town}, and I'm {int_n}. Could you tell me your full name?
P: {full}. But at home they call me {short}, my friends say {me}.
I: Thank you, {me}. And how old are you this year?
P: I turned {age_w} already.

I: Good morning. This is {int_n} from {hosp}, it is {date}. Who am I speaking with?
P: Morning, I'm {me}. On my identity card it's {full}.
I: Nice to have you here {me|lower}. Where did you come from this morning?
P: From {village}, near {town}. My wife's side is in {town2}.

I: So before we go on, please say your name for the tape, and spell it for me.
P: {me}, {spell}. Full name {full}.
I: And your IC number?
P: Wait ah, it is {ic_sp}.
"""

_OPEN_MS = """
I: Baik, rakaman dah mula. Hari ini {date_ms}, saya {int_n} di {clinic}. Boleh beritahu nama penuh?
P: Nama saya {full}, tapi orang rumah panggil {short}.
I: Terima kasih {me}. Umur berapa sekarang?
P: Umur saya {age_ms} tahun dah.

I: Assalamualaikum, saya {int_n} dari {hosp}. Dengan siapa saya bercakap ni?
P: Waalaikumsalam, saya {me}, dalam kad pengenalan {full}.
I: Okay {me|lower}, tinggal kat mana sekarang?
P: Saya duduk {village}, dekat dengan {town}, {state}.
"""

_CLOSE_EN = """
I: We have to stop here, {me}. Thank you so much for sharing.
P: Thank you also, {int_n}. Please send my regards to {nurse}.

I: Last thing, {me}, where should we post the voucher?
P: Post to {addr}. Under the name {full}.
"""

_CLOSE_MS = """
I: Sampai sini dulu ya {me}. Terima kasih sebab sudi bercerita.
P: Sama-sama. Kirim salam kat {nurse} ya.

I: Baucar ni nak hantar ke mana, {me}?
P: Hantar ke {addr_ms}. Guna nama {full} je.
"""

_EN = """
I: What happened before you first came to the ward?
P: My brother {bro} found me in the kitchen, three in the morning. {bro} is the one who drove me to {hosp}.
I: And {bro|lower} stayed with you the whole time?
P: Yes, {bro} slept on the chair in {ward}, two nights.

I: Who looks after your treatment now?
P: {doc} lah. Before that it was a locum, I forgot who. {doc_n|asr} is very patient with me.

I: Tell me about your family.
P: I'm married to {spouse_full}. We have one kid, {child}, {age_kid} years old, studying at {school}.
I: How does {spouse} cope?
P: {spouse|lower} cries when she thinks I'm asleep. But {child} doesn't know anything yet.

I: Where were you working at that time?
P: I was at {emp} for about six years. My supervisor {boss} told everyone I was on long leave.
P: Then one day {boss_n} called me in and said, better you resign.

I: How did you find out about the peer group?
P: Through {friend}. {friend} was in {ngo} first, then he pulled me in.
I: And what is it like, {ngo|lower}?
P: Nobody judges you there. {elder} makes tea, {friend2} brings the karipap, we just talk.

I: What does recovery mean to you?
P: For me, recovery means I can wake up and send {child} to school without shaking.

I: When was the last time you were admitted?
P: {date2}, I remember because it was {fest}.
I: At which hospital?
P: {hosp} also, in {ward}.

I: Do you have a number that we can reach you at?
P: Can, it's {ph_sp}.
I: Is that on WhatsApp as well?
P: Ya, same one. If cannot get me, call {spouse}, {land}.

I: Can you give me your phone number again, slowly?
P: {ph_a}
P: {ph_b}

I: And an e-mail for the consent form?
P: {mail_sp}. All small letters.

I: We can send it by e-mail, if you like.
P: My e-mail is {mail}, but I seldom open it.

I: I need to check the card. What's the hospital registration number?
P: It says {mrn} on top. My IC is {ic}.

I: Somebody reversed into your car, you said?
P: A lorry, at {street}. My car plate is {plate}, and the police took one hour to come.

I: The taxi, do you remember the number?
P: {plate_sp}, I will never forget that.

I: So the allowance goes to which bank account?
P: Same bank, account number {bank_sp}.

I: What about the welfare money?
P: They bank it into {bank}. The OKU card number is {oku}.

I: Were you travelling at the time?
P: I was supposed to fly to see {sis}. Passport {pass}, all ready, ticket also bought.

I: Do you write about it somewhere?
P: I post on {url}, and my handle is {user}. Not many people read.

I: You mentioned a blog.
P: Ya, {url_sp}, I wrote there since {year}. My nickname there is {user2}.

I: How did you grow up?
P: In {town2}, {state2}. My late father, {father}, he was a {occ}. Everyone in {village} knew him.

I: Where do you live now?
P: {addr_sp}, in {estate}. Rented, from {kin}.

I: Can I confirm your address?
P: {addr}.

I: Did faith play a part?
P: I am {nrp}, so every week I go to {worship}. The people there don't know that I take medicine.

I: When you were at your lowest, who noticed?
P: {kin}. {kin_n|lower} came every evening with porridge. Even when I shouted at her.

I: Did school go well for you?
P: I was at {school} until {year_w}. {elder} was my class teacher, she still messages me.

I: How did {sis} react?
P: My sister {sis} didn't believe it. She said, you just lazy. Now {sis} comes to {ngo} with me.
I: So {sis|lower} changed?
P: Hundred per cent. After {doc} explained to her, she cried.

I: Is there anyone you cannot forgive?
P: {boss}, for what he did in {my}. And my ex, {peer}, but that one is another story.

I: What would you tell someone who just got the diagnosis?
P: I'd tell them what {nurse} told me. One day at a time. {nurse_n} was right.

I: You were saying, about the night of the accident.
P: So that was {date}. {friend2} was driving, I was behind. We came from {town}.
I: And {friend2|asr}, was he hurt?
P: {friend2} broke his leg, my side nothing.

I: Anybody else in the family with the same illness?
P: My grandmother, {age_old} already, she hears voices also. And {kin}'s son, {peer}.

I: Would you call {friend} a close friend?
P: More than that. {friend} is like blood. When {friend}'s mother passed away I carried the coffin.

I: Who signed the form for you?
P: {sis_full}, that's my sister. She wrote the date wrong, she put {date2}.

I: Do they know at your workplace?
P: Only HR. My staff number is {staff}, they put a note there.

I: Which clinic do you go to for the depot?
P: {clinic}. {nurse} gives it, every four weeks.

P: Can I say something about {doc}?
I: Of course, {me}.
P: {doc_n} was the first person who asked me what I want. Not what my wife want.

I: What did {me} of last year think about the future?
P: That {me} had no future lah. Now I plan to move back to {town}, open a small stall with {bro}.

I: Do you still meet the others?
P: Every fortnight. {friend}, {friend2}, sometimes {peer}. Last round we went to {town2} together.

I: Could {spouse|lower} join us next time?
P: I will ask. {spouse} works at {emp}, so only after six can.

I: When is your birthday?
P: {dob}. Same day as {child}, funny right.
"""

_MS = """
I: Siapa yang bawa ke hospital masa tu?
P: Abang saya {bro} yang hantar. {bro} drive dari {town} sampai {hosp}, tak berhenti langsung.

I: Doktor mana yang rawat?
P: {doc}. Baik orangnya, {doc_n} tak pernah marah saya kalau terlupa ubat.

I: Boleh cerita pasal keluarga sikit?
P: Isteri saya {spouse}, anak seorang, {child}, umur {age_kid} tahun, sekolah kat {school}.
I: {spouse|lower} kerja?
P: {spouse} kerja dekat {emp}, shift malam.

I: Nombor telefon boleh bagi?
P: {ph_ms}. Kalau tak angkat, WhatsApp je.

I: Nombor kad pengenalan?
P: {ic_ms}, alamat pun sama macam dalam tu.

I: Alamat rumah sekarang?
P: {addr_sp_ms}, {estate}. Rumah sewa je.

I: Macam mana boleh kenal dengan kumpulan sokongan ni?
P: {friend} yang ajak. Dia kata, jom pergi {ngo}, tengok dulu, kalau tak suka balik.
I: Lepas tu?
P: Lepas tu sampai sekarang lah saya dengan {friend|lower}, tak pernah miss.

I: Bila mula rasa tak sihat?
P: Masa {my_ms}, lepas {kin} meninggal. {kin_n} tu macam mak saya sendiri.

I: Masa kerja dulu macam mana?
P: Dulu saya kerja {emp}. Bos saya {boss} memang tak faham. {boss_n} ingat saya buat-buat sakit.

I: Asal dari mana?
P: Asal {village}, {town2}. Arwah ayah saya {father}, dulu dia {occ}.

I: Tarikh lahir?
P: {dob_ms}. Lahir kat {town} juga.

I: Adik-beradik tahu tak?
P: Kakak saya {sis} je yang tahu. {sis} pernah datang {ward} bawa bubur.
I: Dengan {sis} okay sekarang?
P: Okay dah. {sis|asr} pun dah ikut pergi {ngo}.

I: Nak sambung pasal kemalangan tu boleh?
P: Boleh. Motor saya {plate}, kena langgar dekat {street}. {friend2} yang tolong angkat.

I: Duit bantuan masuk mana?
P: Masuk akaun {bank}. Nombor OKU saya {oku}.

I: Ada pergi masjid ke, kelas agama ke?
P: Saya orang {nrp}, tapi saya suka duduk dekat {worship}, tenang je situ.

I: Siapa jururawat yang selalu bagi suntikan?
P: {nurse}. Kalau {nurse_n} cuti, saya tunggu minggu depan.

I: Apa makna pulih pada {me}?
P: Pada saya pulih tu, bila {child} boleh gelak dengan saya balik.

I: Bila kali terakhir masuk wad?
P: {date2_ms}, ingat lagi sebab {elder} datang melawat masa tu.

I: Emel ada?
P: Ada, {mail_sp}. Anak saya {child} yang buatkan.

I: Nombor kad hospital tu berapa?
P: {mrn}, ada tulis kat buku temujanji.

I: Kawan-kawan lama ada jumpa lagi?
P: {friend2} ada lah. Si {peer} tu dah pindah {town2}, lama tak dengar cerita.

P: Yang saya tak boleh lupa, {kin} cakap, jangan malu jumpa doktor.
I: {kin_n|lower} tinggal sekali ke masa tu?
P: Tak, dia kat {village}.

I: Sekolah dulu kat mana?
P: {school}, sampai {year}. Cikgu kelas saya {elder}.

I: Kalau kami nak hubungi waris?
P: Cari {spouse_full}, nombor dia {ph}.

I: So {me} memang dah berhenti kerja lah?
P: Haah, berhenti terus. {bro} pun suruh rehat dulu.
"""

_ZH = """
I: How did your mother take it?
P: Wah, my ma ah, she cry until cannot. {kin} come and talk to her, bo pian lor, sick is sick.

I: And you told {friend}?
P: Told already. {friend} say, mai kek ki, don't angry yourself. {friend|lower} this one very steady hor.

I: Who brought you there?
P: {bro} lor. He say kiah kiah, we go {hosp} first, talk later.

I: In Chinese, what do you call it?
P: We say 躁郁症, but I only say to {spouse}, the rest I say gastric.

I: 你叫什么名字?
P: 我叫{han}, 朋友都叫我 {me}.

I: How is the stall now?
P: Aiyo, lau ya lah. {spouse} take care of the stall at {street}, I only wash plate.

I: Who is {peer}?
P: {peer} is my pang you from {school}, last time we lepak in {town} until two in the morning.

I: Are you on good terms with {boss} now?
P: Mana ada. {boss_n} that one kiasi, see me also run to the other side.

I: What did {elder} say?
P: {elder} say, tahan a bit, ho bo. Then gave me the number of {ngo}.
"""

_TA = """
I: What did your mother say?
P: Amma said, enna da, why you never tell me. Then she called {kin} straight away.

I: And {bro}?
P: {bro} ah, romba angry with me. But at night he came to {ward} with tosai.

I: How do you say it in Tamil?
P: எனக்கு தெரியாது, I don't know lah. {spouse} just says mana nalam.

I: Who helps you when it gets bad?
P: My akka, {sis}. {sis|lower} will call, dei, have you eaten. Every day da.

I: You went to the temple?
P: Ya, {worship}, with {friend}. {friend} carried the kavadi for me, can you imagine.

I: And {doc} spoke Tamil with you?
P: Konjam konjam. {doc_n} tries, paavam.

I: What about {peer}?
P: {peer} is my machan, from {town2}. Seri seri, that one also has the same problem.
"""

_NEG = """
I: How are you sleeping these days?
P: Maybe five hours lah, after the doctor increased the tablet to ten milligrams.

I: On a scale of zero to ten, how is your mood?
P: Around six. Last week it was three, so okay what.

I: May I ask you about side effects?
P: You may. I gained about twelve kilos in one year, and my hands shake a bit.

P: There is always hope, you know. By the grace of God I am still here.
I: That must give you joy.

P: Bunga mawar kat depan rumah tu dah mati, sebab saya tak larat nak siram.
I: Takpe, nanti boleh tanam balik.

I: What do you do in the summer heat?
P: Nothing much, stay under the fan, watch the rain, feed the cats.

P: Malam tu bintang banyak sangat, saya duduk luar sampai pukul tiga.
I: Rasa tenang ke masa tu?

P: I will be frank, I don't trust the system. They mark you once, and that's it.
I: I see. Can you say more?

I: Macam mana nak cakap eh, rasa malu tu?
P: Malu sebab orang pandang lain macam. Tapi lama-lama iman kita kuat balik.

I: How many tablets a day?
P: Two in the morning, one at night, twenty-five milligrams each. Blood pressure was one forty over ninety.

P: My mother cooks for me, my father just keeps quiet. That's how it is at home.
I: And your brother and sister?

P: The nurse told me to wait, then the doctor came, then another doctor, all ask the same thing.
I: That sounds tiring.

I: Selain ubat, apa lagi yang tolong?
P: Sembang dengan kawan, jalan pagi setengah jam, jaga makan. Benda kecil je.

P: You cannot rush, sabar je. Like my neighbour say, slow slow also reach.
I: Right, right.

I: And how long did that last?
P: Three weeks, maybe four. I lost seven kilos and I sleep two hours only.

P: Pakcik yang jual nasi lemak tu pun tanya, kenapa lama tak nampak.
I: Apa jawab masa tu?

I: Mm hmm. Okay.
P: So like that lah, the whole thing.

P: Honestly the bill was more than two thousand ringgit, I sold my gold chain.
I: That's a lot of money.

P: Kasih sayang keluarga tu penting, lagi penting dari ubat kadang-kadang.
I: Setuju.

I: Compared with the first time, what is different?
P: The first time I fight everybody. The second time I walk in myself, I say, please take me in.

P: I used to draw, you know, roses, pearls, the sea at dawn. Art is my medicine.
I: Do you still do it?
"""

EXCHANGES = {
    "open_en": exchanges(_OPEN_EN), "open_ms": exchanges(_OPEN_MS),
    "close_en": exchanges(_CLOSE_EN), "close_ms": exchanges(_CLOSE_MS),
    "en": exchanges(_EN), "ms": exchanges(_MS), "zh": exchanges(_ZH), "ta": exchanges(_TA),
    "neg": exchanges(_NEG),
}  # fmt: skip
