# SPDX-License-Identifier: Apache-2.0
"""Exchanges of the dev split; no template here is used in the test split or in training."""

from __future__ import annotations

from benchmarks.deid_open.script import exchanges

_OPEN_EN = """
I: Recording starts. It's {date}, interviewer {int_n}, place {hosp}, {town}. Please introduce yourself.
P: Hi, I'm {full}, you can just call me {me}.
I: Okay {me}. Age?
P: {age}, going to be older next month.

I: Thanks for making the trip, {me}. I'm {int_n}, I work with {doc}.
P: No problem. I took the bus from {town2}, my house is at {estate}.
I: For the record your full name is?
P: {full}, as in the IC, {ic}.

I: Hello, can you hear me? This is {int_n}.
P: Can hear. {me} here, {spell} for the spelling.
I: How old are you, {me|lower}?
P: {age_w} years old, my son also surprised.
"""

_OPEN_MS = """
I: Selamat pagi. Saya {int_n}, rakaman hari ini {date_ms} di {hosp}. Sila perkenalkan diri.
P: Saya {full}. Panggil {me} pun boleh.
I: Umur {me}?
P: {age_ms} tahun.

I: Okay kita mula ya. Nama penuh?
P: {full}, tapi dekat {ngo} semua kenal saya sebagai {short}.
I: Datang dari mana tadi {me|lower}?
P: Dari {town}, tumpang {kin}.
"""

_CLOSE_EN = """
I: That's all from me. {me}, anything to add?
P: Just want to thank {doc} and everybody at {ngo}.

I: I'll stop the recording now. Shall I send the transcript to you?
P: Send to {mail}, or just post to {addr}.
"""

_CLOSE_MS = """
I: Okay {me}, itu sahaja soalan saya.
P: Terima kasih. Cakap dengan {doc} saya dah okay.

I: Boleh saya telefon {me} lagi kalau ada soalan tambahan?
P: Boleh, {ph}, cari {me} je.
"""

_EN = """
I: Take me back to the beginning, what did you notice?
P: I stopped eating. {spouse} noticed first, then {kin} said something is not right with {me}.

I: Who decided that you should see a psychiatrist?
P: {kin}. She used to work as a cleaner at {hosp}, so she know {doc}.
I: And {doc_n|lower} saw you straight away?
P: Next day itself.

I: Are you still in touch with people from {emp}?
P: Only {friend}. The rest, after {boss} told them, all disappear.

I: Could you describe a normal day?
P: I send {child} to {school}, then I go market, then I help {sis} with her tailoring.

I: How long have you been with the group?
P: I joined {ngo} in {my}. The first person who talk to me was {elder}.
I: What did {elder} say?
P: Welcome home. Just that.

I: How can the coordinator contact you?
P: My handphone {ph}, or {spouse}, same house.

I: Please leave a number.
P: {ph_sp}, you can call after lunch.

I: Sorry, the line broke, could you repeat the number?
P: Okay. {ph_a}
I: Yes?
P: {ph_b}, that's all.

I: For the token payment we need your account.
P: {bank}, under {full}.

I: And your account number?
P: {bank_sp}, savings.

I: Did you lodge a report about the car?
P: I did. {plate}, silver colour, stolen from outside {worship}.

I: Which van was it?
P: The number was {plate_sp}, I saw it clearly.

I: What's on your appointment card?
P: There is a number, {mrn}, and {clinic}.

I: Registration number at the clinic?
P: {mrn_sp}.

I: You said you had to show your identification.
P: They took down my IC, {ic_sp}, in front of everyone.

I: Was your passport with you?
P: {pass}, yes. The immigration officer kept it.

I: Is it okay to reach you online?
P: Mine is {user}, or write to {mail_sp}.

I: Where do you share your drawings?
P: On {url}. Also {url_sp}, the old one.

I: Tell me about where you grew up.
P: {village}, in {state2}. Very small place. {father} was my father, he worked as a {occ}.

I: And your home at the moment?
P: We stay at {addr_sp}, since {year}.

I: What's your mailing address?
P: {addr}, same as before.

I: Is religion a big thing for you?
P: I'm {nrp}. On weekends I help at {worship}, arranging chairs.

I: When did your illness come back?
P: On {date2}. It was {fest}, the whole family was at {town2}.
I: Who was with you?
P: {bro} and {sis}. {bro} held my hand, {sis} called the ambulance.

I: How did {bro} take the news?
P: {bro} laughed at first. Then he read the letter from {doc} and he kept quiet.

I: You shared a room in {ward}?
P: With {peer}. {peer} sings at night, old songs.
I: Did {peer|asr} ever visit you after that?
P: One time, with {nurse}.

I: Who is in the photograph?
P: That's {friend2}, and this one {friend2}'s daughter. We were at {estate}.

I: What did you study?
P: Accounting, at {school}. I left in {year_w} because of the voices.

I: What helps you most?
P: Routine. And {nurse}. When I'm late, {nurse_n} will call, eh where are you.

I: Who do you go to for injections?
P: {clinic}, every month, {nurse} or somebody else.

I: Your supervisor, how was he?
P: {boss} was okay. But {friend}, my colleague, used to say {me} is crazy.

I: Was there a police report?
P: Yes, {sis_full} made it. She's my elder sister.

I: Do you know anybody else with this?
P: {friend2}'s mother. She's {age_old}. And I think {peer}.

I: Would you go back to {emp}?
P: No. Even if {boss_n} begs me.

I: How do you feel when you hear the name {emp|lower}?
P: My stomach turns.

I: Could you tell me your staff ID?
P: {staff}. Why I still remember, I also don't know.

I: Is there a card for disability?
P: {oku}, got it through {elder}.

I: Tell me your date of birth please.
P: {dob}.

I: If {me} could talk to the younger {me}, what would you say?
P: Go and see {doc} earlier. Don't wait for {spouse} to pack her bags.

I: Who else is at home?
P: {spouse_full}, my mother-in-law, and {child}, {age_kid} years old.
"""

