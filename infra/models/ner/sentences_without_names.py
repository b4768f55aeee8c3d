# SPDX-License-Identifier: Apache-2.0
"""Sentences without identifiers that look as if they had some; {Z} is a measure, {T} a time
span.
"""

from __future__ import annotations

# {w} is a word that is also a name, said as the ordinary word that it is.
ORDINARY = """I will go there in May maybe.
It may rain tomorrow.
May I ask you something?
You may start.
We say grace before dinner.
By the grace of God, I survived.
I hope it will be okay.
There is hope.
I have faith in the system.
It was a joy to see them.
The rose in the garden is red.
Please mark the box.
They gave me good marks.
I paid the bill already.
The bill was very high.
I like art and music.
There is a chance to win.
It was sunny that day.
To be frank, I was scared.
He is a rich man.
They are young.
How long did you stay?
The song is nice.
I woke up at dawn.
I feel low.
See you tomorrow.
You see, it's like that.
Look at the star.
The sky was dark.
Honey is too sweet.
Cherry on top.
Gold price is up.
I walked many miles.
The dean gave me a grant.
We chase the bus.
The king visited the palace.
It was a hot summer.
The angel on the tree.
Patience is important.
I give to charity.
A bright future.
Every penny counts.
Lily and jasmine flowers.
I chose violet and ruby colours.
The pearl necklace was my mother's.
I pray for mercy.
The victor takes it all.
You need to be earnest.
Jack up the car.
He is a good hunter.
I drew a picture.
We will sue them.
Pat me on the back.
A drop of rain.
The Sunday crowd.
Sandy beach.
I carry the burden.
Don't harm others.
My will is strong.
I want to win, not to lose.
The robin in the cage.
Ivy on the wall.
Crystal clear.
Destiny, fate, whatever you call it.
Saya suka bunga mawar.
Bunga mawar tu cantik.
Bunga melati wangi.
Cahaya lampu tu terang.
Bulan lepas saya sakit.
Bintang kat langit tu.
Saya sabar je.
Hidup kena sabar.
Kasih sayang ibu.
Manis sangat teh ni.
Dia comel.
Setia dengan isteri.
Budi bahasa tu penting.
Cinta tu buta.
Cantik dan indah pemandangan.
Kita hidup aman damai.
Iman kita lemah.
Dalam iman kita.
Jaya tak jaya kita cuba lah.
Harga emas naik.
Permata hati saya.
Jangan rindu sangat.
Ratu cantik tu menang.
Intan berlian semua dah gadai.
Embun pagi sejuk.
Hujan lebat malam tu.
Suria pagi panas.
Bunga raya depan rumah.
Amal ibadat kena jaga.
Hikmah dia ada.
Saya redha dengan ujian ni.
Syukur alhamdulillah.
Doa dan usaha.
Harapan tu masih ada.
Cempedak goreng.
Murni hati dia.
Suci dari dosa.
Bahagia sekarang.
Nur, cahaya, apa-apa lah.
Ikhlas je saya tolong.
Adil tak adil?
Putih bersih.
Kaya miskin sama je.
Raja sehari.
Puteri lilin kata orang.
Kancil pun boleh kalahkan buaya.""".splitlines()

