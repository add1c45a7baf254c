/**
 * Stop words of 28 languages, lower case, parted by blanks. Written by scripts/stop-words.ts from the npm package
 * `stopword` (MIT License, copyright Fergus McDowall): texts, because lists take a cold start longer to load.
 */
export const latinStopWords = `
9 a aan ab abba abban abbia abbiamo abbiano abbiate abból aber about aby acaba acea aceasta această aceea acei aceia
acel acela acele acelea acep acest acesta aceste acestea aceşti aceştia ach acht achte achten achter achtes acolo
acord acum acz aczkolwiek ad ada adalah adanya adapun addig aderton adertonde adeta adjö af after ag agak agaknya agar
agl agli ahhoz ahogy ahoj ahol ai aia aibă aici aie aient aies aikana ait aj akan akankah akhir akhiri akhirnya aki
akik akkor aku akulah akár al alapján alatt alatta alattad alattam alattatok alattuk alattunk albo aldrig ale alea
ależ all alla allas alle allein allem allen aller allerdings alles allgemeinen allo allt alltid alltså als also alt
altceva altcineva altijd altmış altı alá alád alájuk alám alánk alátok alól alóla alólad alólam alólatok alóluk
alólunk am ama amat amatlah amely amelyből amelyek amelyekben amelyeket amelyet amelyik amelynek ami amikor amit
amolyan amott amíg an ancak anche and anda andalah anden ander andere anderem anderen anderer anderes anderm andern
anderr anders andet andra andras andre anebo ani annak annan annat annál ano another antar antara antaranya any ao aos
apa apaan apabila apakah apalagi apatah aquela aquelas aquele aqueles aquilo ar arada are arra arról artinya artonde
artonn artık as asal asalkan asemenea asi aslında aspoň asta astea astăzi asupra at atas atau ataukah ataupun atd atp
att attól até au auch auf aura aurai auraient aurais aurait auras aurez auriez aurions aurons auront aus ausser
ausserdem aux außer außerdem av avaient avais avait avea avec avem avemmo avendo avesse avessero avessi avessimo
aveste avesti avete aveva avevamo avevano avevate avevi avevo avez aveţi aviez avions avoir avons avrai avranno
avrebbe avrebbero avrei avremmo avremo avreste avresti avrete avrà avrò avuta avute avuti avuto awal awalnya ayant
ayez aynen ayons ayrıca az azi aznap azok azokat azokba azokban azokból azokhoz azokig azokkal azokká azoknak azoknál
azokon azokra azokról azoktól azokért azon azonban azonnal azt aztán azután azzal azzá azért ačkoli aş aşadar aţi aż
až b bagai bagaikan bagaimana bagaimanakah bagaimanapun bagi bagian bahkan bahwa bahwasanya bakal bakalan bakom bal
bald balik balra ban bana banyak bapak bara bardziej bardzo bare bari baru bawah bazen bazı başka be beberapa because
been before begge begini beginian beginikah beginilah begitu begitukah begitulah begitupun behöva behövas behövde
behövt bei beide beiden beim being beispiel bekannt bekerja belakang belakangan belki belum belumlah belé beléd
beléjük belém belénk belétek belül belőle belőled belőlem belőletek belőlük belőlünk ben benar benarkah benarlah
benden beni benim benne benned bennem bennetek bennük bennünk berada berakhir berakhirlah berakhirnya berapa berapakah
berapalah berapapun berarti berawal berbagai berdatangan bereits beri berikan berikut berikutnya berjumlah
berkali-kali berkata berkehendak berkeinginan berkenaan berlainan berlalu berlangsung berlebihan bermacam
bermacam-macam bermaksud bermula bersama bersama-sama bersiap bersiap-siap bertanya bertanya-tanya berturut
berturut-turut bertutur berujar berupa besar beslut beslutat beslutit besonders besser besten betul betulkah between
bez beze beş biasa biasanya bij bila bilakah bile bin bine bir biraz biri birkaç birkez birçok birşey birşeyi bis bisa
bisakah bisher bist biz bizden bize bizi bizim bland ble blev bli blir blitt blive bliver blivit blízko bo bohužel
boleh bolehkah bolehlah bort borta both bowiem bra brzo bu buat bucur bude budem budeme budete budeš budou budu bukan
bukankah bukanlah bukannya bulan buna bunda bundan bung bunlar bunları bunların bunu bunun bună burada but by byl byla
byli bylo byly bynajmniej bys być był była było były bár bárcsak bármilyen bäst bättre båda bådas både böyle böylece
búcsú bütün být będzie będą během bị bởi c ca cali came can cara caranya care caut cała cały ce ceci cel cela ces cet
cette ceva chce chceme chcete chceš chci che chi chiar chiếc cho chtít chtějí chut' chuti chuyện chưa chỉ chứ ci
ciebie cikk cikkek cikkeket cinci cine cineva cię co coi cokolwiek col com come como con contra contro could coś což
csak csakhogy csupán cu cual cuando cui cukup cukupkah cukuplah cum cuma cumva curând curînd cz czasami czasem czemu
czy czyli càng các cái când cât câte câtva câţi cînd cît cîte cîtva cîţi có cùng că căci cărei căror cărui către cũng
cả cần của cứ d d.h da daar dabei dacă dadurch dafür dag dagar dagarna dagegen dagen dagl dagli daha daher dahi dahil
dahin dahinter dahulu dai daima dair dal dalam daleko dall dalla dalle dallo další damals damit dan danach daneben
dank dann dans dapat dar daran darauf daraus darf darfst dari darin daripada darum darunter darüber das dasein
daselbst dass dasselbe dat datang datorită dată dau davon davor dayanarak dazu dazwischen daß de deci defa deg degl
degli dehogy dei dein deine deinem deinen deiner deines deja dekat del dela delas dele delen deles dell della delle
dello dem dementsprechend demgegenüber demgemäss demgemäß demi demikian demikianlah demselben demzufolge den denen
dengan denn denna denne denselben deoarece depan departe depois der deras dere deren derer deres derjenige derjenigen
dermassen dermaßen derselbe derselben des desde deset deshalb dess dessa desselben dessen deswegen det detta dette
devatenáct devět deze deđil değil deşi di dia diakhiri diakhirinya dialah diantara diantaranya diberi diberikan
diberikannya dibuat dibuatnya dich did didapat didatangkan die diejenige diejenigen dies diese dieselbe dieselben
diesem diesen dieser dieses dig digunakan diibaratkan diibaratkannya diingat diingatkan diinginkan dijawab dijelaskan
dijelaskannya dikarenakan dikatakan dikatakannya dikerjakan diketahui diketahuinya dikira dilakukan dilalui dilihat
dimaksud dimaksudkan dimaksudkannya dimaksudnya diminta dimintai dimisalkan dimulai dimulailah dimulainya dimungkinkan
din dina dinaintea dine dini dintr- dintre dipastikan diperbuat diperbuatnya dipergunakan diperkirakan diperlihatkan
diperlukan diperlukannya dipersoalkan dipertanyakan dipunyai dir diri dirinya disampaikan disebut disebutkan
disebutkannya disini disinilah disse dit ditambahkan ditandaskan ditanya ditanyai ditanyakan ditegaskan ditt ditujukan
ditunjuk ditunjuki ditunjukkan ditunjukkannya ditunjuknya dituturkan dituturkannya diucapkan diucapkannya diungkapkan
diye diđer diğer dla dlaczego dlatego dnes do dobrze dobrý docela doch dock doen dog doi doilea doksan dokuz dokąd
dolayı dolayısıyla dom donde dong door dort dos două dov dove dość drei drept drin dritte dritten dritter drittes du
dulu după durante durch durchaus durfte durften dus dużo dva dvacet dvanáct dvě dwa dwaj dwie dwoje dzisiaj dziś dál
dále där därför då dört dürfen dürft dă děkovat děkujeme děkuji dưới e ea each ebbe ebben ebbero ebbi ebből eben
ebenso ed eddig edecek eden ederek edilecek ediliyor edilmesi ediyor een eens efter eftersom egy egyebek egyebet
egyedül egyelőre egyes egyet egyetlen egyik egymás egyre egyszerre egyéb együtt egész egészen ehhez ehrlich ei eigen
eigene eigenen eigener eigenes ein einander eine einem einen einer eines einig einige einigem einigen einiger einiges
einmal eins ej ekkor el ela elas ele eleinte eles elf elfte eli ella elle ellen ellenes elleni ellenére eller elli
elmondta első elsők elsősorban elsőt elva elé eléd elég eléjük elém elénk elétek elő előbb elől előle előled előlem
előletek előlük előlünk először előtt előtte előtted előttem előttetek előttük előttünk előző em emilyen emot empat en
end ende endlich ene eneste engem enggak enggaknya enhver enkel enkelt enkla enligt enn ennek ennen ennyi ennél ens
ensimmäinen ensimmäisen entah entahlah entre entweder enyém er era eram erano eravamo eravate eri ernst ero erre erről
ers erst erste ersten erster erstes ert es ese esetben esimerkiksi eso essa essas esse essendo esses est esta estas
este estes et etmesi ett etter etti ettiği ettiğini ettusen että ettől etwa etwas eu euch eue euer eues eure eurem
euren eurent eurer eures eus eusse eussent eusses eussiez eussions eut eux ez ezek ezekbe ezekben ezekből ezeken
ezeket ezekhez ezekig ezekkel ezekké ezeknek ezeknél ezekre ezekről ezektől ezekért ezen ezentúl ezer ezret ezt ezután
ezzel ezzé ezért eûmes eût eûtes eđer eğer eşti f faccia facciamo facciano facciate faccio face facemmo facendo
facesse facessero facessi facessimo faceste facesti faceva facevamo facevano facevate facevi facevo fai faire fakat
fanno fanns far farai faranno farebbe farebbero farei faremmo faremo fareste faresti farete farà farò fata fece fecero
feci fel fele felek felet felett felé fem femte femtio femtionde femton femtonde fent fenti fi fick fie fiecare fii
fik fim fin finnas finns fire fiu fiţi fjorton fjortonde fjärde fler flera flere flesta fleste folgende for fordi
forrige fosse fossero fossi fossimo foste fosti fra fram framför from frumos från früher fu fui fummo furent furono
fus fusse fussent fusses fussiez fussions fut fyra fyrtio fyrtionde få får fått fél följande fölé för före förlåt
förra första før fûmes fût fûtes fünf fünfte fünften fünfter fünftes für fără g gab ganz ganze ganzen ganzer ganzes
gar gdy gdyby gdyż gdzie gdziekolwiek gdzieś ge gedurft geen gegen gegenüber gehabt gehen geht gekannt gekonnt gemacht
gemocht gemusst genast genom genug gerade gern gesagt geschweige get geweest gewesen gewollt geworden gibi gibt gick
ging gjorde gjort gleich gli god goda godare godast godt got gott graţie gross grosse grossen grosser grosses groß
große großen großer großes guna gunakan gut gute guter gutes gyakran gälla gäller gällt gärna gå går gått gì gör göra
göre h ha haar hab habe haben habt had hadde hade haft hai hal halbuki halbă halen halló ham hamar hampir han hanem
hangi hani hanno hans hanya hanyalah har hariç harmadik harmadikat harminc harus haruslah harusnya has hast hasta hat
hatodik hatodikat hatot hatta hatte hatten hattest hattet hatvan havde have he heb hebben heeft heisst hej hele heller
hellre helst helt helyett hem hendak hendaklah hendaknya hende hendes hennar henne hennes henüz hep hepsi her here
herhangi herkes herkesin het hetedik hetediket hetet hetven heute hier hij him himself hin hingga hinter hirtelen his
hiszen hit hiába hiç hiçbir ho hoch hodně hoe hogy hogyan hol holnap holnapot hon honnan honom hos hova how hozzá
hozzád hozzájuk hozzám hozzánk hozzátok hun hundra hundraen hundraett hur hurrá huszadik hva hvad hvem hver hvilke
hvilken hvis hvor hvordan hvorfor hvornår hány hányszor hármat három hát hátha hátulsó hän hänen hänet här hätte
hätten hét hög höger högre högst húsz i ia ialah iar ibarat ibaratkan ibaratnya ibland ich ici icke idag ide ide-оda
idén iemand ieri iets if igazán igen igår ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres ik iken iki ikke ikut il ila
ile ilgili ilk ill illa illetve ils ilyen ilyenkor im immer immár imorgon in ind indem infolgedessen inför inga ingat
ingat-ingat ingen ingenting inget ingin inginkah inginkan ini inikah inilah inkább inn inna innan inne inni inny
innych inom ins inte intet into inuti io irgend is ise ismét ison isso ist isto it itibaren itibariyle itt itu itukah
itulah iyi iyice için işte iż j ja jadi jadilah jadinya jag jahr jahre jahren jak jakaś jakby jaki jakichś jakie jakiś
jakiż jakkolwiek jakmile jako jakoś jakož jangan jangankan janganlah jauh jawab jawaban jawabnya jde je jede jedem
jeden jedenáct jeder jedermann jedermanns jedes jedna jednak jednakże jedno jednou jedoch jedou jeg jego jeho jehož
jej jejich její jelas jelaskan jelaslah jelasnya jelenleg jelikož jemand jemandem jemanden jemu jen jene jenem jenen
jener jenes jenom jer jeres jest jestem jestli jestliže jeszcze jetzt jeśli ještě jeżeli jež ji jich jika jikalau jimi
jinak jiné již jo jobban jobbra joka jolloin jonka jossa jotka jsem jseš jsi jsme jsou jste ju juga jumlah jumlahnya
just justru już já jälkeen jämfört jí jím jíž jó jól jólesik jóval jövőre ją k kadar kaksi kala kalau kalaulah
kalaupun kalian kam kami kamilah kamu kamulah kan kann kannst kanske kanssa kanımca kapan kapankah kapanpun karena
karenanya karşın kasus kata katakan katakanlah katanya katrilyon kaudella kauden kaum każdy kde kdo kdy když ke
keadaan kebetulan kecil kedua keduanya kein keine keinem keinen keiner keines keinginan kelamaan kelihatan
kelihatannya kelima kell kellene kellett kelljen keluar kembali kemudian kemungkinan kemungkinannya kenapa kendi
kendilerine kendini kendisi kendisine kendisini kepada kepadanya kere keressünk keresztül kesampaian keseluruhan
keseluruhannya keterlaluan ketika ketten kettő kettőt kevés kez keşke khi khususnya không ki kiben kiből kicsit
kicsoda kiedy kihez kik kikbe kikben kikből kiken kiket kikhez kikkel kikké kiknek kiknél kikre kikről kiktől kikért
kilenc kilencedik kilencediket kilencet kilencven kilka kim kimden kime kimi kimse kimś kin kinek kini kinilah kinél
kira kira-kira kiranya kire kiről kit kita kitalah kitől kivel kivé kié kiért kleine kleinen kleiner kleines knappast
kok kolik kolme kom komma komme kommen kommer kommit kommt kon konnte konnten korábban kr kromě kterou která které
který kteří kto ktokolwiek ktoś która które którego której który których którym którzy ku kuin kuitenkin kun kunde
kunna kunnat kunne kunnen kurang kurz kuten kvar kvůli képest kérem kérlek kész késő később későn két kétszer kívül
können könnt könnte körül köszönhetően köszönöm közben közel közepesen közepén közé között közül külön különben
különböző különbözőbb különbözőek kırk kısaca l la lad lagi lagian lah lain lainnya lakin lalu lama lamanya lang lange
lanjut lanjutnya las lassan lat lav le lebih lecz legalább legat legyen lehet lehetetlen lehetett lehetőleg lehetőség
lei leicht leide lenne lenni lennék lennének les lesz leszek lesznek leszünk lett lettek lettem lettünk leur leurs
lewat lhe lhes li lidt lieber lige ligga ligger lika like likställd likställda lilla lille lima lisäksi lite liten
litet lo lor loro los luar lub lui luvulla luvun là lângă länge längre längst lätt lättare lättast långsam långsammare
långsammast långsamt långt låt lévő lên lîngă lúc lại m ma maar macam machen macht machte madem mag maga magad magam
magatokat magst magukat magunkat magát mahn mai mais majd majdnem mají mają maka makanya make makin mal malah malahan
mam mampu mampukah man mana manakala manalagi manapság manche manchem manchen mancher manches mand mange mann many mas
masa masalah masalahnya masih masihkah masing masing-masing mau maupun mało me mea med meer meg megcsinál megcsinálnak
meget megint megvan mehr mei mein meine meinem meinen meiner meines mej melainkan melakukan melalui mele melihat
melihatnya mellan mellett mellette melletted mellettem mellettetek mellettük mellettünk mellom mellé melléd melléjük
mellém mellénk mellétek mellől mellőle mellőled mellőlem mellőletek mellőlük mellőlünk mely melyek melyik memang
memastikan memberi memberikan membuat memerlukan memihak meminta memintakan memisalkan memperbuat mempergunakan
memperkirakan memperlihatkan mempersiapkan mempersoalkan mempertanyakan mempunyai memulai memungkinkan men menaiki
menambahkan menandaskan menanti menanti-nanti menantikan menanya menanyai menanyakan mendapat mendapatkan mendatang
mendatangi mendatangkan menegaskan mengakhiri mengapa mengatakan mengatakannya mengenai mengerjakan mengetahui
menggunakan menghendaki mengibaratkan mengibaratkannya mengingat mengingatkan menginginkan mengira mengucapkan
mengucapkannya mengungkapkan menjadi menjawab menjelaskan mennyi mens mensch menschen menuju menunjuk menunjuki
menunjukkan menunjuknya menurut menuturkan menyampaikan menyangkut menyatakan menyebutkan menyeluruh menyiapkan mer
mera merasa mere mereka merekalah mereu mert merupakan mes meski meskipun mesmo mest met meu meus meyakini meyakinkan
mezi međer mi mia miatt miatta miattad miattam miattatok miattuk miattunk mibe miben miből mich mie miei mig might
mihez mij mijn mik mikbe mikben mikből miken miket mikhez mikkel mikké miknek miknél mikor mikre mikről miktől mikért
milyar milyen milyon mimo min mina mind mindegyik mindegyiket minden mindenesetre mindenki mindent mindenütt mindig
mindketten mindre mine minek minha minhas minket minst mint minta mintha minél mio mir mire mirip miről misal misalkan
misalnya mit mitt mittel mittemot mitől mivel mivé miért między mm mne mnie mnou mną mně moc mochte mochten mod moet
mogą mohl mohou moi moim moja moje moji mon mondta more morgen most mostanáig mot może możliwe można možná mu muassa
much muito muitos mukaan mula mulai mulailah mulanya mult multă mulţi mulţumesc mungkin mungkinkah musi muss musst
musste mussten must musí mutta muun muy muß mußt my mycket myöhemmin myös mà má málo mám máme már más másik másikat
másnap második másodszor mások másokat mást máte máš mâine må många måste mé még mégis même mí míg mít mîine mój
möchte mögen möglich mögt mögé mögéd mögéjük mögém mögénk mögétek mögött mögötte mögötted mögöttem mögöttetek mögöttük
mögöttünk mögül mögüle mögüled mögülem mögületek mögülük mögülünk möjlig möjligen möjligt möjligtvis múltkor múlva mü
müssen müsst müßt mă mě mı můj může mỗi n na naar nach nachdem nad nade nagy nagyobb nagyon nah nahm naik nam nami
namun nanti nantinya napište naponta napot naproti nas nasi nasz nasza nasze naszego naszych nasıl natomiast
natychmiast natürlich nawet načež naše naši ne neben nebo nebyl nebyla nebyli nebyly ned neden nedenle nederst
nedersta nedre nedělají nedělá nedělám neděláme neděláte neděláš neg negl negli negyedik negyediket negyven nei nein
nej nejsi nejsou neked nekem neki nekik nektek nekünk nel nell nella nelle nello nem nemají nemcsak nemrég nemáme
nemáte neměl není ner nerde nere nerede nereye nestačí neue neuen neun neunte neunten neunter neuntes nevadí never
nevoie než ngay nhiều như nhưng những ni nic nich nicht nichts nici nicăieri nie niech niego niej niemand niemandem
niemanden niemu niet niets nigdy nim nimeni nimeri nimi nimic nincs nio nionde nitekim nittio nittionde nitton
nittonde niye niçin nią nişte niż no noastre noastră noch noe noen nog nogen noget nogle noi noin noll non noroc nos
nossa nossas nosso nossos nostra nostre nostri nostro nostru notre nous nouă nové nový now noştri nr nu nula num numa
numas nummer nun nuns nur ny nyaris nyatanya nyolc nyolcadik nyolcadikat nyolcat nyolcvan nyt này nála nálad nálam
nálatok náluk nálunk nám námi nás náš não när nästa nå någon någonting något några nån nånting når nåt nær næste
næsten négy négyet néha néhány nélkül nên ním nós nödvändig nödvändiga nödvändigt nödvändigtvis ně něco nějak někde
někdo němu němuž nơi nếu nữa o ob oben obok och också od oda ode oder of offen oft ofta oftast og også ohne ok okay
około olan olarak oldu olduklarını olduğu olduğunu ole oleh olehnya oli olika olikt olivat ollut olmadı olmadığı olmak
olması olmayan olmaz olsa olsun olup olur olursa oluyor olyan om omdat on ona ondan one oni onlar onlardan onlari
onları onların only onnan ono ons ont onu onun ony ook op opp opt or oraz ordnung ori oricare orice oricine oricum
oricând oricât oricînd oricît oriunde os osa osm osmnáct oss other oto otro ott otte otuz ou our out ovat over owszem
oysa où p pada padahal padanya pak paling pan pana pani panjang pantas par para pas pasti pastilah patnáct patra patru
patrulea pe pedig pek pela pelas pelo pelos penting pentingnya pentru per perché percuma perlu perlukah perlunya
pernah pero persoalan persze pertama pertama-tama pertanyaan pertanyakan peste phải pic pihak pihaknya più po poate
poco pod podczas podle pokud pomimo ponad ponieważ por porque pot potom pour pouze powinien powinna powinni powinno
poza pozdě pořád pravé prawie prea prima primul prin printr- pro prostě prosím proti proto protože proč první przecież
przed przede przedtem przez przy pta pukul pula pun punya puţin puţina puţină pár până på például pînă pět před přes
přese při přičemž q qu qua quais qual quale quando quanta quante quanti quanto que quel quella quelle quelles quelli
quello quels quem questa queste questi questo qui quien qué r ra rajta rajtad rajtam rajtatok rajtuk rajtunk rakt rasa
rasanya rata rağmen re recht rechte rechten rechter rechtes redan reeds rendben richtig rog roku rosszul rovně rund
rupanya rá rád rájuk rám ránk rátok rätt régen régóta részére róla rólad rólam rólatok róluk rólunk również rögtön rất
rằng rồi s sa saat saatnya sache sade sadece sagt sagte sah said saja sajalah saját sale saling sam sama sama-sama
sambil same samma samme sampai sampai-sampai sampaikan sana sangat sangatlah sanki sans sarai saranno sarebbe
sarebbero sarei saremmo saremo sareste saresti sarete sarà sarò satt satu sau saya sayalah schlecht schluss schon se
sebab sebabnya sebagai sebagaimana sebagainya sebagian sebaik sebaik-baiknya sebaiknya sebaliknya sebanyak sebegini
sebegitu sebelum sebelumnya sebenarnya seberapa sebesar sebetulnya sebisanya sebuah sebut sebutlah sebutnya secara
sechs sechste sechsten sechster sechstes secukupnya sedan sedang sedangkan sedemikian sedikit sedikitnya sedm sedmnáct
seenaknya seg segala segalanya segera seharusnya sehingga sehr sei seid seien sein seine seinem seinen seiner seines
seingat seit seitdem sejak sejauh sejenak sejumlah sekadar sekadarnya sekali sekali-kali sekalian sekaligus sekalipun
sekarang sekecil seketika sekiranya sekitar sekitarnya sekiz seks seksen sekurang-kurangnya sekurangnya sekä sela
selain selaku selalu selama selama-lamanya selamanya selanjutnya selbst seluruh seluruhnya selv sem semacam semakin
semampu semampunya semasa semasih semata semata-mata semaunya sementara semisal semisalnya semmi semmilyen semmiség
sempat semua semuanya semula sen senare senast senden sendiri sendirian sendirinya seni senin senki sent seolah
seolah-olah seorang sepanjang sepantasnya sepantasnyalah seperlunya seperti sepertinya sepihak ser sera serai seraient
serais serait seras serez seriez sering seringnya serions serons seront serta serupa ses sesaat sesama sesampai
sesegera sesekali seseorang sesuatu sesuatunya sesudah sesudahnya setelah setempat setengah seterusnya setiap setiba
setibanya setidak-tidaknya setidaknya setinggi seu seus seusai sewaktu sex sextio sextionde sexton sextonde should si
sia siamo siano siap siapa siapakah siapapun siate sich siden sie sieben siebente siebenten siebenter siebentes siete
sig sige sillä sin sina since sind sine sini sinilah sist sista siste sit sitt sitta sitä siz sizden sizi sizin się
sju sjunde sjuttio sjuttionde sjutton sjuttonde själv sjätte sjøl ska skal skall skoro skulle skąd slik slutligen små
smått smí smějí snad snart so soal soalnya sobie sobre sobą soha soi soient sois soit sok sokan sokat sokkal sokszor
sokáig solang solche solchem solchen solcher solches soll sollen sollst sollt sollte sollten som some sommes son
sondern sono sonra sonst sont során soweit sowie soyez soyons spate spolu sposób spre später sta stai stando stanno
starai staranno starebbe starebbero starei staremmo staremo stareste staresti starete startseite starà starò statt
stava stavamo stavano stavate stavi stavo stb. steht stemmo stesse stessero stessi stessimo steste stesti stette
stettero stetti stia stiamo stiano stiate still sto stor stora store stort strana sté större störst su sua suas suatu
sub such suche sudah sudahkah sudahlah sue sugl sugli sui suis sul sull sulla sulle sullo sunt suntem sunteţi suo suoi
supaya sur sus sută své svých svým svými swoje syv szemben szerbusz szerint szerinte szerinted szerintem szerintetek
szerintük szerintünk szervusz szinte számára száz századik százat szépen szét szíves szívesen szíveskedjék säga säger
sämre sämst så sådan sådana sådant sånn sí sînt sîntem sînteţi só să săi său są sőt sẽ sự t ta tack tadi tadinya tady
tag tage tagen tahu tahun tai tak taka take takhle taki takie taky také także takže tale talán tam tambah tambahnya
también também tamhle tamhleto tampak tampaknya tamto tandas tandasnya tanpa tanya tanyakan tanyanya tapi tar
tarafından tat tato tavaly te tebe tebou ted' tedy tegas tegasnya tegen tegnap tegnapelőtt tego tehát teil tej teki
tel telah tele teljes tempat temu ten tengah tentang tento tentu tentulah tentunya tepat terakhir terasa teraz
terbanyak terdahulu terdapat terdiri terhadap terhadapnya teringat teringat-ingat terjadi terjadilah terjadinya
terkira terlalu terlebih terlihat termasuk ternyata tersampaikan tersebut tersebutlah tertentu tertuju terus terutama
tes tessék tetap tetapi teto teu teus też than that the their them then theo there these they thi this those through
thì ti tiap tiba tiba-tiba tidak tidakkah tidaklah tidig tidigare tidigast tidigt tied tiga til till tills tillsammans
timp tine tinggi tio tionde tipy tisíc tisíce titeket tizedik tizediket tizenegy tizenegyedik tizenhat tizenhárom
tizenhét tizenkettedik tizenkettő tizenkilenc tizenkét tizennyolc tizennégy tizenöt tizet tjugo tjugoen tjugoett
tjugonde tjugotre tjugotvå tjungo to toate toată tobie tobą tobě toch toen toh tohle toho tohoto toi tolfte tolv tom
tomto tomu tomuto ton too tot toteż toto totuşi tovább további továbbá toţi tra tre tredje trei treia treilea trettio
trettionde tretton trettonde trilyon tritt trotzdem trošku trzeba trên trước tu tua tuas tue tun tunjuk tuo tuoi turut
tutaj tuto tutti tutto tutur tuturnya tvoje tvá två tvåhundra tvé tvůj twoi twoim twoja twoje twym twój ty tych tylko
tym tyto távol tämän téged téma tényleg tím tímto tíz több többi többször tú túl tüm tăi tău tę tě těm těmu tőle tőled
tőlem tőletek tőlük tőlünk třeba tři třináct tại từ từng u ucap ucapnya ud ugyanakkor ugyanez ugyanis ugye uhr uit
ujar ujarnya um uma umas umum umumnya un una und und? unde under undeva une unei uneia unele uneori ungkap ungkapnya
unii uno unor unora uns unse unsem unsen unser unsere unserer unses unter untuk unu unui unuia unul up upp ur urak
uram urat ursäkt určitě usah usai ut utan utanför ute uten utoljára utolsó után utána uw už v va vad vagy vagyis
vagyok vagytok vagyunk vain vajon valahol valaki valakit valamelyik valami valamint való van vannak var vara vardı
varför varifrån varit varje varken vars varsågod vart vastaan vaše vaši ve ved vedle veel vele veled velem veletek
velük velünk vem vems vergangenen verkligen very veya veyahut večer vi vid vidare viel viele vielem vielen vielleicht
vier vierte vierten vierter viertes viktig viktigare viktigast viktigt vil vilka vilkas vilken vilket vill ville
vissza viszlát viszont viszontlátásra việc vlastně voastre voastră você vocês voi volna volnának volnék volt voltak
voltam voltunk vom von voor vor vores vors vos vosso vossos vostra vostre vostri vostro vostru votre vous vouă voştri
vreme vreo vreun vuoden vuodesta vuonna vuosina vuotta vy và vào vám vámi vás váš vâng väl vänster vänstra värre vår
våra vårt være været vært végre végén végül vì více vă však všechno všichni vůbec vždy vẫn vậy với vừa w waduh wah
wahai wahr? waktu waktunya walau walaupun wam wami wann want war waren warst wart warum was wasz wasza wasze wat way
we według weg wegen weil weit weiter weitere weiteren weiteres wel welche welchem welchen welcher welches well wem wen
wenig wenige weniger weniges wenigstens wenn wer werd werde werden werdet were weshalb wessen wezen what where which
while who wie wieder wiele wielu wieso wij wil will willst wir wird wirklich wirst wissen with więc więcej wo woher
wohin wohl wollen wollt wollte wollten wong worden would wszyscy wszystkich wszystkie wszystkim wszystko wtedy wurde
wurden wy während währenddem währenddessen wäre würde würden właśnie x y ya yahut yaitu yakin yakni yang yani yapacak
yapmak yaptı yaptıkları yaptığı yaptığını yapılan yapılması yapıyor yedi yerine yetmiş yine yirmi yksi yli yoksa you
your yüz z z.b za zal zapewne zaten zatímco zawsze zač zaś zda zde ze zece zehn zehnte zehnten zehnter zehntes zei
zeit zelf zero zi zice zich zij zijn znowu znów zo zonder został zou zprávy zpět zu zuerst zugleich zum zunächst zur
zurück zusammen zwanzig zwar zwei zweite zweiten zweiter zweites zwischen zwölf zł ~ ¥ à às által általában ám át än
ännu är även å åt åtminstone åtta åttio åttionde åttonde çok çünkü è él éljen én éppen érte érted értem értetek értük
értünk és étaient étais était étant étiez étions été étée étées étés év évben éve évek éves évi évvel êtes être így îi
îl îmi împotriva în înainte înaintea încotro încât încît între întrucât întrucît îţi óta ön önbe önben önből önhöz
önnek önnel önnél önre önről önt öntől önért önök önökbe önökben önökből önöket önökhöz önökkel önöknek önöknél önökre
önökről önöktől önökért önökön önön össze öt ötven ötödik ötödiket ötöt över övermorgon överst övre öyle úgy úgyis
úgynevezett új újabb újra úr über überhaupt übrigens üzere üç ăla ălea ăsta ăstea ăştia čau či článku články čtrnáct
čtyři đang điều đã đó được đều để ő ők őket őt şapte şase şayet şey şeyden şeyi şeyler şi şimdi ştiu şu şuna şunda
şundan şunları şunu şöyle šest šestnáct ţi ţie żaden żadna żadne żadnych że żeby že ừ
`;

