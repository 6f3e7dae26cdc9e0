"""Given names of the region in small letters: those that are no common word of a language in which they are searched.

A name of another word's form is left out, as it would hold honest texts (`indah`, `putri`, `bình`). `kin_names` looks
for them where an ordinary word may stand as well: behind `ibu`, `chị gái` or `filha`, and before an age.
"""

from typing import Final

from suar.protocol.privacy.text.plain import nfkc

VIETNAMESE: Final = frozenset(
    nfkc(
        """
        mai hoa lan linh hương huong hường thảo thao ngọc ngoc hằng hạnh huệ hồng nga nhung oanh phượng phuong phương
        quỳnh quynh thúy thuý thuy thủy thuỷ thùy thuỳ trang trinh trâm tram tuyết tuyet uyên uyen vân vy xuân xuan yến yen
        diễm diem diệp diep diệu duyên duyen giang hân hiên hoài hoai huyền huyen hưng khánh khanh kiều kieu
        liễu nguyệt nguyet nhi quyên quyen trúc truc vinh tuấn tuan cường cuong dũng khoa kiên kien khôi lâm lộc phúc phuc sỹ tùng vũ
        """
    ).split()
)
"""Of one syllable, with and without the marks. Only looked for behind a Vietnamese word or before an age."""
FIRST_NAMES: Final = frozenset(
    # Thai and Lao; Khmer and Burmese; Indonesian and Malay; Filipino, Portuguese and Tetum; Tamil and others
    """
    malee malai somchai somsak somsri somying somporn sompong sombat somboon somkid somphone somphong somxay somchit sommai sommay
    suda sudarat sunee sunisa supaporn supansa suphan surachai surasak suree suriya suwan suwanna siriporn sirikit sirinya siriwan
    nok nong lek daeng pim ploi jiab kaew keo keomany kanya kanokwan
    kannika kritsana krisada wichai wirat wanida wanna wanpen wilai wilaiwan wimon worawut wuttichai prasert prasit prasong pranee
    prapa prayut preecha pornthip porntip pornchai phonthip phonsavanh bounmy bounmee bounthanh bounsong boonsri boonmee boonchai
    chaiyo chalerm chanida chanthy chanpen chutima chompoo duangchai duangjai khamla khamphone khampheng khamsing khanthaly
    jintana jirapa jiraporn ladda lamai lamphone latsamy manee maneerat manivanh mongkol narong nattaya natthida nittaya nopparat
    noy noukham orathai orawan pakorn panya patcharee phatcharin piyada piyaporn rattana rungtip saengdao samai saowanee saman
    sengdeuane sithong somjai souk soukanh thida thongchai thongdy thongkham udom viengkham vilayvanh vongdeuane yupin aphinya arunee
    apinya anong amphai ampai anchalee
    sreymom sreyneang sreypov sreypich sreyleak sreyroth sreymao sreyna chanthou chantha chanthea channary chenda bopha bophea sophea
    sopheap sophal sophorn sothea sokha sokhom sokhan sokun sokunthea sokny kunthea kosal rithy ratanak ratha rotha samnang sambath
    samnieng sitha sophy sovann sovannara sovannary theary thida vanna vannak vanny veasna visal vuthy borey bunthoeun chea
    daravuth davy kolab leakhena makara maly mealea monyroth nimol phally phanna pheakdey phearun piseth pisey
    ponlok raksmey reaksmey rachana seyha sinuon thavy thearith tola
    aung aye khin khaing kyaw kyi mya myint myo naing nandar nilar nwe phyo phyu sandar sein soe thandar
    thidar thiri thuzar tun yadanar zaw zin hnin hla htay htun kaung khine lwin nyein
    siti aminah aisyah aishah fatimah khadijah zainab halimah salmah salmiah mariam maryam rokiah rohana rosnah rosmah zaleha zaiton
    noraini norhayati norliza nurul nuraini nurhayati nurlaela nurjanah faridah farida latifah hasnah hamidah hafizah habibah jamilah
    kamariah kalsom khalijah maimunah maznah noriah normah ramlah rahimah sabariah saadiah safiah salbiah sharifah suhaila zarina zuraida
    dewi rina rini lina lia yanti wati suryani sulastri sumiati sukarni sutini partini painem wulan wulandari ratna kartini ayu
    dian desi devi eni erna evi fitriani yuli yulia yuliana yuni yunita ningsih nining novi rosmini
     tini tuti wiwik winarti susanti marlina melati nengsih
    ahmad ahmed mohd mohamad mohamed muhammad muhamad ali hassan hasan hussein husin ismail ibrahim yusof yusuf yusri osman usman rahman
    razak rashid azlan azman azmi faizal farid farhan fauzi hafiz hamid hamzah idris jamal kamal khairul mahmud malik mustafa
    nasir nazri omar rahim ridzuan roslan salleh shahrul sulaiman syafiq syed zainal zulkifli zul
    agus bambang joko slamet sugeng sukardi suharto sunarto supardi suparman suyanto wahyudi yanto yudi yudhi herman
    hendra heri dedi deni asep ujang tono tarno sutrisno rudi roni rahmat iwan irwan iskandar
    maria maricel maricris marites marivic mariel maribel marilou marilyn marlyn liza lisa lita lourdes jocelyn joselyn josie
    rosalie rosalinda rowena rodel rodrigo rommel ronaldo ricardo reynaldo renato ramon rafael jose josé josefa juan juana
    joão joao joana antonio antónio antónia antonia ana angelina angela analyn annalyn aida
    amelia amélia agostinho agostinha alberto alcina alfredo armando augusto bea belen benjamin bernadette carlos carmelita carmen carmina catarina
    cecilia cecília cristina delia domingas domingos edgar edna eduardo elena elisa elvira emilia emília
    erlinda esteban estela felix fernanda fernando filomena francisca francisco gemma genoveva gina
    helena henrique imelda ines inês isabel jaime jenny jerome joaquim jocel jorge julia júlia juliana julieta julio júlio lando laura
    leonor leticia liezel lorna lucia lúcia luis luís luisa luísa madalena manuel manuela marcelina margarida mario mário marta
    martinha miguel natalia natália nelia nena nestor nilda noel olga olinda orlando palmira paula
    paulo pedro rebeca remy rita roberto rosa rosita ruben santina sofia sónia susana tereza teresa
    teresinha teresita tomas tomás vicente victor zelia
    kavitha kavita kumar kumaran lakshmi letchumi meena priya raju rajesh ramesh saroja selvam suresh sumathi vasanthi
     ganesan gopal murugan muthu mutthu palani parvathi ranjini sangeetha thenmozhi vijaya yasmin
    fatima khadija rohima rahima nasima shahida hasina sadia rubina amina noor nur rafiq jahangir xiaohong xiaoli
    meiling xiaomei xiaofang lihua
    """.split()  # noqa: SIM905
)
"""Some of them, without the Vietnamese ones."""