_MS = """
I: Ceritakan sikit macam mana mula-mula sakit.
P: Mula-mula tu {spouse} yang perasan. Saya dok cakap sorang. {spouse} telefon {kin}.

I: {kin_n} tu siapa?
P: {kin} tu jiran, tapi dah macam keluarga. Dia duduk {estate}.

I: Lepas tu pergi mana?
P: Pergi {clinic} dulu, pastu {doc} refer ke {hosp}.

I: Anak berapa orang?
P: Satu je, nama dia {child}, belajar kat {school}. Umur {age_kid} tahun.

I: Kerja apa sebelum ni?
P: Dulu {occ} kat {town2}, lepas tu kerja {emp} bawah {boss}.

I: Kenapa berhenti?
P: Sebab {boss_n} cakap depan orang, si {me} ni gila. Saya malu.

I: Telefon berapa?
P: {ph_ms}, tapi {bro} yang pegang sekarang.

I: Boleh sebut nombor IC?
P: {ic_ms}.

I: Rumah dekat mana?
P: {addr_sp_ms}, belakang {worship}.

I: Alamat surat?
P: {addr_ms}.

I: Siapa bawa masuk kumpulan tu?
P: {elder} yang bawa. Masa tu {my_ms}, dekat {ngo}.

I: Apa yang {me} belajar dari kumpulan?
P: Yang saya tak sorang. {friend} pun sakit macam saya, {friend2} pun sama.
I: {friend|lower} masih datang?
P: Datang, tiap minggu.

I: Keluarga macam mana terima?
P: {sis} okay, {bro} yang susah. Sampai sekarang {bro} tak panggil saya makan.

I: Dah lama duduk {town}?
P: Dari {year}. Sebelum tu {village}, {state}.

I: Bila masuk wad kali kedua?
P: {date2_ms}, kat {ward}.

I: Motor tu apa jadi?
P: Motor {plate} tu {peer} pinjam, sampai sekarang tak pulang.

I: Bank mana nak masuk duit?
P: Nombor akaun {bank_sp}.

I: Kad temujanji ada?
P: Ada, {mrn}.

I: Lahir bila?
P: {dob_ms}, hari yang sama dengan {sis}.

I: Ada guna Facebook ke?
P: Ada, {user}, tapi jarang buka. Emel {mail}.

I: Bangsa dan agama?
P: {nrp}. Tiap minggu saya tolong kat {worship}.

I: Ada tak sesiapa yang {me} rindu?
P: Arwah {father}. Ayah saya. Dia meninggal masa {fest}.

I: Misi tu baik ke?
P: {nurse} baik sangat. {nurse_n|asr} siap bagi duit bas.

I: So sekarang {spouse} dah boleh terima?
P: Dah. {spouse|lower} siap pesan, jangan lupa ubat abang.
"""