TALK = """Aiyo, cannot like that.
I don't know lah, maybe can.
Like that also can meh?
So how? Okay ah?
That's why lah.
Then I just keep quiet lor.
Don't play play ah.
Where got?
Can lah, no problem.
Sure or not?
Walao, so expensive.
Die lah me.
Really ah?
Actually I was very stress at that time.
The work was okay but the pay is not so good.
I take {Z} in the morning and {Z} at night.
They increase from {Z} to {Z}.
My sugar was {Z}.
Blood pressure {Z}.
I lost {Z} in {T}.
It costs {Z}.
About {Z} like that.
I slept only {T}.
I waited for {T}.
For {T} I didn't eat.
It took {T} to recover.
I've been taking it for {T}.
{T} ago I was very sick.
After {T} I got better.
Every {T} I go for injection.
Six out of ten.
On a scale of one to ten, maybe seven.
The score was twenty-one.
First, second, third time, all same.
Number one, I must sleep. Number two, I must eat.
Half of it, two thirds.
One hundred percent.
Room temperature is twenty-four degrees.
I speak Malay, Chinese and a bit of Tamil.
Muslim or Christian, all same.
We eat roti canai and teh tarik.
Char kuey teow, nasi lemak, laksa, all I like.
I take fluoxetine and risperidone.
Olanzapine made me fat.
Lithium, valproate, all I tried.
The diagnosis was schizophrenia.
Bipolar, depression, anxiety, I have all.
I was using syabu and ganja.
I watch YouTube and Netflix.
I play Mobile Legends.
On WhatsApp, on Facebook.
I drive a Myvi, used to have a Saga.
Panadol also no use.
ECT, they call it.
The MRI was normal.
Recovery is a journey, not a destination.
Okay. Mm hmm. Right.
Yeah, yeah, I understand.
Can you tell me more about that?
What do you mean by that?
And how did you feel?
I see. And then?
Could you give an example?
What helped you the most?
How did your family react?
Anything else you want to add?
Let's move on to the next question.
Before we begin, do you have any questions?
Is it okay if I record?
In the first place, I didn't want to go.
At the end of the day, it's up to you.
Last week, next month, I don't know.
Yesterday I was okay, today not so.
That night I cannot sleep.
In the morning I pray.
On Monday I work, on Tuesday I rest.
Weekends I sleep.
The whole year I was down.
I was a child then.
When I was small, we were poor.
She was older than me.
Sir, can I go now?
Madam, please wait.
Okay doctor, thank you.
Nurse, where is the toilet?
Sister, I want water.
Boss, kopi o satu.
Uncle, how much?
Aunty, one more please.
Bro, relax.
Doctor, am I going mad?
Baik cikgu.
Terima kasih puan.
Encik nak minum apa?
Adik dah makan?
Bang, tolong sikit.
Kak, kat mana tandas?
Pakcik, tumpang tanya.
Makcik jual nasi lemak tepi jalan.
Pakcik tu baik.
Tuan, boleh saya balik?
Mak, adik lapar.
Saya pun tak tahu nak cakap apa.
Masa tu memang susah lah.
Lepas tu saya pergi hospital.
Macam mana nak cakap eh.
Tu lah pasal.
Entah lah, saya pun tak pasti.
Apa nak buat, dah takdir.
Haah, betul tu.
Ya, ya, faham.
Takpe, ambil masa.
Boleh cerita lagi sikit?
Lepas tu apa jadi?
Apa perasaan masa tu?
Siapa yang bantu?
Macam mana keluarga terima?
Ada apa-apa nak tambah?
Okay, soalan seterusnya.
Makan ubat {Z} pagi, {Z} malam.
Gula saya {Z}.
Darah tinggi {Z}.
Turun berat {Z} dalam {T}.
Dah {T} saya makan ubat.
{T} lepas saya okay.
Lebih kurang {T} jugak lah.
Harga dia {Z}.
Kena bayar {Z}.
Tiap {T} kena cucuk.
Pukul tiga pagi saya bangun.
Pukul sepuluh malam dah tidur.
Hari tu saya okay, esoknya tak.
Semalam, hari ni, esok, sama je.
Minggu depan jumpa lagi.
Tahun lepas saya sihat.
Puasa tak boleh makan siang.
Hari raya semua balik kampung.
Deepavali and Chinese New Year we also celebrate.
Orang Melayu, Cina, India, semua ada.
Kalau tak kerja, macam mana nak makan.
Dia kata, kau ni gila ke?
Malu lah kalau orang tahu.
Rasa macam nak mati je.
Takut tengok orang ramai.
Dengar suara-suara.
Nampak bayang.
Kepala berserabut.
Tangan menggigil, dada berdebar.
Duduk dalam bilik je.
Tengok TV, main telefon.
Basuh baju, masak nasi, sapu sampah.
Jalan-jalan kat taman tiap petang.
Kat pasar malam beli kuih.
Naik bas, turun, jalan kaki.
Solat, mengaji, zikir.
Baca buku, dengar lagu.
Kumpul duit nak beli motor.
Saya jual kuih, jual karipap.
Bendang, kebun getah, semua saya buat.
Hujan ke panas ke, pergi juga.
Nak tak nak kena lah.
Susah senang kita hadap.
Alah, biasa lah tu.
Eh, bukan macam tu.
Mana ada!
Betul ke?
Ish, jangan lah.
Ha, macam tu lah.
Hmm, entah.
Kan? Kan saya dah kata.
Wa tak tahu lah.
Lu ingat senang ka?
Bo pian, what to do.
Sian already lah.
Kiasu, kiasi, all that.
Ma ma hu hu only.
Jiak pa boey?
Buay tahan.
Hao ma? Hao lah.
Bu yao, I say bu yao.
Paiseh lah.
Sien ah.
Aiyoyo, enna da.
Illa, I didn't.
Seri seri, okay.
Romba kashtam.
Konjam slow pls.
Amma, appa, all cry.
Tambi, come here.
Guano nok buat.
Dok tahu la.
Pasaipa pulak?
Hang ni memang la.
Kamek sik tauk.
Nda apa bah.
Bah, okay bah.
Palui betul.
Rakaman ni untuk kajian je.
Kita mula rakaman ya.
Itu sahaja soalan saya.
Ada soalan lagi?
Agama dan bangsa tak penting.
Umur tak penting.
Jemur kain, sapu rumah, bagi ayam makan.
Budi dibalas budi, jasa dikenang.
Hidup macam roda, sekejap atas sekejap bawah.
Cahaya masuk ikut tingkap.
Cahaya matahari silau.
Faith is all that I have left.
The result was moderate, not severe.
Misi tu suruh tunggu.
Misi, boleh saya minum?
Nak kahwin pun susah.
Buku temujanji hilang.
Emel pun tak ada.
Guna telefon orang.
Tambang bas naik.
Mula-mula okay, lama-lama tak.
Orang pandang serong.
Kosong je rasa dada ni.
Vadai and teh tarik.
Nalla iruku.
Wa ka li kong.
Lu siao ah.
Jialat lah like that.
Si beh tired.
Home is home.
I cannot bathe, cannot eat.
General condition is fine.
Good, and do you have the speaker on?
The waiver form is signed.
Saya tak nak masuk wad lagi.
Bilik tu sejuk, lampu terang.
Suntikan tu sakit.
Anak-anak dah besar.
Dua-dua pun sama.
Sikit-sikit lama-lama jadi bukit.""".splitlines()
