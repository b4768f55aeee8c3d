# SPDX-License-Identifier: Apache-2.0
"""More templates: long turns, dialects, code-switching, notes and letters; see `talk_generator`."""

from __future__ import annotations

ENGLISH = """The first person I told was {N}, because {N} is not the type to judge.
It was {N}, no wait, not {N}, it was {N} who sat with me in the emergency.
His name is, uh, what was it, {N}, yes, {N}.
Her name ah, I forgot already, {N} something, {F} I think.
I don't know whether you know {N}, she also used to come here.
You mean {N}? No, the other one, {N} with the glasses.
{N} lah, who else.
{N}.
{N} and {N}.
Yes, {N}.
No, {N}, not {N}.
{K}, the one who sells kuih outside {O}.
That one is {H}, very strict but good heart.
There were four of us in the room, me, {N}, {N} and this fella {N}.
When my wife {N} was pregnant with {N} I had my second episode.
After {N} got married to that {N} from {L}, we hardly talk.
My two boys, {N} and {N}, they are with their grandmother in {L}.
We named her {N} after my grandmother.
My late husband {F} was a policeman in {L}.
I used to work under one {H} in {O}.
The boss there, Mr {N}, he was okay until somebody told him.
So I rang up {N}, I said {N}, I cannot already, please come.
And {N} was like okay okay I come now, don't do anything.
Then {N} says to me, hey {N}, you must eat.
{N}! {N}! I was shouting like that in the corridor.
Hey {N}, long time no see.
Hello {N}, come in, sit down.
Good morning {N}, my name is {N} and this is my colleague {N}.
Okay {N}, before we start, you have read the sheet that {N} gave you?
For the tape, I am {F} and I am here with {N}.
Right, so {N} was telling me that you moved to {L}.
Let's go back to what you said about {N}.
Did {N} know that you stopped the medication?
How did {N} and the children take it?
And who referred you, was it {H} from {O}?
Would you say that {N} understands your illness better now?
Thank you {N}, this has been very helpful, {N} will call you about the next session.
Sorry {N}, can you repeat, the fan is loud.
I grew up in {L}, then we shifted to {L} when my father got posted.
We stay near {O}, the blue house behind {L}.
Every Friday I take the bus from {L} to {L}, one and a half hours.
I was warded in {O} for {T}, after that they sent me to {O}.
From {L} they brought me to {L} in the ambulance, I don't remember anything.
I did my diploma in {O} but I never finish.
She teaches in {O}, standard two.
The group meets at {O} every second Saturday.
We had a retreat with {O} in {L} last year.
They transferred me to the clinic in {L} because it's nearer.
On {D} I was admitted again.
I was born on {D} in {O}, {L}.
It started in {D}, I was {G} that time, just came back from {L}.
My mother died on {D}, and {N} was only {G}.
My number is {M}, you can also call {N} at {M}.
If anything call my sister {N}, {M}.
The IC number is {I}, under {F}.
You can send it to {E}, that's {N}'s email.
The address is {A}, opposite {O}.
I think what {N} and the rest of the peers gave me is hope.
Recovery for me is when {N} asked me to be the best man, {N} trusted me.
{N} taught me to see the sickness as just one part of me.
I look at {N}, she has the same diagnosis and she is running a shop, so I thought why not me.
In the group {N} always starts, then {N}, and when it's my turn I just keep quiet.
Before {N} facilitated, it was {H}, but {H} got transferred to {L}.
At first I thought {N} was talking about me behind my back.
The voices sounded like {N}, my neighbour in {L}.
I thought {N} from the news was sending me messages.
My ex {N} took the kids to {L}.
I asked God to protect {N} and {N}.
My brother-in-law {N} gave me a job at {O}.
{N} my sister in law works in {O}.
My cousin {N} is a doctor in {O}, so she understood.
Our neighbour Uncle {N} was the one who called {O}.
We call him {N} because he is small, real name is {F}.
Everyone calls me {N} but my certificate says {F}.
They all know me as {N} from {L}.
{N} is my dog, after {N} died I was very low.
my name {F} age {G} from {L}
{N} told {N} and {N} told my mother
she said her name was {N} but I never believe
I was at {N} place that night with {N} and {N}
so me and {N} we went to {O} to get the letter
then {H} say okay you can go home but must come back {D}
Patient {F}, {G} years old, seen at {O} on {D}.
Pt: {F} ({I}), brought in by son {N}.
Referred by {H}, {O}.
Next of kin: {F}, {M}.
Seen by {H} at {O}.
Discussed with {N} (wife), who agrees.
Dear {N}, thank you for your letter of {D}.
Hi {N}, hope you are well. Regards, {N}
Best wishes, {F}
cc: {F}; {F}
From: {F} To: {F}
Attn: {F}
Regards, {N} {M}
{N} wrote: see you in {L} on {D}.
The court heard that {F} had lived in {L} since {D}.
{F}, {G}, of {L}, said {N} was a quiet man.
According to {F}, spokesperson of {O}, the programme began on {D}.
{F} joined {O} in {D} after leaving {O}.
{O} in {L} hired {F} as a consultant.
Thanks to {N} at {O} for being so friendly.
Ask for {N}, she is the best at {O}.
We went with {N} and loved it, {N} was patient and kind.
Interviewer: {N}. Participant: {N}.
{N}: I don't know lah.
{N}: okay, thank you {N}.
""".strip().splitlines()

