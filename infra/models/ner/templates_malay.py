# SPDX-License-Identifier: Apache-2.0
"""Malay and mixed templates of the training interviews; slots are explained in `talk_generator`."""

from __future__ import annotations

VERBS = tuple(
    """datang rumah saya|cakap jangan risau|tak faham saya|yang tolong saya|dah meninggal|memang macam tu|suruh saya makan ubat|marah sangat masa tu|balik kampung|tak nak tahu langsung|nangis je
bawa saya pergi klinik|selalu bagi semangat|pun sakit juga|dah kahwin|kerja malam|duduk sorang|kata saya gila|telefon saya semalam|tengah belajar lagi|jaga anak-anak|tunggu kat luar|dah pindah
ajak saya join|tak percaya saya sakit|pandai masak|pesan jangan lupa solat|tak pernah tinggalkan saya|dah lama tak jumpa|hantar makanan|cerita pasal tu|ambil saya dari wad|tidur kat sebelah|bagi duit belanja|pun diam je
kena buang kerja|lari dari rumah|baik orangnya|garang tapi hati baik|tahu semua|sebut nama saya|perasan dulu|ingat saya main-main|kata okay lah|pun setuju|nak jadi doktor|sampai menangis-nangis|urut kepala saya|bacakan doa|tak larat dah
pegi hospital sekali|cakap, sabar je lah|ni memang rapat dengan saya|tu kawan sekolah|ada kat situ masa tu|dok tanya pasal awak|memang tak boleh diharap|minta maaf kat saya|nak datang minggu depan|yang isi borang|baru lepas bersalin""".replace(
        "\n", "|"
    ).split("|")
)

PLACES_FOR_PERSON = tuple(
    """saya cakap dengan {x}|saya duduk dengan {x}|kalau takde {x} saya tak tahu lah|saya bergaduh dengan {x}|masa tu {x} tengah kerja|saya ikut {x} pergi sana|sebab {x} lah saya makan ubat|saya jumpa {x} kat klinik
rumah {x} dekat je|kereta {x} rosak|anak {x} pun sekolah situ|mak {x} yang masak|saya teringat kat {x}|saya rindu {x}|jangan bagitahu {x}|saya call {x} pukul dua pagi|yang tu {x} punya|pasal {x} pulak
dengan {x} lain, dengan orang lain lain|lepas {x} balik, saya menangis|bila {x} ada, saya rasa selamat|saya dengan {x} je yang tinggal|dia anak {x}|tanya {x} la|kenapa {x} buat macam tu|nasib baik {x} sampai
kat {x} je saya mengadu|{x} dengan {x} bergaduh|saya, {x}, {x}, semua ada|bukan {x}, yang lagi sorang|macam {x} selalu cakap, pelan-pelan|dulu {x} pun macam saya|terima kasih kat {x}|saya hutang budi dengan {x}
masa {x} meninggal saya kat luar|sampai {x} pun hairan|saya pinjam duit {x}|cuba tanya {x}|untuk {x} saya sanggup|bagi {x}, sakit ni takde|I cakap dengan {x} tapi dia buat don't know|so {x} pun decide nak bawa I pergi check
I memang close dengan {x}|actually {x} yang start dulu|then {x} pun cakap, you kena kuat|lepas tu {x} yang drive|basically {x} tu macam family dah""".replace(
        "\n", "|"
    ).split("|")
)

NOBODY = tuple(
    """mak saya|ayah saya|abang saya|kakak saya|adik saya|isteri saya|suami saya|bini saya|laki saya|doktor|misi|jururawat|bos saya|cikgu|kawan saya|kawan baik saya|jiran|dia|diorang|orang|anak saya|anak sulung saya|pakcik saya|makcik saya|nenek|atuk
mak|abah|ayah|ibu|emak|bapak|abang|kakak|adik|along|angah|uda|usu|acik|opah|tok|tok wan|pak long|mak long|mak su|pak su|mak ngah|cucu|menantu|mertua|mak mertua|ustaz|ustazah|imam|kaunselor|pegawai kebajikan|polis|orang rumah|sepupu
satu family|semua orang|geng kami|kumpulan ni|arwah mak|arwah ayah|arwah suami|pakar|doktor pakar|budak tu|perempuan tu|lelaki tu|orang kampung|saudara-mara|ketua|pengerusi|makcik tu|pakcik tu|nurse tu|doktor muda tu|tuan rumah|driver grab|kita|kitorang|bekas suami|tunang saya""".replace(
        "\n", "|"
    ).split("|")
)

