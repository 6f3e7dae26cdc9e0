"""Capitalised words that are not names: places, peoples, institutions, law, the calendar, and starts of sentences.

The list is deliberately small, because a pair of capitalised words that is not in it only holds the message.
"""

from typing import Final

PLACES: Final = frozenset(
    """
    asia southeast asean mekong pacific europe africa america oceania gulf arab saudi arabia emirates middle east west north south
    northern southern eastern western central upper lower greater new zealand united states kingdom nations hong kong taiwan china india
    bangladesh nepal pakistan sri lanka japan korea republic australia uzbekistan mongolia nigeria uganda kenya ethiopia macau
    thailand viet nam vietnam myanmar burma cambodia lao laos pdr malaysia singapore indonesia philippines brunei darussalam timor leste
    bangkok don mueang suvarnabhumi chiang rai mai mae sot sai sariang hong son tak ranong songkhla hat yai padang besar sadao sa kaeo aranyaprathet
    nong khai udon thani ubon ratchathani phuket pattaya khon kaen trat chanthaburi kanchanaburi sungai kolok narathiwat samut sakhon
    ha noi hanoi ho chi minh da nang hai phong quang ninh mong cai lang son lao cai can tho tay ninh moc bai an giang dong nai nghe an ha giang
    hà nội hồ chí minh đà nẵng hải phòng quảng ninh móng cái lạng sơn lào cai cần thơ tây ninh mộc bài đồng nai nghệ hà giang bà rịa vũng tàu cô tô
    phnom penh poipet bavet sihanoukville preah sihanouk siem reap battambang kampot banteay meanchey svay rieng koh kong
    vientiane bokeo ton pheung luang prabang savannakhet champasak pakse boten namtha golden triangle
    yangon naypyidaw mandalay myawaddy kk shwe kokko tachileik muse laukkai lashio shan kayin karen kachin mon rakhine kokang wa dawei
    kuala lumpur johor bahru bharu penang pulau pinang sabah sarawak kota kinabalu kelantan rantau panjang langkawi tawau sandakan putrajaya selangor
    jakarta batam riau kepulauan islands bali jawa java timur barat tengah utara selatan nusa tenggara kalimantan sumatera sumatra sulawesi
    medan surabaya nunukan entikong tanjung balai karimun dumai lombok kupang papua maluku bintan
    manila metro quezon city cebu davao zamboanga tawi mindanao luzon visayas palawan clark pampanga ninoy aquino pasay bataan subic bongao
    bandar seri begawan temburong tutong belait kuala muara dili baucau oecusse maliana suai atambua
    yunnan guangxi ruili kunming guangzhou shenzhen delhi dhaka kathmandu colombo doha dubai kuwait taipei tokyo seoul
    member province provinces kawasan township townships sea river strait straits bay border bridge road route highway island port airport lake delta basin
    """.split()  # noqa: SIM905 - three hundred words read better as text
)
PEOPLES: Final = frozenset(
    """
    thai thais vietnamese burmese cambodian cambodians khmer laotian malaysian malay singaporean indonesian indonesians filipino filipinos filipina filipinas
    bruneian timorese chinese indian bangladeshi nepali nepalese pakistani rohingya hmong karenni akha lahu bengali tamil english french
    african asian european american australian japanese korean uzbek kenyan ugandan ethiopian mandarin cantonese tagalog bahasa wni wna pmi pmln pati ofw ofws muslim buddhist christian
    """.split()  # noqa: SIM905
)
INSTITUTIONS: Final = frozenset(
    """
    ministry minister department bureau office agency authority board commission committee council court centre center unit desk division section
    police immigration customs navy coast guard army border borders force forces task team squad directorate inspectorate secretariat embassy consulate
    government national royal federal state provincial district municipal regional international general joint special senior officer officers
    act law code decree regulation regulations order circular convention protocol treaty agreement memorandum understanding declaration resolution constitution plan action
    article section chapter annex part schedule clause rule rules standard standards guideline guidelines manual framework mechanism policy strategy programme program project
    operation campaign exercise initiative forum conference workshop dialogue network partnership alliance federation union league
    anti trafficking smuggling human persons person women woman children child victims victim migrant migrants workers worker labour labor welfare social
    health justice foreign affairs interior home security public prosecution prosecutor attorney judicial supreme high
    support protection assistance reintegration repatriation shelter shelters home house hotline helpline service services referral rescue crisis
    focal university universitas universiti unibersidad yayasan lembaga school college institute hospital clinic ministry's academy foundation society association organisation organization organizations mission church
    bank company corporation limited ltd airlines airways hotel casino resort park tower market plaza mall terminal checkpoint station gate zone economic industrial
    palermo interpol aseanapol unodc iom ilo unhcr unicef ecpat bali process transnational organized organised crime crimes
    convention's level meeting ministers heads report reports statistics survey bulletin review annual quarterly world day week month
    facebook messenger telegram whatsapp line wechat tiktok instagram google viber zalo youtube twitter
    kementerian jabatan dinas badan polda polri polisi kepolisian pusat gugus tugas direktorat jenderal kejaksaan pengadilan mahkamah undang peraturan pemerintah
    akta antipemerdagangan antipenyeludupan migran majlis majelis jenayah pemerdagangan perdagangan orang manusia wanita anak perempuan tenaga kerja luar negeri dalam republik negara suruhanjaya imigresen imigrasi
    kagawaran kawanihan tanggapan batas komisyon lungsod lalawigan paliparan kalihim republika pilipinas manggagawa dayuhan
    bộ công an cục biên phòng tỉnh thành phố huyện viện tòa án luật nghị định trung tâm hội liên hiệp phụ nữ xã quốc tế
    january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday
    januari februari mac maret mei jun juni julai juli ogos agustus september oktober november disember desember
    isnin selasa rabu khamis kamis jumaat jumat sabtu ahad minggu senin enero pebrero marso abril mayo hunyo hulyo agosto setyembre oktubre nobyembre disyembre
    pemberdayaan pelindungan perlindungan ketenagakerjaan kesehatan hukum hak asasi penempatan pelayanan pembangunan keluarga masyarakat sumber wilayah persekutuan
    front body bodies polis diraja agensi penguatkuasaan maritim mandarayuhan pandarayuhan manggagawang region regions autonomous administrative capital prefecture bangsamoro ugnayang panlabas panloob katarungan kagalingan kalusugan edukasyon pambansa pulisya pagawaan rehiyon
    ministério ministériu ministros ministra secretaria sekretaria sekretáriu direção diresaun município municipio munisípiu polícia polísia nacional nasionál justiça justisa
    solidariedade negócios negósiu estrangeiros estranjeiru comissão komisaun tribunal tribunál procuradoria prokuradoria migração migrasaun
    youth rehabilitation veterans cooperative arrangement pelabuhan talian pagpapaunlad panlipunan year
    civil criminal appeal appeals petition ops recovery overseas aeroportu aeroporto
    lunes martes miyerkules huwebes biyernes sabado linggo
    """.split()  # noqa: SIM905
)
REFERENCES: Final = frozenset(
    "case cases no nos number ref reference file doc document docket kes kaso blg nomor nombor kasus perkara putusan processo prosesu".split()  # noqa: SIM905
)
"""Capitalised words before the number of a case or a document."""
STARTS: Final = frozenset(
    """
    a an the this that these those some many most several few all both each every other another no none two three four five six seven eight nine ten
    in on at by for from to of with without under over after before during between among since until when while where if as and but or because although
    according about near inside outside across along around against via per once still also then there here it its he she they we you i his her their our my
    recruiters recruiter victims victim travellers traveller women men girls boys children child persons people workers migrants families officers authorities
    call report contact ask tell see use please do not new more less only
    di dari ke pada untuk dengan oleh bagi dalam yang dan atau ini itu para korban mangsa pekerja seorang warga banyak beberapa semua sejak setelah selepas ketika apabila jika
    ang mga sa ng si ni kay mula noong kapag kung ayon bago matapos isang dalawang tatlong maraming lahat hindi
    các những một hai ba nhiều tại ở từ trong khi sau trước theo và hoặc với cho người nạn nhân đối tượng công
    """.split()  # noqa: SIM905
)
KNOWN: Final = PLACES | PEOPLES | INSTITUTIONS