MALAY = """Orang pertama saya bagitahu {N} lah, sebab {N} ni jenis tak cepat nilai orang.
Nama dia, apa ek, {N}, haa {N}.
Bukan {N}, {N} yang lagi sorang tu, yang pakai cermin mata.
{N} lah, siapa lagi.
{N} je.
Dengan {N}.
Ya, {N}.
{K} yang jual kuih depan {O} tu.
Yang tu {H}, garang sikit tapi hati baik.
Kami berempat dalam bilik tu, saya, {N}, {N} dengan si {N}.
Masa bini saya {N} mengandungkan {N}, saya kena balik.
Lepas {N} kahwin dengan budak {L} tu, kami jarang sembang.
Anak saya dua orang, {N} dengan {N}, duduk dengan nenek dia kat {L}.
Arwah suami saya, {F}, dulu polis kat {L}.
Dulu saya kerja bawah {H} di {O}.
Saya telefon {N}, saya kata {N}, aku dah tak larat, datang la.
{N} pun kata okay okay, tunggu situ, jangan buat apa-apa.
Pastu {N} kata kat saya, weh {N}, makan la sikit.
Weh {N}, lama tak nampak.
Assalamualaikum {N}, masuk, duduk dulu.
Selamat pagi {N}, saya {N}, ini rakan saya {N}.
Baik {N}, sebelum mula, dah baca borang yang {N} bagi?
Untuk rakaman, saya {F}, bersama saya {N}.
Tadi {N} cerita yang awak pindah ke {L}.
{N} tahu tak awak dah berhenti makan ubat?
Macam mana {N} dengan anak-anak terima?
Siapa yang rujuk, {H} dari {O} ke?
Terima kasih {N}, nanti {N} akan telefon pasal sesi depan.
Saya membesar di {L}, lepas tu pindah {L} sebab ayah kena tukar.
Rumah kami dekat {O}, belakang {L}.
Tiap Jumaat saya naik bas dari {L} ke {L}.
Saya masuk wad di {O} {T}, lepas tu hantar ke {O}.
Saya ambil diploma kat {O} tapi tak habis.
Dia mengajar kat {O}, darjah dua.
Kumpulan ni jumpa kat {O} setiap Sabtu kedua.
Pada {D} saya masuk wad lagi.
Saya lahir pada {D} di {O}, {L}.
Mula-mula tahun {D}, umur saya {G}, baru balik dari {L}.
Mak meninggal {D}, {N} baru {G} tahun.
Nombor saya {M}, kalau tak dapat cuba {N}, {M}.
Kalau ada apa-apa call kakak saya {N}, {M}.
Nombor IC {I}, nama {F}.
Emel saya {E}.
Alamat {A}, depan {O}.
Saya tengok {N}, sakit dia sama tapi boleh berniaga, so saya fikir kenapa saya tak boleh.
Dalam kumpulan, {N} mula dulu, lepas tu {N}, sampai turn saya, saya diam je.
Sebelum {N}, {H} yang handle, tapi {H} dah kena tukar ke {L}.
Suara tu macam suara {N}, jiran saya kat {L}.
Bekas suami saya si {N} tu bawa anak-anak pergi {L}.
Saya doakan {N} dengan {N} selamat.
Abang ipar saya {N} bagi kerja kat {O}.
Sepupu saya {N} doktor kat {O}, dia faham la.
Jiran kami Pakcik {N} yang call {O}.
Orang panggil {N} sebab dia kecil, nama betul {F}.
Semua orang panggil saya {N} tapi dalam sijil {F}.
nama saya {F} umur {G} asal {L}
{N} bagitahu {N} lepas tu {N} bagitahu mak
malam tu saya kat rumah {N} dengan {N} dengan {N}
pastu {H} cakap boleh balik tapi {D} kena datang balik
si {N} tu la yang mula dulu
adik {N} yang bongsu tu
anak {N} tu dah besar dah
tanya {N} kalau tak percaya
kawan saya nama {N}, dia dok {L}
ado sorang kawe namo {N}, ore {L}
Ambo duduk di {L}, anok {K}.
Demo kenal {N} dok? {N} hok jual budu tu.
Hang kenal {N} dak? Dia dok kat {L} tu.
Cek habaq kat {N}, {N} pun mai.
Depa kata {N} tu gila, mana ada.
Awat {N} tak mai?
Sa tinggal di {L} bah, sama {N}.
Si {N} bah yang kasi tau sa.
Kita orang panggil dia {N} bah.
Kamek diam di {L}, nama kamek {N}.
{N} ya polah kerja di {O} sik juak kenak gaji.
Nya madah ngan {N}, sik apa-apa.
I cakap dengan {N}, {N} you tolong I, I memang cannot tahan already.
Then {N} pun suggest join {O}, so I pergi la with {K}.
My anak sulung {N} study kat {O}, yang kecik {N} still sekolah rendah.
Actually {N} tu yang banyak support I, lepas {N} meninggal.
{H} cakap my condition stable, boleh follow up kat {L}.
Ah Ma I punya nama {N}, she stay in {L}.
Wa eh lau pa, {N}, tua tiam lai {L}.
Wo de peng you {N} ye shi yi yang de.
Amma kitte sonnen, {N} thambi romba nallavan.
En pera {N}, {L} la irundhu varen.
{N} anna thaan enakku help pannaru.
Gua cakap sama {N}, {N} lu jangan kacau gua.
Pesakit {F}, {G} tahun, dirujuk dari {O} pada {D}.
Waris: {F}, {M}.
Disahkan oleh {H}, {O}.
Menurut {F}, {G}, dari {L}, beliau dirawat sejak {D}.
{F} berkata demikian selepas melawat {O} di {L}.
我 叫 {N} ， 住 在 {L} 。
我 的 朋友 {N} 也 一样 。
{N} 说 没 关系 ， 慢慢 来 。
那时候 {N} 陪 我 去 {O} 。
""".strip().splitlines()