_ZH = """
I: How is the relationship with {bro}?
P: {bro} ah, long time bo chap me. Only Chinese New Year then come, eat, balik.

I: Who lent you the money?
P: {friend} lor. He say never mind, wa ka li, slowly pay.

I: 请问你是谁?
P: 我是{han}, 从 {town} 来的.

I: What did your father say when you quit?
P: He say, lu siao ah, {emp} so good pay you also don't want.

I: How do you explain it to people?
P: I say 压力太大 lah. Only {spouse} knows the real one.

I: And {sis}?
P: {sis} damn jialat, she post on Facebook, now whole {village} know.

I: Tell me about the shop.
P: The kopitiam at {street}, {kin} open one. I help cut bread.

I: Did {doc} explain?
P: Explain until I also blur. {doc_n} speak very fast mah.
"""

_TA = """
I: Who took you to {worship}?
P: My periamma. She and {sis} pray for me there, every week da.

I: How did {friend} find out?
P: {friend} saw me at {clinic}, dei, what you doing here macha.

I: Were you scared?
P: Bayam ah, of course. {bro} said, paravala, I am here.

I: What do they call you at home?
P: {short}, or thambi. Only outside I am {me}.

I: Did your mother tell the relatives?
P: Illa illa. ரகசியம் என்று சொன்னாங்க. Only {kin} know.

I: And after you came out from {ward}?
P: {peer} waited for me outside, with vadai and teh. Nalla manushan.
"""

_NEG = """
I: How's the appetite?
P: Not bad. Half a plate of rice, two times a day, better than before lah.

I: In the past two weeks, how many days did you feel down?
P: Eight, nine days like that. My score was fourteen, the doctor said moderate.

P: It may come back, I know. But faith is all I have, and a bit of patience.
I: Will you tell the doctor if it does?

P: Cahaya dari tingkap tu pun saya tak tahan. Kepala macam nak pecah.
I: Berapa lama jadi macam tu?

I: Is the dose still the same?
P: From five hundred to seven hundred and fifty, at night. Makes me damn sleepy.

P: Young people now, they are lucky, they can talk about it openly.
I: You think so?

P: Orang kata hidup ni macam roda, kan. Kadang atas kadang bawah.
I: Betul tu.

I: What do you do to relax?
P: I walk around the lake, forty minutes, I listen to the song, I look at the star fruit tree.

P: My wife packed the bag, my son carried it, nobody said anything in the car.
I: It must have been a long drive.

I: Apa perasaan masa dapat tahu?
P: Kosong. Macam tak ada apa-apa. Lepas tu baru menangis.

P: The doctor, he never look at me, he just type type type, five minutes finish.
I: And how did that make you feel?

P: Dulu saya ingat orang sakit macam ni tak boleh kahwin, tak boleh kerja.
I: Sekarang?

I: Mm. Right. Go on.
P: Then, you know, slowly slowly lah.

P: I stay in bed for three months, cannot even bathe. Seventy-eight kilos become sixty.
I: Nobody came?

P: Budi orang kita balas, kan. Sebab tu saya buat sukarelawan, dua kali seminggu.
I: Bagus tu.

P: Makan ubat satu hal, nak bayar bil lagi satu hal. Tiga ratus lebih sebulan.
I: Ada bantuan tak?

P: If got chance, I want to be a baker. Rich or not, never mind.
I: That sounds like a good goal.

P: The teacher scold me, the principal scold me, so I thought, okay, I am the problem.
I: How old were your feelings about that, do you think?

I: Setiap pagi buat apa?
P: Sapu daun, jemur kain, bagi ayam makan, minum kopi. Itu je.
"""

EXCHANGES = {
    "open_en": exchanges(_OPEN_EN), "open_ms": exchanges(_OPEN_MS),
    "close_en": exchanges(_CLOSE_EN), "close_ms": exchanges(_CLOSE_MS),
    "en": exchanges(_EN), "ms": exchanges(_MS), "zh": exchanges(_ZH), "ta": exchanges(_TA),
    "neg": exchanges(_NEG),
}  # fmt: skip
