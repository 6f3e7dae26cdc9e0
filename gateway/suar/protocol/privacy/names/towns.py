"""Towns and districts of the eleven states whose names have two words or more, so that they are not taken for persons.

From GeoNames (CC BY 4.0): the larger ones, without those that are also names of persons, and without those recognised
by their first word (kinds.py).
"""

from typing import Final

TOWNS: Final = {
    "BN": """
        Batu Marang; Pad Nunok; Pengkalan Batu
    """,
    "ID": """
        Balai Pungut; Banda Aceh; Bandar Lampung; Banjar Wangsian; Bejubang Dua; Candi Prambanan; Deli Tua;
        Gambiran Satu; Gamping Lor; Gili Air; Gili Trawangan; Gongdanglegi Kulon; Gunung Kendil; Kebon Gunung;
        Labuan Bajo; Labuan Lombok; Labuhan Deli; Loa Janan; Muara Bungo; Muara Teweh; Naisano Dua; Nusa Dua;
        Pagar Alam; Pangkalan Brandan; Pekan Bahapal; Ranai Kota; Sumbawa Besar; Sumedang Utara; Terbanggi
        Besar; Tomok Bolon; Tuktuk Sonak; Tulangan Utara
    """,
    "KH": """
        Aachar Leak; Ampil Pram Daeum; Ampov Prey; Andoung Khmaer; Andoung Thma; Andoung Trabaek; Angk Tasaom;
        Angkor Angk; Angkor Meas; Angkor Sar; Anhchanh Rung; Anlong Reab; Anlong Thnaot; Anlong Veaeng; Areaks
        Tnaot; Banteay Meas Khang Kaeut; Boeng Kak Muoy; Boeng Kak Pir; Chhnok Tru; Chrang Chamreh Muoy; Damnak
        Khchas; Damrei Choan Khla; Damrei Phong; Doun Yay; Haong Samnam; Kantueu Pir; Khnach Romeas; Khpob
        Ateav; Kouk Trab; Koun Sat; Lvea Leu; Otdam Souriya; Ou Bei Choan; Ou Krasar; Ou Ruessei; Ou Smach; Paoy
        Paet; Preaek Khsay Kha; Preaek Prasab; Preaek Saman; Roka Kandal; Roka Khnaor; Sdach Kong Khang Cheung;
        Sen Monorom; Svay Rumpea; Ta Khmau; Tang Krasang; Tbeng Meanchey; Tuek Kraham; Tuol Tumpung; Veal Sbov;
        Voat Angk Khang Cheung; Voat Angk Khang Tboung; Yeang Dangkum
    """,
    "LA": """
        Dak Cheung; Houay Nga Na Song; Vang Vieng; Xam Nua
    """,
    "MM": """
        Ah Lel; Da Nyin Kone; Hmaw Bi; Keng Tung; Kone Ta La Paung; Mingala Tangnyunt; Mong La; Mong Yang; Mong
        Yawng; Oke Kan; Pauk Kone; Set Ka Lay; Thin Gan Kyun Gyi; Zee Kone
    """,
    "MY": """
        Alam Damai; Alor Gajah; Alor Merah; Anak Bukit; Ara Damansara; Assam Jawa; Ayer Hangat; Ayer Hitam; Ayer
        Itam; Ayer Molek; Ayer Tawar; Bagan Datoh; Bagan Samak; Bagan Serai; Bagan Tiang; Balik Pulau; Batang
        Berjuntai; Batang Kali; Batu Anam; Batu Arang; Batu Berendam; Batu Caves; Batu Feringgi; Batu Gajah;
        Batu Hitam; Batu Itam; Batu Kawan; Batu Kurau; Batu Pahat; Batu Tiga; Bayan Lepas; Buloh Kasap; Cangkat
        Jong; Chaah Bahru; Cherang Ruku; Damansara Damai; Denai Alam; Desa Parkcity; Desa Petaling; Durian
        Tunggal; FELDA Chini; FELDA Maokil; Felda Gugusan Adela; Forest City; Gelang Patah; George Town; Gua
        Musang; Guar Chempedak; Horizon Hills; Hulu Langat; Hulu Yam Lama; Hutan Melintang; Johor Bahru; Johor
        Jaya; Kangkar Baru; Kelapa Sawit; Kepala Batas; Ketengah Jaya; Klebang Besar; Kubang Semang; Kuchai
        Lama; Ladang Seri Kundang; Lahad Datu; Laman Permai; Layang Layang; Lubok Antu; Lurah Bilut; Mambang Di
        Awan; Mont Kiara; Mukim Pulai; Mutiara Damansara; Nanga Medamit; Nanga Merit; Nibong Tebal; Padang
        Endau; Padang Hang; Padang Mat Sirat; Padang Rengas; Padang Serai; Pantai Belimbing; Pantai Cenang;
        Pantai Remis; Parit Buntar; Parit Jawa; Parit Raja; Parit Sulung; Pasir Gudang; Pasir Mas; Pasir
        Panjang; Pasir Puteh; Paya Terubong; Pekan Nenas; Pekan Serkat; Pelabuhan Klang; Pengkalan Chepa;
        Pengkalan Kundor; Permatang Kuching; Petaling Jaya; Pokok Sena; Pontian Besar; Port Dickson; Putra
        Heights; Sabak Bernam; Sala Kechik; Selayang Baru Utara; Seri Iskandar; Seri Kembangan; Setia Alam;
        Setia Tropika; Sibu Jaya; Simpang Empat; Simpang Renggam; Slim River; Sri Petaling; Subang Jaya; Tanah
        Merah; Tanah Rata; Tapah Road; Tasek Glugor; Telaga Batu; Telaga Mas; Teloi Kanan; Templer Bestari;
        Tikam Batu; Tongkang Pechah; Tropicana Indah; Ujong Pasir; Ulu Kelang; Ulu Kinta; Ulu Tiram; Wakaf
        Baharu; Wangsa Maju
    """,
    "PH": """
        Angeles City; Bacolod City; Bago City; Bagong Barrio; Bagong Pagasa; Bagong Silang; Bagong Silangan;
        Batac City; Cabanatuan City; Cagayan de Oro; Calbayog City; Cavite City; Cebu City; Dupax Del Norte;
        Dupax del Sur; El Nido; General Santos; General Trias; Iligan City; Iriga City; La Carlota; La
        Castellana; La Paz; La Trinidad; Lapu-Lapu City; Las Pinas; Lipa City; Los Banos; Mabalacat City; Makati
        City; Mandaluyong City; Mandaue City; Marawi City; Marikina City; New Corella; Ozamiz City; Palayan
        City; Paranaque City; Pasig City; Roxas City; San Antonio; San Fernando; San Francisco; San Ildefonso;
        San Jose; San Jose del Monte; San Juan; San Leonardo; San Luis; San Mateo; San Miguel; San Narciso; San
        Nicolas; San Pablo; San Pascual; San Pedro; San Simon; Santa Ana; Santa Catalina; Santa Cruz; Santa
        Maria; Santa Rosa; Santo Tomas; Tagbilaran City; Tarlac City; Upper Bicutan
    """,
    "TH": """
        Ao Luek; Bamnet Narong; Bang Ban; Bang Bon; Bang Bon Nuea; Bang Bua Thong; Bang Kapi; Bang Khae; Bang
        Khae Nuea; Bang Khla; Bang Khlo; Bang Kho Laem; Bang Khun Non; Bang Khun Si; Bang Khun Thian; Bang
        Krathum; Bang Kruai; Bang Lamung; Bang Len; Bang Mun Nak; Bang Na; Bang Nam Priao; Bang Pa-in; Bang
        Pakong; Bang Phae; Bang Phai; Bang Phlat; Bang Racham; Bang Rak; Bang Rakam; Bang Saphan; Bang Sue; Bang
        Yai; Bang Yi Khan; Bangkok Noi; Bangkok Riverside; Bangkok Yai; Bo Phloi; Bo Rai; Bua Yai; Bueng Kum;
        Bueng Na Rang; Chai Badan; Chai Buri; Chai Wari; Chat Trakan; Chiang Kham; Chiang Khong; Chiang Klang;
        Chiang Saen; Chom Bueng; Chom Thong; Chon Daen; Chong Nonsi; Chorakhe Bua; Chum Phae; Damnoen Saduak;
        Dan Khun Thot; Den Chai; Det Udom; Din Daeng; Doembang Nangbuat; Dok Kham Tai; Don Sak; Dong Khilek;
        Hang Dong; Hat Yai; Hua Hin; Hua Sai; Huai Khot; Huai Khwang; Huai Mek; Huai Yot; Kabin Buri; Kaeng
        Khoi; Kaeng Khro; Kao Liao; Kaset Sombun; Kaset Wisai; Kham Sakae Saeng; Khanu Woralaksaburi; Khao
        Saming; Khao Wong; Khao Yoi; Khiri Mat; Khon Buri; Ko Chang; Ko Chang Tai; Ko Kood; Ko Lanta; Ko Pha
        Ngan; Ko Samui; Koh Tao; Kosum Phisai; Krathum Baen; Kui Buri; Kut Chap; Laem Ngop; Laem Sing; Lak Si;
        Lan Krabue; Lan Sak; Lang Suan; Lat Krabang; Lat Phrao; Lat Yao; Lom Sak; Mae Chai; Mae Ramat; Mae Sai;
        Mae Sot; Mae Tha; Mai Khet; Muban Thep Thani; Mueang Nonthaburi; Na Di; Na Klang; Na Mom; Na Wa; Nai
        Harn; Nakhon Luang; Nakhon Thai; Nam Som; Nang Rong; Non Sang; Non Sung; Non Thai; Nong Chik; Nong Chok;
        Nong Khae; Nong Khaem; Nong Ki; Nong Kung Si; Nong Phai; Nong Wua So; Nuea Khlong; Pa Daet; Pa Sang; Pak
        Chong; Pak Kret; Pak Phanang; Pathum Wan; Phai Sali; Phak Hai; Phan Thong; Phanat Nikhom; Phang Nga;
        Phanom Sarakham; Phanom Thuan; Phasi Charoen; Phaya Thai; Phayakkhaphum Phisai; Phayuha Khiri; Phi Phi
        Don; Phibun Mangsahan; Pho Thong; Phon Charoen; Phra Khanong; Phra Phutthabat; Phra Pradaeng; Phrai
        Bueng; Phu Khiao; Phu Kradueng; Pom Prap Sattru Phai; Pong Nam Ron; Prakhon Chai; Pran Buri; Pueai Noi;
        Rat Burana; Ron Phibun; Rong Kwang; Sai Buri; Sam Phran; Sam Roi Yot; Sam Sen Nai; San Kamphaeng; San Pa
        Tong; Sangkhla Buri; Saphan Sung; Sawang Daen Din; Sawang Wirawong; Si Bun Rueang; Si Chiang Mai; Si
        Maha Phot; Si Mahosot; Si Racha; Si Satchanalai; Soeng Sang; Su-ngai Kolok; Suan Luang; Sung Noen; Tak
        Bai; Takua Pa; Taling Chan; Taphan Hin; Tha Bo; Tha Kham; Tha Khanon; Tha Mai; Tha Maka; Tha Muang; Tha
        Raeng; Tha Ruea; Tha Yang; Tham Phannara; Thap Khlo; Thap Than; That Phanom; Thawi Watthana; Thon Buri;
        Thung Khru; Thung Song; Wang Nam Yen; Wang Noi; Wang Sai Phun; Wang Saphung; Wang Thonglang; Wapi
        Pathum; Warin Chamrap; Wat Arun; Wat Tha Phra; Wiang Sa; Wichian Buri; Wiset Chaichan; Yan Nawa; Yang
        Talat
    """,
    "TL": """
        Pante Makasar
    """,
    "VN": """
        Ba Chúc; Ba Chẽ; Ba Hàng; Ba Vì; Ba Đồn; Buôn Ma Thuột; Buôn Trấp; Bà Nà; Bình Thạnh; Bình Thủy; Bản Na
        Hỷ; Bắc Từ Liêm; Bến Cát; Bến Thủy; Cai Lậy; Cam Lộ; Cam Ranh; Chợ Lớn; Chợ Mới; Cái Răng; Cái Đôi Vàm;
        Cát Bà; Côn Đảo; Cần Giuộc; Cần Giờ; Cần Đước; Cầu Diễn; Cầu Giấy; Cẩm Lệ; Cẩm Phả; Cẩm Xuyên; Cổ Lóa;
        Cổ Đô; Cờ Đỏ; Củ Chi; Cửa Lô; Da Nang; Điện Biên Phủ; Dịch Vọng; Ea Drăng; Ea H'Leo; Ea Hiao; Ea Pô; Ea
        T'ling; Giá Rai; Gành Hào; Gò Công; Gò Vấp; Hoàn Kiếm; Hoàn Lão; Hàm Ninh; Hàng Trạm; Khe Sanh; La Gi;
        Lai Vung; Láng Thượng; Lăng Cô; Mũi Né; Móng Cái; Mường Chà; Mường Khương; Mường Lay; Mường Nhé; Mạo
        Khê; Mỹ Hào; Mỹ Khê; Mỹ Lại; Mỹ Tho; Na Hang; Na Sầm; Ngã Bảy; Ngã Năm; Ngải Giao; Nhà Bàng; Nhà Bè; Núi
        Sập; Năm Căn; Nước Hai; Phong Thạnh; Phong Điền; Phú Quốc; Phú Khương; Phú Mỹ; Phước Bửu; Phố Lu; Phố
        Ràng; Phổ Yên; Quy Nhơn; Quán Hàu; Quảng Phú; Rạch Giá; Rạch Gốc; Sa Đéc; Sa Pa; Sa Rài; Suối Nghệ; Sông
        Công; Sông Cầu; Tam Giang; Tam Kỳ; Thượng Cát; Thạnh Phú; Thất Khê; Thốt Nốt; Thổ Tăng; Thới Bình; Thới
        Lai; Thủ Dầu Một; Tiên Yên; Tràm Chim; Trại Khoai; Trảng Bom; Trảng Bàng; Tuần Giáo; Tây Mỗ; Tây Đằng;
        Tịnh Biên; Vĩnh Thạnh; Vĩnh Tuy; Vĩnh Yên; Vụ Bản; Xuyên Mộc; Xóm Cái Nước; Đà Lạt; Óc Eo; Đan Phượng;
        Điện Bàn; Đông Phú; Đông Triều; Đại Từ; Đại Đồng; Đất Đỏ; Đống Đa; Đồng Hới; Đồng Xoài; Đồng Đăng
    """,
}