/** Those that begin with no Latin letter. */
export const otherStopWords = `
αλλα αν αντι απο αυτα αυτεσ αυτη αυτο αυτοι αυτοσ αυτουσ αυτων για δε δεν εαν ειμαι ειμαστε ειναι εισαι ειστε εκεινα
εκεινεσ εκεινη εκεινο εκεινοι εκεινοσ εκεινουσ εκεινων ενω επι η θα ισωσ κ και κατα κι μα με μετα μη μην να ο οι ομωσ
οπωσ οσο οτι παρα ποια ποιεσ ποιο ποιοι ποιοσ ποιουσ ποιων που προσ πωσ σε στη στην στο στον τα την τησ το τον τοτε
του των ωσ а або авжеж адже аж але ані б без би бо более больше був будет будто була були було бути бы был была были
было быть більш в вам вами вас ведь весь вже вздовж ви вниз внизу во вона вони воно вот все всегда всего всередині
всех всю вся всіх вы від він где да давай давати даже де десь дещо для до другой его ее ей ему если есть еще ж же з за
завжди замість зі и из или им иногда их й його йому к как какая какой когда коли конечно кто куда ледве ли лиш лишь
лучше майже между мене меня мені ми мне много мною мов мого може может можно мой моя моє моєї мої моїх мы між мій на
навколо навіть над надо нам нами нас наче наш не него нее ней нельзя нема немов неначе нет нею неї ни нибудь никогда
ним ними них ничего но ну нього нє ні ніби ніщо о об он она они ось от отже отож перед по под поза после потом потому
почти при про під раз разве с сам сама свою своя свої свій себе себя сегодня сказал со собі совсем та так така такий
також такой там твого твоя твоєї твої твій те тебе тебя тем теперь ти то тобою тобто тобі тогда того тоді тож тоже той
только том тот тощо тут ты ті тільки у уж уже хоть хоч хоча хіба це цей ця ці чего чем через чи чого что чтоб чтобы
чуть ще що щоб щось эти это этого этой этом этот эту я як яка який якої є і із інших їй їм їх її אבל או אולי אותה אותו
אותי אותך אותם אותן אותנו אז אחר אחרות אחרי אחריכן אחרים אחרת אי איזה איך אין איפה איתה איתו איתי איתך איתכם איתכן
איתם איתן איתנו אך אל אלה אלו אם אנחנו אני אס אף אצל אשר את אתה אתכם אתכן אתם אתן באיזומידה באמצע באמצעות בגלל בין בלי
במידה במקוםשבו ברם בשביל בשעהש בתוך גם דרך הוא היא היה היכן היתה היתי הם הן הנה הסיבהשבגללה הרי ואילו ואת זאת זה זות
יהיה יוכל יוכלו יותרמדי יכול יכולה יכולות יכולים יכל יכלה יכלו יש כאן כאשר כולם כולן כזה כי כיצד כך ככה כל כלל כמו כן
כפי כש לא לאו לאיזותכלית לאן לבין לה להיות להם להן לו לי לכם לכן למה למטה למעלה למקוםשבו למרות לנו לעבר לעיכן לפיכך
לפני מאד מאחורי מאיזוסיבה מאין מאיפה מבלי מבעד מדוע מה מהיכן מול מחוץ מי מכאן מכיוון מלבד מן מנין מסוגל מעט מעטים מעל
מצד מקוםבו מתחת מתי נגד נגר נו עד עז על עלי עליה עליהם עליהן עליו עליך עליכם עלינו עם עצמה עצמהם עצמהן עצמו עצמי עצמם
עצמן עצמנו פה רק שוב של שלה שלהם שלהן שלו שלי שלך שלכה שלכם שלכן שלנו שם תהיה תחת ، آمينَ آه آهاً آي أ أب أجل أجمع أخ
أخذ أصبح أضحى أقبل أقل أكثر ألا أم أما أمامك أمامكَ أمسى أمّا أن أنا أنت أنتم أنتما أنتن أنتِ أنشأ أنّى أو أوشك أولئك
أولئكم أولاء أولالك أوّهْ أي أيا أين أينما أيّ أَنَّ أََيُّ أُفٍّ إذ إذا إذاً إذما إذن إلى إليكم إليكما إليكنّ إليكَ
إلَيْكَ إلّا إمّا إن إنّما إي إياك إياكم إياكما إياكن إيانا إياه إياها إياهم إياهما إياهن إياي إيهٍ إِنَّ ا ابتدأ اثر
اجل احد اخرى اخلولق اذا اربعة ارتدّ استحال اطار اعادة اعلنت اف اكثر اكد الألاء الألى الا الاخيرة الان الاول الاولى
التى التي الثاني الثانية الذاتي الذى الذي الذين السابق الف اللائي اللاتي اللتان اللتيا اللتين اللذان اللذين اللواتي
الماضي المقبل الوقت الى اليوم اما امام امس ان انبرى انقلب انه انها او اول اي ايار ايام ايضا ب بات باسم بان بخٍ برس
بسبب بسّ بشكل بضع بطآن بعد بعض بك بكم بكما بكن بل بلى بما بماذا بمن بن بنا به بها بي بيد بين بَسْ بَلْهَ بِئْسَ تانِ
تانِك تبدّل تجاه تحوّل تلقاء تلك تلكم تلكما تم تينك تَيْنِ تِه تِي ثلاثة ثم ثمّ ثمّة ثُمَّ جعل جلل جميع جير حار حاشا
حاليا حاي حتى حرى حسب حم حوالى حول حيث حيثما حين حيَّ حَبَّذَا حَتَّى حَذارِ خلا خلال دون دونك ذا ذات ذاك ذانك ذانِ
ذلك ذلكم ذلكما ذلكن ذو ذوا ذواتا ذواتي ذيت ذينك ذَيْنِ ذِه ذِي راح رجع رويدك ريث رُبَّ زيارة سبحان سرعان سنة سنوات سوف
سوى سَاءَ سَاءَمَا شبه شخصا شرع شَتَّانَ صار صباح صفر صهٍ صهْ ضد ضمن طاق طالما طفق طَق ظلّ عاد عام عاما عامة عدا عدة
عدد عدم عسى عشر عشرة علق على عليك عليه عليها علًّ عن عند عندما عوض عين عَدَسْ عَمَّا غدا غير ـ ف فان فلان فو فى في فيم
فيما فيه فيها قال قام قبل قد قطّ قلما قوة كأنّما كأين كأيّ كأيّن كاد كان كانت كذا كذلك كرب كل كلا كلاهما كلتا كلم
كليكما كليهما كلَّا كلّما كم كما كي كيت كيف كيفما كَأَنَّ كِخ لئن لا لات لاسيما لدن لدى لعمر لقاء لك لكم لكما لكن
لكنَّما لكي لكيلا للامم لم لما لمّا لن لنا له لها لو لوكالة لولا لوما لي لَسْتَ لَسْتُ لَسْتُم لَسْتُمَا لَسْتُنَّ
لَسْتِ لَسْنَ لَعَلَّ لَكِنَّ لَيْتَ لَيْسَ لَيْسَا لَيْسَتَا لَيْسَتْ لَيْسُوا لَِسْنَا ما ماانفك مابرح مادام ماذا
مازال مافتئ مايو متى مثل مذ مساء مع معاذ مقابل مكانكم مكانكما مكانكنّ مكانَك مليار مليون مما ممن من منذ منها مه مهما
مَنْ مِن نحن نحو نعم نفس نفسه نهاية نَخْ نِعِمّا نِعْمَ ها هاؤم هاكَ هاهنا هبّ هذا هذه هكذا هل هلمَّ هلّا هم هما هن
هنا هناك هنالك هو هي هيا هيت هيّا هَؤلاء هَاتانِ هَاتَيْنِ هَاتِه هَاتِي هَجْ هَذا هَذانِ هَذَيْنِ هَذِه هَذِي
هَيْهَاتَ و وا واحد واضاف واضافت واكد وان واهاً واوضح وراءَك وفي وقال وقالت وقد وقف وكان وكانت ولا ولم ومن وهو وهي
ويكأنّ وَيْ وُشْكَانََ يكون يمكن يوم ّآض ّأيّان अंदर अत अदि अप अपना अपनि अपनी अपने अभि अभी आदि आप इंहिं इंहें इंहों
इतयादि इत्यादि इन इनका इन्हीं इन्हें इन्हों इस इसका इसकि इसकी इसके इसमें इसि इसी इसे उंहिं उंहें उंहों उन उनका उनकि
उनकी उनके उनको उन्हीं उन्हें उन्हों उस उसके उसि उसी उसे एक एवं एस एसे ऐसे ओर और कइ कई कर करता करते करना करने करें कहते
कहा का काफ़ी काफि कि किंहें किंहों कितना किन्हें किन्हों किया किर किस किसि किसी किसे की कुछ कुल के को कोइ कोई कोन
कोनसा कौन कौनसा गया घर जब जहाँ जहां जा जिंहें जिंहों जितना जिधर जिन जिन्हें जिन्हों जिस जिसे जीधर जेसा जेसे जैसा जैसे
जो तक तब तरह तिंहें तिंहों तिन तिन्हें तिन्हों तिस तिसे तो था थि थी थे दबारा दवारा दिया दुसरा दुसरे दूसरे दो द्वारा न
नहिं नहीं ना निचे निहायत नीचे ने पर पहले पुरा पूरा पे फिर बनि बनी बहि बही बहुत बाद बाला बिलकुल भि भितर भी भीतर मगर
मानो मे में यदि यह यहाँ यहां यहि यही या यिह ये रखें रवासा रहा रहे ऱ्वासा लिए लिये लेकिन व वग़ैरह वगेरह वरग वर्ग वह
वहाँ वहां वहिं वहीं वाले वुह वे संग सकता सकते सबसे सभि सभी साथ साबुत साभ सारा से सो हि ही हुअ हुआ हुइ हुई हुए हे हें
है हैं हो होता होति होती होते होना होने กล่าว กว่า กัน กับ การ ก็ ก่อน ขณะ ขอ ของ ขึ้น คง ครั้ง ความ คือ จะ จัด จาก
จึง ช่วง ซึ่ง ดัง ด้วย ด้าน ตั้ง ตั้งแต่ ตาม ต่อ ต่าง ต่างๆ ต้อง ถึง ถูก ถ้า ทั้ง ทั้งนี้ ทาง ที่ ที่สุด ทุก ทํา
ทําให้ นอกจาก นัก นั้น นี้ น่า นํา บาง ผล ผ่าน พบ พร้อม มา มาก มี ยัง รวม ระหว่าง รับ ราย ร่วม ลง วัน ว่า สุด ส่ง ส่วน
สําหรับ หนึ่ง หรือ หลัง หลังจาก หลาย หาก อยาก อยู่ อย่าง ออก อะไร อาจ อีก เขา เข้า เคย เฉพาะ เช่น เดียว เดียวกัน
เนื่องจาก เปิด เปิดเผย เป็น เป็นการ เพราะ เพื่อ เมื่อ เรา เริ่ม เลย เห็น เอง แต่ แบบ แรก และ แล้ว แห่ง โดย ใน ให้ ได้
ไป ไม่ ไว้ 〈 あっ あり ある い いう いる う うち お および おり か かつて から が き ここ こと この これ これら さ さらに し しかし する ず せ せる そして その その他 その後 それ それぞれ
た ただし たち ため たり だ だっ つ て で でき できる です では でも と という といった とき ところ として とともに とも と共に な ない なお なかっ ながら なく なっ など なら なり なる に において
における について にて によって により による に対して に対する に関する の ので のみ は ば へ ほか ほとんど ほど ます また または まで も もの ものの や よう より ら られ られる れ れる を ん 一 不
与 个 中 为 么 之 也 了 于 什 他 们 会 你 做 儿 共 几 分 到 又 及 及び 各 向 吗 吧 含 呢 和 哇 哪 哼 啊 嗯 嘛 在 地 多 她 对 小 就 已 年 并 很 得 我 或 把 按 日 时 是 更 月 有 来
某 此 每 特に 的 看 着 秒 第 等 该 说 请 谁 跟 还 这 那 都 가 가까스로 가령 각 각각 각자 각종 갖고말하자면 같다 같이 개의치않고 거니와 거바 거의 것 것들 게다가 게우다 겨우 견지에서 결국 겸사겸사
고려하면 고로 곧 공동으로 과 과연 관계없이 관하여 관한 관해서는 구 구체적으로 구토하다 그 그들 그때 그래 그래도 그래서 그러나 그러니 그러니까 그러면 그러므로 그러한즉 그런데 그런즉 그럼 그렇지 그렇지만
그렇지않으면 그리고 그리하여 그만이다 그위에 그저 그중에서 근거로 근거하여 기대여 기점으로 기준으로 기타 까닭으로 까악 까지 까지도 꽈당 끙끙 끼익 나 나머지는 남들 남짓 너 너희 너희들 네 넷 년 놀라다 누구
다른 다만 다섯 다소 다수 다시말하면 다음 다음에 다음으로 단지 답다 당신 당장 대하면 대하여 대해서 댕그 더구나 더군다나 더라도 더불어 더욱더 더욱이는 도달하다 도착하다 동시에 동안 된바에야 된이상 두번째로 둘
둥둥 뒤따라 뒤이어 든간에 들 등 등등 딩동 따라 따라서 따위 딱 때 때문에 또 또한 뚝뚝 령 로 로부터 로써 륙 를 마음대로 마저 마저도 마치 막론하고 만약 만약에 만일 만큼 말하자면 매 매번 메쓰겁다 몇 모
모두 무렵 무릎쓰고 무슨 무엇 무엇때문에 물론 및 바꾸어말하면 바꾸어말하자면 바로 바와같이 반대로 반드시 버금 보는데서 보다더 보드득 본대로 봐 봐라 부터 불구하고 불문하고 붕붕 비걱거리다 비교적 비로소 비록
비슷하다 비하면 뿐만아니라 뿐이다 삐걱 삐걱거리다 사 삼 생각한대로 설령 설마 설사 셋 소생 소인 솨 쉿 습니까 습니다 시각 시간 시작하여 시초에 시키다 실로 심지어 아 아니 아니나다를가 아니라면 아니면
아니었다면 아래윗 아무거나 아무도 아야 아울러 아이 아이고 아이구 아이야 아이쿠 아하 아홉 알았어 앗 앞에서 앞의것 야 약간 양자 어 어기여차 어느 어느것 어느곳 어느때 어느쪽 어느해 어디 어때 어떠한 어떤
어떤것 어떤것들 어떻게 어떻해 어이 어째서 어쨋든 어찌 어찌됏든 어찌됏어 어찌하든지 어찌하여 언제 언젠가 얼마 얼마간 얼마나 얼마든지 얼마만큼 얼마큼 엉엉 에 에게 에서 여 여기 여덟 여러분 여보시오 여부 여섯
여전히 여차 연관되다 연이서 영 영차 옆사람 예 예컨대 예하면 오 오로지 오르다 오자마자 오직 오호 오히려 와 와르르 와아 왜 왜냐하면 외에도 요만큼 요만한걸 요컨대 우르르 우리 우리들 우선 운운 월 위하여
위해서 윙윙 육 으로 으로서 으로써 을 응 응당 의 의거하여 의지하여 의해 의해되다 의해서 이 이것 이곳 이때 이라면 이래 이러이러하다 이러한 이런 이럴정도로 이렇게되면 이렇게말하자면 이렇구나 이르기까지 이리하여
이만큼 이번 이봐 이상 이어서 이었다 이와같다면 이외에도 이용하여 이유만으로 이젠 이지만 이쪽 이천구 이천육 이천칠 이천팔 인젠 일 일것이다 일곱 일단 일때 일반적으로 일지라도 입각하여 입장에서 잇따라 있다 자
자기 자기집 자마자 자신 잠깐 잠시 저 저것 저것만큼 저기 저쪽 저희 전부 전자 전후 제 제각기 제외하고 조금 조차 조차도 졸졸 좀 좋아 좍좍 주룩주룩 줄은모른다 중에서 중의하나 즈음하여 즉 즉시 지든지 지만
지말고 진짜로 쪽으로 차라리 참 참나 첫번째로 쳇 총적으로 칠 콸콸 쾅쾅 쿵 타다 타인 탕탕 토하다 통하여 툭 퉤 틈타 팍 팔 퍽 펄렁 하 하게될것이다 하게하다 하겠는가 하고있었다 하곤하였다 하구나 하기는한데
하기보다는 하기에 하나 하느니 하는것도 하는바 하더라도 하도다 하도록시키다 하도록하다 하든지 하려고하다 하마터면 하면된다 하면서 하물며 하여금 하여야 하자마자 하지마 하지마라 하지만 하하 한다면 한데 한마디
한적이있다 한켠으로는 한항목 할때 할만하다 할망정 할뿐 할수있다 할수있어 할줄알다 할지라도 할지언정 함께 해도된다 해도좋다 해봐요 해야한다 해요 했어요 향하다 향하여 향해서 허 허걱 허허 헉 헉헉 헐떡헐떡 혹시
혹은 혼자 훨씬 휘익 휴 흐흐 흥 힘입어
`;
