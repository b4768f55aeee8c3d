# SPDX-License-Identifier: Apache-2.0
"""Words of the training generator, compiled by hand: titles, kin terms, names, places, bodies."""

from __future__ import annotations


def _w(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]


HONORIFICS = _w(
    """Encik,En.,Puan,Pn.,Cik,Cikgu,Dato',Dato,Datuk,Datin,Tan Sri,Puan Sri,Tun,Dr,Dr.,Dr,Doctor,Doktor,Mr,Mr.,Mrs,Mrs.,Madam,Mdm,Miss,Ms,Ms.,Prof,Prof.,Professor,Ustaz,Ustazah,Tuan,Haji,Hajah,Hj,Hjh,Tuan Haji,YB,Sir,Inspector,Sergeant,Sarjan,Koperal,Nurse,Sister,Matron,Misi,Jururawat,Staff Nurse,Pastor,Father,Imam,Reverend,Coach,Kapten,Teacher,Lawyer,Judge,Swami,Cikgu,Ir.,Captain"""
)
KIN = _w(
    """Kak,Abang,Bang,Abg,Pak,Mak,Pakcik,Makcik,Pak Cik,Mak Cik,Uncle,Auntie,Aunty,Aunt,Tok,Nenek,Atuk,Pak Long,Mak Long,Pak Su,Mak Su,Pak Ngah,Mak Ngah,Pak Teh,Mak Teh,Pak Andak,Mak Andak,Adik,Along,Angah,Akak,Kakak,Grandma,Grandpa,Bro,Sis,Boss,Ah Kong,Ah Ma,Cik,Wak,Tok Wan,Opah,Pakde,Cousin,Akka,Anna,Thambi,Brother,Sister,Aki,Odu,Inik,Mek,Ayah,Abah,Mama,Papa,Ibu,Che,Mok,Pok,Awe,Ayoh,Mok Su,Pok Su,Tok Ki,Mok Tok,Tok Mek,Abe,Kok,Kak Ngah,Kak Long,Kak Lang,Kak Chik,Kak Teh,Kak Yang,Abang Long,Abang Ngah,Bang Cik,Pak Lang,Mak Lang,Pak Uda,Mak Uda,Pak Itam,Mak Itam,Pak Anjang,Mak Anjang,Wan,Nek,Nek Wan,Atok,Moyang,Tok Guru,Tok Imam,Tok Bidan,Tok Batin,Tok Penghulu,Apai,Indai,Inday,Aya,Ibuh,Akih,Menyadi,Unggal,Ambu,Apak,Ina,Ama,Inan,Aman,Odu,Aki,Buah,Bah,Wah,Amoi,Ah Pek,Ah Soh,Ah Kor,Ah Ko,Ah Ji,Ah Yi,Ko,Tua Pek,Sifu,Anneh,Annan,Anne,Thangachi,Thanggachi,Amma,Appa,Athai,Attai,Mama,Periyamma,Chithi,Chitthi,Thatha,Paati,Paatti,Macha,Machan,Tambi,Bhai,Bhabi,Chacha,Didi,Veerji,Penji,Mas,Mbak,Bang Long,Pakcik,Acik,Acu,Pak Cu,Mak Cu,Ucu,Usu,Busu,Kak Cik,Kak De,Ayah Chik,Ayah Su,Umi,Abi,Tuk,Yong,Kak Yong,Kekanda,Adinda"""
)
KIN_AFTER = _w(
    """akka,anna,anneh,annan,amma,appa,thambi,tambi,macha,athai,thatha,paati,bhai,didi,ji,uncle,aunty,jie,ge,ko,por,koko,jiejie,laoshi,sensei,sifu"""
)
RELATIONS = _w(
    """my wife,my husband,my son,my daughter,my brother,my sister,my friend,my best friend,my boss,my cousin,my neighbour,my uncle,my aunt,my mother,my father,my colleague,my counsellor,my doctor,my nephew,my niece,isteri saya,suami saya,anak saya,abang saya,kakak saya,adik saya,kawan saya,jiran saya,sepupu saya,bos saya,mak saya,ayah saya,kawan baik saya,doktor saya,anak sulung saya"""
)
MALAY_MALE = _w(
    """Aiman,Azman,Azmi,Faizal,Hafiz,Hakim,Hamdan,Haziq,Idris,Ikhwan,Ismail,Izzat,Kamal,Kamarul,Khalid,Mahmud,Malik,Megat,Mokhtar,Nizam,Rahim,Rashid,Razak,Razali,Ramli,Redzuan,Sabri,Salleh,Shamsul,Suhaimi,Syahmi,Syakir,Taufik,Zainal,Zaki,Zakaria,Zulkifli,Amin,Anuar,Arif,Ashraf,Asri,Asyraf,Bakri,Danial,Fadhil,Fadzil,Farid,Ghazali,Halim,Hamid,Hashim,Hazwan,Helmi,Hilmi,Imran,Iskandar,Jalil,Johari,Kadir,Khairul,Lokman,Mustafa,Najib,Nazri,Nordin,Rafiq,Rosman,Saiful,Shafiq,Shahrizal,Sharif,Syazwan,Wan,Yusof,Zahid,Zamani,Zubir,Pian,Mamat,Awang,Jenal,Mat,Leman,Meon,Bidin,Dollah,Seman,Usop,Din,Jidin,Joe,Boy,Acap,Epul,Mael,Paan,Apis,Amat"""
)
MALAY_FEMALE = _w(
    """Aida,Ain,Aini,Alia,Amira,Anisah,Ayu,Azizah,Azura,Fatimah,Fauziah,Fazilah,Habibah,Halimah,Hanim,Haslina,Hasnah,Hayati,Hidayah,Husna,Ida,Jamaliah,Juliana,Kalsom,Khadijah,Laila,Latifah,Linda,Mariam,Mazlina,Melati,Mimi,Munirah,Nadia,Nadhirah,Najwa,Natasya,Nazirah,Noraini,Norazah,Noriah,Norlia,Norliza,Nurul,Rabiah,Rafeah,Ramlah,Rashidah,Rina,Rohana,Ros,Rosmah,Rozita,Safiah,Salina,Sarah,Sharifah,Siti,Sofea,Sofia,Suhaila,Suria,Syahirah,Syazwani,Umi,Wani,Wardah,Yasmin,Yati,Zaharah,Zaiton,Zalina,Zarina,Zurina,Tijah,Senah,Yam,Kiah,Nab,Jenab,Bedah,Esah,Limah,Minah,Temah,Yana,Ina,Ton,Mah,Eton,Nani,Sha,Eera,Farah,Aqilah,Batrisyia,Damia,Auni,Hani,Ifah"""
)
SURNAME_CN = _w(
    """Tan,Lim,Lee,Ng,Ong,Wong,Goh,Chua,Chan,Koh,Teo,Ang,Yeo,Tay,Ho,Low,Toh,Sim,Chong,Chin,Chia,Seah,Loh,Lai,Leong,Cheong,Cheah,Chew,Chuah,Heng,Hong,Hor,Kang,Kee,Khoo,Kong,Kwan,Kwok,Lam,Law,Liang,Liau,Liew,Ling,Loo,Lum,Mah,Mok,Moey,Neoh,Oh,Oon,Pang,Poh,Pua,Saw,See,Siew,Soh,Soon,Sia,Song,Tee,Teh,Tham,Tiong,Tsen,Wee,Wen,Woo,Xu,Yong,Yap,Yee,Yew,Yuen,Zhang,Chai,Chang,Chen,Cheng,Cheung,Fong,Gooi,Hiew,Hoo,Kam,Lok,Shum,Tang,Ting,Tong,Vun,Wan,Yang"""
)
GIVEN_CN = _w(
    """Ah,Ai,Bee,Beng,Boon,Chai,Chee,Cheng,Chin,Choon,Chuan,Chun,Eng,Fatt,Fong,Fook,Geok,Guan,Hao,Heng,Hock,Hong,Hoon,Hua,Huat,Hui,Hwa,Jia,Jin,Jing,Jun,Kah,Kai,Kang,Keat,Keng,Kheng,Khim,Kian,Kim,Kit,Kok,Kong,Kuan,Lai,Lan,Lay,Lee,Leng,Li,Lian,Lin,Ling,Loke,Mee,Mei,Meng,Ming,Moi,Mun,Nyuk,Pei,Peng,Ping,Poh,Pooi,San,Seng,Shan,Sheng,Shi,Shu,Siew,Sim,Sin,Siong,Soon,Suan,Sum,Swee,Teng,Thiam,Tiong,Wah,Wai,Wan,Wei,Wen,Weng,Xiao,Xin,Xuan,Yan,Yang,Yee,Yen,Yi,Yik,Yin,Ying,Yoke,Yong,Yoong,Yu,Yuan,Yue,Yuen,Yun,Zhen,Zi"""
)
INDIAN = _w(
    """Kumar,Ravi,Raj,Siva,Devi,Lakshmi,Meera,Muthu,Ganesh,Suresh,Ramesh,Vijay,Shanti,Kavita,Anand,Prakash,Deepa,Rajan,Bala,Chandran,Gopal,Jaya,Kala,Kavitha,Letchmi,Mageswari,Maniam,Mohan,Murali,Nadarajah,Nalini,Nathan,Parvathi,Pandian,Punitha,Radha,Raju,Rama,Rani,Ranjit,Renuka,Sangeetha,Santhi,Selvam,Selvi,Shalini,Sharmila,Shankar,Sundram,Sumathi,Surya,Thevi,Uma,Usha,Vani,Vasantha,Velu,Vimala,Yogesh,Jasbir,Harjit,Gurdip,Balwant,Manjit,Karpal,Amarjit,Kulwant,Simran,Thiru,Kannan,Ammu,Karthik,Kugan,Darshini,Tharani,Hema,Mathi,Puven,Sasi,Loges,Yoga,Theva,Prem,Arul,Vel"""
)
INDIAN_LAST = _w(
    """Nair,Pillai,Menon,Singh,Kaur,Rao,Naidu,Iyer,Samy,Maniam,Raman,Ramasamy,Sinnasamy,Munusamy,Palaniappan,Suppiah,Ponniah,Nadarajan,Sockalingam,Gopalan,Raju,Rajendran,Marimuthu,Karuppiah,Letchumanan,Annamalai,Chelliah,Kandiah,Vellu,Sivalingam,Ganapathy,Doraisamy,Balakrishnan"""
)
BORNEO = _w(
    """Jugah,Nyandang,Masing,Jabu,Uggah,Linggi,Entulu,Nansian,Snowdan,Sagah,Ajang,Balan,Baru,Dawos,Empiang,Gerai,Jantai,Kelesau,Lihan,Manggoi,Melai,Mering,Nanta,Ngau,Rayong,Salang,Sawing,Tugau,Ugak,Usat,Gimbad,Gimang,Gunting,Joseph,Kinsing,Lojimon,Majimbun,Maximus,Pairin,Siambun,Tingkalor,Wilfred,Yangkat,Bumburing,Dompok,Ewon,Madius,Tangau,Kitingan,Awang,Abang,Pengiran,Matusin,Suhaili"""
)
WESTERN = _w(
    """James,Sarah,Emily,John,Michael,David,Jennifer,Jessica,Daniel,Laura,Karen,Steven,Peter,Susan,Mary,Robert,Thomas,Kevin,Brian,Rachel,Nicole,Hannah,Olivia,Noah,Ethan,Lucas,Henry,George,Charles,Edward,Helen,Ruth,Diana,Alice,Nancy,Amanda,Stephanie,Rebecca,Cynthia,Amy,Angela,Shirley,Anna,Brenda,Vincent,Raymond,Patrick,Dennis,Jerry,Adam,Nathan,Jeremy,Roger,Gerald,Jason,Alex,Chris,Joanne,Joyce,Janet,Evelyn,Florence,Jacqueline,Josephine,Veronica,Caroline,Edwin,Desmond,Bernard,Francis,Jonathan,Melvin,Ivan,Kenneth,Ronald,Stanley,Winston,Bryan,Calvin,Clement"""
)
WORD_NAMES = _w(
    """Mai,Ngan,Nor,Sri,Baru,Lama,Sulong,Bongsu,Tuah,Gembira,Bahagia,Ceria,Jelita,Manja,Lembut,Merah,Putih,Hitam,Biru,Ungu,Jingga,Kuning,Jumaat,Rabu,Khamis,Ahad,Awal,Akhir,Seroja,Dahlia,Cempaka,Kenanga,Anggerik,Teratai,Bayu,Ombak,Pasir,Salju,Pelangi,Delima,Baiduri,Nilam,Zamrud,Berlian,Suasa,Perak,Tembaga,Besi,Awan,Langit,Fajar,Senja,Subuh,Syawal,Ramadan,Rejab,Muharam,Arif,Bijak,Cerdik,Tenang,Teguh,Kuat,Berani,Jujur,Mulia,Bestari,Saga,Lada,Halia,Serai,Pandan,Padi,Beras,Garam,Gula,Madu,Susu,Kopi,Kurma,Manggis,Nangka,Rusa,Kijang,Helang,Merak,Merpati,Kenari,Tiong,Belalang,Camar,Buyong,Ulat,Semut,Long,Alang,Ngah,Man,Boy,Girl,Baby,Junior,Prince,Princess,Summer,Autumn,Winter,Wednesday,Friday,Sunday,Melody,Harmony,Destiny,Trinity,Felicity,Clarity,Verity,Amity,Unity,Liberty,Prudence,Constance,Mercy,Glory,Victory,Blessing,Gift,Genesis,Sky,Rain,River,Brook,Forest,Ash,Olive,Hazel,Poppy,Ginger,Basil,Rosemary,Saffron,Amber,Jade,Opal,Sapphire,Diamond,Gold,Silver,Scarlet,Sandy,Woody,Rocky,Dusty,Misty,Stormy,Merry,Noble,True,Young,Best,Long,Short,Power,Bond,Love,Bright,Wise,Swift,Strong,Sharp,Savage,Story,Case,Page,Wood,Stone,Hill,Field,Marsh,Banks,Rivers,Waters,Price,Cook,Baker,Fisher,Butler,Mason,Carter,Potter,Walker,Hope,Trust,Courage,Thuli,Anbu,Amudha,Malar,Poo,Thangam,Velli,Mani,Muthu,Ponnu,Kanmani,Selvi,Inbam,Oli,Nila,Vaanam,Kodi,Tamil,Iniya,Kavi,Pawan,Preeti,Asha,Shanti,Khushi,Sukh,Prem,Jeevan,Grace,May,Mawar,Hope,Faith,Joy,April,June,August,Will,Mark,Rose,Lily,Bob,Bill,Art,Chance,Hunter,Sunny,Melati,Intan,Mutiara,Bunga,Suci,Indah,Bulan,Cahaya,Embun,Kasih,Putra,Jaya,Sue,Pat,Rich,Frank,Jack,Dawn,Eve,Iman,Amal,Damai,Aman,Seri,Ivy,Ruby,Pearl,Crystal,Daisy,Jasmine,Violet,Angel,Precious,Patience,Charity,Penny,Robin,Drew,Chase,Miles,Dean,Grant,Cherry,Candy,Honey,Star,Melur,Kencana,Permata,Puspa,Ratu,Raja,Bakti,Setia,Budi,Sabar,Nur,Cinta,Rindu,Ayu,Manis,Comel,Puteri,Ray,Guy,Gene,Skip,Major,Earl,Duke,King,Bishop,Christian,Bintang,Suria,Murni,Harapan,Hikmah,Syukur,Redha,Ikhlas,Adil,Putih,Hitam,Kaya,Long,Young,Sweet,Sandy,Victor,Ernest,Norm,Gay,Carol,Destiny,Serenity,Harmony,Melody,Aurora,Sky,Rain,River,Forest,Heath,Glen,Rusty,Buddy,Junior,Baby,Boy,Girl,Adik,Abang,Kakak,Sayang,Ria,Riang,Gembira,Anggerik,Kenanga,Kemboja,Delima,Zamrud,Berlian,Perak,Emas,Kekasih,Cantik,Molek,Jelita,Kancil,Rimau,Awan,Hujan,Guntur,Fajar,Senja,Malam,Siang"""
)
PARTICLES = _w(
    "lah,la,ah,eh,kan,lor,leh,meh,mah,hor,what,one,je,pun,tau,kot,wei,bah,da,dei,ya,okay,right"
)
FILLERS = _w(
    "uh,um,er,ah,hmm,like,you know,I mean,so,well,actually,macam,apa tu,apa nama,lepas tu,then,kan,eh,err,mm,basically,aa,haa,tu"
)
STATES = _w(
    """Johor,Kedah,Kelantan,Melaka,Malacca,Negeri Sembilan,Pahang,Perak,Perlis,Pulau Pinang,Penang,Sabah,Sarawak,Selangor,Terengganu,Kuala Lumpur,KL,Putrajaya,Labuan,JB,PJ,Negeri,KK,KB"""
)
WORLD = _w(
    """Singapore,Indonesia,Thailand,London,Australia,Melbourne,Sydney,Jakarta,Medan,Bangkok,Hatyai,India,Chennai,China,Hong Kong,Taiwan,Japan,Tokyo,Korea,Dubai,Saudi,Mecca,Madinah,Egypt,Cairo,Turkey,Istanbul,England,Manchester,Ireland,Dublin,Scotland,Germany,Berlin,France,Paris,Spain,Italy,Rome,Poland,Warsaw,Romania,Russia,Moscow,America,New York,Texas,California,Canada,Toronto,Brazil,Nigeria,Kenya,Myanmar,Nepal,Bangladesh,Dhaka,Pakistan,Lahore,Sri Lanka,Philippines,Manila,Vietnam,Brunei"""
)
TOWNS = _w(
    """Ipoh,Taiping,Teluk Intan,Seremban,Nilai,Kajang,Klang,Rawang,Sepang,Bangi,Shah Alam,Petaling Jaya,Subang,Cheras,Ampang,Setapak,Sentul,Kepong,Gombak,Puchong,Muar,Segamat,Pontian,Skudai,Mersing,Kulai,Kuantan,Temerloh,Raub,Pekan,Rompin,Kemaman,Besut,Setiu,Kota Bharu,Tumpat,Machang,Tanah Merah,Alor Setar,Sungai Petani,Kulim,Jitra,Langkawi,Kangar,Arau,Butterworth,Bukit Mertajam,Bayan Lepas,Georgetown,Jelutong,Nibong Tebal,Kota Kinabalu,Sandakan,Tawau,Keningau,Ranau,Kudat,Beaufort,Papar,Kuching,Miri,Sibu,Bintulu,Kapit,Limbang,Lawas,Serian,Sri Aman,Betong,Port Dickson,Rembau,Jelebu,Jasin,Masjid Tanah,Sabak Bernam,Banting,Kuala Selangor,Hulu Langat,Parit Buntar,Lumut,Sitiawan,Kampar,Gopeng,Bidor,Slim River,Tanjung Malim,Gerik,Lenggong,Cameron Highlands"""
)
PLACE_WORDS = _w(
    """Melati,Mawar,Cendana,Meranti,Jati,Bakau,Seraya,Kelicap,Merpati,Helang,Pantai,Mewah,Ria,Maju,Muhibbah,Universiti,Pahlawan,Tuah,Jebat,Kasturi,Lekir,Sultan,Abdullah,Ismail,Razak,Rahman,Ampang,Ipoh,Cheras,Klang,Sentosa,Desa,Murni,Impian,Saujana,Kinrara,Damansara,Tropika,Megah,Paramount,Len Seng,Connaught,Midah,Pandan,Keramat,Datuk Keramat,Semarak,Bunga Raya,Dahlia,Orkid,Kemboja,Anggerik,Duta,Tun Perak,Tun Razak,Masjid India,Petaling,Pudu,Imbi,Bukit Bintang,Raja Chulan,Pinang,Durian,Rambutan,Manggis,Langsat,Nangka,Kelapa,Pisang,Tembusu,Angsana,Balau,Chengal"""
)
SCHOOL_TYPES = _w(
    "SK,SMK,SJKC,SJKT,SM Sains,SMA,Sekolah Kebangsaan,Sekolah Menengah,Sekolah Agama,Sekolah,Kolej,Politeknik,Universiti,Tadika,Taska,Maktab,St,Convent,SMJK,Kolej Vokasional"
)
HEALTH_TYPES = _w(
    "Hospital,Hospital Besar,Hospital Daerah,HKL,Klinik,Klinik Kesihatan,KK,Poliklinik,Pusat Perubatan,Pusat Rawatan,General Hospital,Hospital Bahagia,Klinik Desa,Rumah Sakit,Institut,Pusat Pemulihan,MENTARI"
)
WORSHIP_TYPES = _w(
    "Masjid,Surau,Gereja,Kuil,Tokong,Gurdwara,St,Church of,Kuil Sri,Masjid Al,Surau An,Vihara,Temple"
)
GROUP_TYPES = _w(
    "Persatuan,Pertubuhan,Kelab,Yayasan,Rumah,Pusat Sokongan,Kumpulan,NGO,Badan,Kumpulan Sokongan,Persatuan Kesihatan Mental,Befrienders,Jabatan Kebajikan,Pejabat,Pejabat Daerah,Pejabat Pos,Balai Polis,Koperasi"
)
GROUP_TAILS = _w(
    "Support Group,Association,Society,Foundation,Centre,Home,Fellowship,Peer Group,Recovery Group,Recovery House,Club,Church,Care Centre,Clubhouse,Drop-in Centre,Medical Centre,Specialist Hospital,Clinic,Dental,Pharmacy,Secondary School,High School,College,University,Primary School"
)
FIRM_TYPES = _w(
    "Kilang,Kilang Papan,Kilang Kasut,Syarikat,Restoran,Kedai,Bengkel,Ladang,Pasar Raya,Hotel,Bank,Kopitiam,Warung,Butik,Salun"
)
FIRM_TAILS = _w(
    "Enterprise,Sdn Bhd,Trading,Holdings,and Sons,Motors,Electronics,Bakery,Industries,Logistics,Consultancy,Engineering,Construction,Plantation,Furniture,Supermarket,Hardware,Cafe,Bistro,Workshop,Tyres,Tailor,Hotel,Resort,Semiconductor,Transport"
)
KNOWN_BODIES = _w(
    """Universiti Malaya,UM,UKM,UiTM,USM,UPM,UTM,UIA,UUM,Taylor's University,Sunway University,Monash,MMU,UNIMAS,UMS,Grab,Shopee,Lazada,Maybank,CIMB,Public Bank,RHB,EPF,KWSP,LHDN,JPJ,PDRM,Tesco,Lotus's,Mydin,Giant,Petronas,Google,KKM,Ministry of Health,Kementerian Kesihatan,Bank Rakyat,Bank Islam,Tabung Haji,FELDA,MARA,TNB,Telekom,Maxis,Celcom,PPUM,HUKM,Hospital Kuala Lumpur,Hospital Bahagia,Hospital Permai,JKM,SOCSO,PERKESO,AADK,Proton,Perodua,Intel,Motorola,Flextronics,Top Glove,AirAsia,Pos Laju,KFC,McD,Secret Recipe,7-Eleven,Speedmart,AEON,Ikea,Malaysian Mental Health Association,MIASA,Befrienders"""
)