ORDINARY = """Recovery to me is like planting a tree, slowly slowly only.
I think hope is the thing that keep me going, not the medicine.
When I join the group I feel like I got my own voice again.
They don't look at you like you are mad, you know.
Sick or not sick, we still must cari makan.
The stigma is the worst, even my own family also.
After the injection I sleep like a log, whole body heavy.
Last time I scared of people, now I can talk already.
The medicine makes me fat lah, that one I cannot accept.
I got relapse two times because I stop the tablets.
In the ward cannot bring phone, cannot bring anything.
The peer worker, she herself was sick before, so she knows.
Every morning I sweep the floor, feed the chicken, then pray.
I believe everything is a test from above.
Some days good, some days not so good, it's normal.
If I hear the voice I put on the radio, loud loud.
I was so ashamed, I hide in the room three months.
He is strict, but because of him I take my medicine.
She don't talk much but she will just sit there with you.
I cannot say exactly when it started.
Monday to Friday I work, weekend I rest.
The tea was cold already by the time they called my number.
You see the sky, so blue, that time I feel like okay I want to live.
Sayang ibu, sayang ayah, itu je dalam hati.
Bagi saya sembuh tu bila boleh tidur malam.
Harapan tu macam cahaya, kecik pun ada.
Sabar itu indah orang kata, tapi susah nak buat.
Saya rasa syukur sangat, ramai yang ambil berat.
Dulu saya malu, duduk dalam bilik je, tak nak jumpa orang.
Kalau dengar suara tu saya baca ayat kursi.
Makan ubat lepas tu badan jadi berat, mengantuk je.
Kat kumpulan ni kita boleh luah, tak ada orang gelak.
Bila hujan turun, hati pun rasa tenang sikit.
Bulan puasa memang mencabar sebab kena ubah waktu ubat.
Bintang kat langit tu pun saya boleh kira, sebab tak tidur.
Masa sakit tu dunia rasa gelap, tak ada jalan.
Orang kampung mulut macam-macam, tapi saya pekakkan telinga.
Kerja sikit-sikit, jual nasi lemak, jahit baju.
Budi baik orang saya tak lupa.
Aman je rasa bila semua orang dah tidur.
Nak cakap terima kasih pun tak cukup.
Saya tak salahkan sesiapa, ini ujian.
Ada masa okay, ada masa down, biasa la.
Sik apa-apa bah, kamek paham.
Awat la jadi lagu ni, tak tau nak habaq.
Guano gamok demo, sihat ko dok?
Bah, biasalah tu, sa pun pernah begitu.
Ambo dok tahu nok kecek guano.
Amma appa romba kashta pattaanga.
Enna panradhu, ellam vidhi.
Illa illa, romba nalla iruku ippo.
Paravala, naan paathukiren.
Wa bo su, wa siang beh ai khun.
Lu tak faham, gua punya sakit bukan main-main.
Mai kan cheong la, man man lai.
Ho seh liao, now everything steady.
Bo pian, life is like that.
Wo bu zhi dao zen me shuo.
Mei you ban fa, yao chi yao.
Jialat lah this kind of thing, cham.
Walao eh, so susah one.
我 不 知道 怎么 说 。
压力 很 大 ， 睡 不 着 。
慢慢 来 ， 没 关系 。
吃 药 以后 好 很多 。
家人 都 很 支持 。
Cepat sembuh ya, jaga diri.
Cinta, harapan, iman, semua tu bagi kekuatan.
Murni hati dia, tak minta balasan.
Indah sangat pemandangan kat situ.
Suci hati, bersih jiwa, itu yang penting.
Cahaya lampu tu terang sangat, saya tak boleh tidur.
Melur dengan mawar saya tanam depan rumah.
Intan permata pun tak boleh beli kesihatan.
Will power only lah, no choice.
Faith, hope and love, that is what the pastor preach.
I mark the calendar every time I don't cry.
The rich and the poor also can get sick.
A ray of light came through the window.
We sang a carol at the party, grace before meal, all that.
I was frank with her, I said I may not come.
May is a hard month for me, so is June.
The patience, the joy, it takes a long time.
Dawn is the worst, the hour before the sun comes up.
How are you feeling today?
Can you tell me more about that?
What does the word recovery mean to you?
Macam mana perasaan awak masa tu?
Boleh cerita lebih lanjut?
Apa maksud sembuh bagi awak?
Is there anything else that you want to add?
Ada lagi nak tambah?
Take your time, no rush.
Mhm. Mhm. Okay.
Haah. Ya. Betul.
Bila last makan ubat?
Dari mana datang rasa tu?
""".strip().splitlines()