NAMED = """Nama saya {F}.
Nama saya {N}, orang panggil {N}.
Nama penuh {F}.
Nama saya {N} je.
Saya {F}, umur {G} tahun.
Saya {P}, berasal dari {L}.
Saya {N}, anak {K}.
Panggil saya {N} je.
Orang panggil saya {N}.
Semua orang kenal saya sebagai {N}.
Kat rumah dipanggil {N}.
Nama dalam IC {F}.
Siapa nama? {F}.
Siapa nama anak? {N} dengan {N}.
Namanya {N}.
Nama dia {N}.
Nama isteri saya {N}, nama anak {N}.
Eja nama? {Q}.
{Q}, {N}.
Assalamualaikum {K}, apa khabar?
Terima kasih {H}.
Baik, {N}, boleh mula.
Ye {N}, betul tu.
Boleh {K} ceritakan sikit?
Okay {N}, sambung.
{N}, dengar tak?
{N} eh, tunggu kejap.
Haah, {N} la.
{N} tu baik orangnya.
{K} tu baik orangnya.
Si {N} tu la.
Tanya {N} la.
{N} lah yang bawa.
{N} kan, dia memang macam tu.
{N} pun sama.
{N} ke {N}, saya tak ingat.
Arwah {N} baik orangnya.
Arwah ayah saya {F}.
Arwah mak, {N} namanya.
Ayah saya {F}, mak saya {F}.
Mak saya {N}, ayah saya {N}.
Suami saya {N} kerja kat {O}.
Isteri saya {N} dah meninggal pada {D}.
Anak saya {N} sekolah di {O}.
Anak sulung {N}, yang kedua {N}, yang bongsu {N}.
Anak-anak saya {N}, {N}, {N}.
Abang saya {N} yang hantar.
Abang {N} tu abang ipar.
Kakak saya nama {N}, duduk {L}.
Adik saya {N} baru {G} tahun.
Adik beradik saya, {N}, {N} dengan {N}.
Jiran saya {K} yang tolong.
Kawan baik saya {N} dan {N}.
Kawan saya {N} yang ajak pergi {O}.
Bos saya {H} garang.
{H} bos saya dulu.
Doktor saya {H}.
{H} kata saya ada kemurungan.
{H} kata kena makan {Z}.
{H} yang rawat saya kat {O}.
Misi {N} yang bagi suntikan.
Jururawat tu, {H}, dia baik.
Cikgu saya {H}.
Cikgu {N} mengajar di {O}.
Pengerusi {O} ialah {F}.
{H} dari {O} datang melawat.
Bapa saudara saya, {K}.
Mak saudara saya {K} kat {L}.
Dia anak {H}.
Ibu {N} ada di sini.
Bapa {N} kerja {O}.
Mak {N} masak sedap.
Rumah {N} dekat dengan {O}.
Kereta {N} rosak.
Laki {N} tu kaki pukul.
Anak {N} tiga orang.
Saya lahir di {L} pada {D}.
Lahir {D}, di {L}.
Tarikh lahir {D}.
Umur saya {G} tahun.
Umur {G}.
Masa tu saya umur {G}.
Masa umur {G} tahun, ayah meninggal.
Saya {G} tahun, bini {G} tahun.
Dah {G} tahun umur mak saya.
Anak saya {N}, {G} tahun.
Saya asal {L}.
Asal dari {L}, sekarang duduk {L}.
Saya duduk dekat {L} dengan {N}.
Saya tinggal di {A}.
Alamat rumah {A}.
Rumah saya kat {A}.
Duduk {A}, dekat dengan {O}.
Kampung saya kat {L}.
Balik {L} setiap raya.
Kami pindah ke {L} pada {D}.
Dari {L} ke {L} naik bas.
Orang {L} memang macam tu.
Kat {L} takde klinik macam ni.
Saya kerja dengan {O} sejak {D}.
Dulu kerja kat {O}, lepas tu pindah {O}.
Belajar kat {O} sampai {D}.
Masuk {O} pada {D}.
Kena masuk {O}, wad {I}.
Ambil ubat kat {O}.
Sejak join {O}, saya rasa lain.
Kumpulan {O} banyak bantu.
Solat kat {O}.
Pergi {O} tiap Ahad.
Tahun {D} saya mula sakit.
Pada {D} saya kena tahan.
{D} tu saya ingat sampai mati.
Kejadian tu {D}, dekat {A}.
Masa {D}, saya kat {L}.
Lepas {D}, ubat tukar {Z}.
Nombor telefon saya {M}.
Nombor saya {M}.
Telefon {M}, cari {N}.
Nombor {N} {M}.
Kad pengenalan saya {I}.
Nombor IC {I}.
Nombor IC saya {I}, nama {F}.
Nombor akaun {I}.
Nombor kad hospital {I}.
Kereta nombor {I}.
Plat {I}.
Motor saya {I} kena curi kat {L}.
Emel saya {E}.
{C} tu adik saya.
Saya jumpa {C} kat {L}.
Kak {C} suruh saya datang.
{C} tak nak pergi sekolah.
Kenapa {C} menangis?
Dengan {C} lain, dengan {N} lain.
{C} kata dia penat.
Saya sayang {C} sangat.
{C} dah besar, dah {G} tahun.
Nama anak saya {C}.
Cik {C} dari {O}.
{C} dengan {C} tu kembar.
Masa tu {N} masih kecil lagi.
{N} kata dia nak balik {L}.
Lepas tu {N} pun datang.
So {N} pun kata okay lah.
I cakap dengan {N}, you kena pergi {O}.
Basically {N} tu kawan I since sekolah.
{N} memang macam tu.
Actually {N} yang suggest pergi {O}.
My mak panggil {K}, then {K} yang settle.
Time tu {N} tengah kerja dekat {O}.
Lepas {N} habis belajar, {N} balik {L}.
Dia panggil {N}.
Yang tu {N} punya.
{N} dengan {N} bergaduh.
{N} bini dia {N}.
Dulu saya suka {N}, tapi dia kahwin dengan {N}.
Hantar kat {A}, nama {F}.
Waris saya {F}, nombor {M}.
Pesakit nama {F}, umur {G}, dari {L}.
Saya sebut nama {N}, terus dia diam.
Kalau {N} tahu, mati saya.
{N} tanya, mak sakit apa?
{N}! {N}! saya jerit.
Ingat tak {N} anak {K}?
{K} kata, {N}, jangan putus asa.
{K} cakap kat {K}.
Tok imam {N} datang baca doa.
Kirim salam kat {K}.
Jumpa {N} kat kedai {K}.
Nak jumpa {H} boleh?
{H} ada tak hari ni?
{H} cuti, ganti dengan {H}.
Dengan siapa datang? {N}.
Tinggal dengan siapa? Dengan {N} dan {K}.
Kat mana? {L}.
Bila? {D}.
Berapa umur? {G}.
Hospital mana? {O}.
Sekolah mana? {O}.
Kerja kat mana? {O}.
Alamat? {A}.
Nombor telefon? {M}.
Wa panggil {N} datang.
Amoi tu nama {N} lah.
{N} aiyo, pening kepala saya dengan dia.
Ah {N} pun tahu.
{N} kor, dia jaga kedai.
{N} akka yang masak.
{N} anna tolong saya.
Thambi {N}, mari sini.
Dei {N}, enna da.
{N} machan cakap jom.
{N} jie bagi saya duit.
Wo de pengyou {N}.
{N} hyung, eh, {N} tu kawan online.
Dayang {N} dari {L}.
Aki {N} orang {L}.
Sumandak tu {N}.
Kamek duduk {L}, nama kamek {N}.
Ambo {N}, ore {L}.
Demo kenal {N}?
Ceq {N} la, hang tak kenal ka?
Hang pi tanya {N}.
{N} habaq kat aku.
Cek duduk {L} dengan {K}.
Gua cakap sama {N}.
{N} ni siapa pula?
Siapa {N}?
{C} tu siapa kak?
{C} tu apa hubungan dengan {N}?
Selamat datang, saya {N}, penyelidik dari {O}.
Saya {N}, saya akan tanya beberapa soalan.
Saya {N} dari pasukan kajian.
Ini {N}, yang ni {N}.
{N} dah bersedia?
Umur {N} berapa?
Kerja {N} apa?
{N} tinggal dengan siapa?
Datang dengan siapa {N}?
Apa yang {N} rasa masa tu?
Bagi {N} sendiri, apa maksud sembuh?
Saya tumpang kereta {K}.
Saya tumpang {K} tadi.
Motor tu {C} ambil, tak bagi balik.
{C} pinjam duit saya.
{C} siap belanja makan lagi.
{K} siap tunggu kat luar.
Misi {C} garang.
Cikgu {C} yang uruskan.
Kad tu {H} yang tolong buat.
Di bawah {H} dan {H}.
Kena marah dengan {H}.
Orang cakap {N} gila.
Diorang gelar saya {C} gila.
{C} tidur katil sebelah.
Kalau {C} tak datang, saya risau.
Saya tolong {C} menjahit.
Saya jaga kedai {C}.
{K} bukak kedai kat {L}.
Cuma {K} je yang tahu.
Tinggal saya, {C}, dengan mak.
Sayang {C} tau.
{C} demam, saya tak tidur.
Bila {N} nak datang lagi?
Hubungi {F} di {M}.
Nama timangan {C}.
Dia letak nama anak {C}.
Beritahu {H} saya dah sihat.
Itu saja {N}, ada apa-apa lagi?
Cukup dulu {N}.
Terima kasih banyak {N}, terima kasih {K}.
{N} janganlah sedih.
Saya {N}.
Saya {N}, hari ini {D}.
Saya {N}, rakan saya {N}.
Helo, {N} sini.
Ini {N} dari {O}.
Sekarang kita di {O}, {L}.
Kat {O} ramai orang.
Duduk wad {I}, {O}.
Belakang {O}, depan {O}.
Kena hantar ke {O}, lepas tu {O}.
{O} bagi kerja.
Bas dari {L} ke {O}.
Surat dari {O} sampai {D}.
Tiap minggu pergi {O}.
Saya tolong kemas {O}.
Satu {L} tahu.
Keluar {O} pada {D}.
Dekat {O} tu ada {H}.
Kerja bawah {H} kat {O}.
Balik dari {O} terus tidur.""".splitlines()
