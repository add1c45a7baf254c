/**
 * Words that say little about what a text is about, in the languages most often met. Lower case, as `splitWords` gives
 * them. A word of another language that is missing here only weighs somewhat too much.
 */
const FUNCTION_WORDS = new Set(
  [
    // English
    `a about above after again against all am an and any are as at be because been before being below between both but by
    can cannot could did do does doing down during each either few for from further had has have having he her here hers
    him himself his how i if in into is it its itself just let many may me might more most much must my myself neither no nor not of
    off on once only or other our ours out over own per same shall she should so some such than that the their theirs them
    themselves then there these they this those through thus to too toward towards under until up upon us very via was we
    were what when where whether which while who whom whose why will with within without would yet you your yours ours
    don t s ll re ve isn aren doesn didn won wasn weren`,
    // Spanish, Portuguese
    `al ante aunque cada como con contra cual cuales cuando cuanto cuantos cuántas cuántos cuánto cuál cuáles cuándo cómo de
    del desde donde dónde el ella ellas ellos en entre era eran es esa ese eso esta estaba este esto están está fue fueron
    fueran ha han hasta hay la las le les lo los mas me mi muy más ni no nos o os otra otro para pero por porque pues que
    qué quien quién quiénes se según ser si sido sin sobre son su sus también tan te tenía tiene tienen todo todos tras tu
    tuvo un una uno unas unos y ya
    à ao aos as até com da das dele depois do dos e ela ele em essa esse esta este eu foi foram isso isto já mais mas mesmo
    meu na nas não nem no nos num numa onde ou pela pelas pelo pelos quais qual quando quanto quantos que quem sem seu seus
    só sua suas são também tem têm um uma você`,
    // French, Italian
    `au aux avec ce ces cette ceux chez comme comment dans de des du elle elles en est et être eu il ils je l d qu n c j la
    le les leur leurs lui mais même ne nos notre nous on ont ou où par pas peu plus pour pourquoi quand que quel quelle
    quelles quels qui sa sans ses si son sont sous sur ta te tes tu un une vos votre vous était étaient été combien
    agli ai al alla alle allo anche che chi ci col come con cosa cui da dai dal dalla dalle degli dei del della delle dello
    di dove e ed gli ha hanno i il in io la le lei lo loro ma ne negli nei nel nella non o per perché più qual quale quali
    quando quanto quanti questa questo se si sono su sua sul sulla suo tra tutti un una è era`,
    // German, Dutch
    `aber alle als am an auch auf aus bei beim bin bis bist da damit dann das dass dem den der des dessen die dies diese
    diesem diesen dieser dieses doch dort durch ein eine einem einen einer eines er es etwa für gegen hat hatte hatten ich
    ihr ihre ihren im in ist ja jede jeder kann können kein keine man mehr mit muss nach nicht noch nur ob oder ohne sehr
    sein seine sich sie sind so über um und uns unter vom von vor wann war waren warum was welche welchem welchen welcher
    welches wem wen wenn wer werden wie wieviel viele wird wo wurde wurden zu zum zur zwischen
    aan al als bij dat de den deze die dit door een en er haar heeft het hij hoe hoeveel hun ik is je kan kunnen maar met
    naar niet nog of om ook op over te tot uit van voor waar waarom wanneer wat welk welke werd wie wordt zich zijn zij`,
    // Vietnamese: syllables, as its words are written apart
    `ai bao bị bởi bằng các cái còn có cùng cũng của cho chỉ chưa do gì giữa hay hoặc hơn khi không là lại lên lúc làm mà
    mỗi một mấy nào này nên nếu nhiêu nhiều như nhưng những nó ở phải qua ra rất rằng sau sẽ sự ta tại theo thì thế trên
    trong trước tới từ và vào vì về với vậy việc đã đang đâu đây đó được đến để đều ông bà họ`,
    // Polish, Turkish, Indonesian, Swedish
    `ale by być był była było co czy dla do i jak jako jest kiedy kto która które który lub ma mnie na nad nie o od oraz po
    pod przez przy są się ta tak tego tej ten to tu w we wszystkie z za ze że ile gdzie
    ama bir birçok bu çok da daha de değil en gibi hangi her için ile ise kaç kadar kim mi mı mu mü ne neden nasıl nerede o
    olan olarak oldu olduğu sonra şu var ve veya ya
    ada adalah akan antara apa atau bagaimana bahwa berapa bisa dalam dan dapat dari dengan di dia hanya ini itu juga kami
    kapan karena ke kepada mana mereka oleh pada para saat sebagai secara siapa sudah telah tidak untuk yang
    att av den det denna detta eller en ett från för har hur hon han i inte jag kan med men och om på sig sin som till under
    var vad vem vid är vilka vilken vilket`,
    // Russian, Ukrainian
    `а без более был была были было быть в вам вас во вот все всех вы где да для до его ее если есть ещё еще же за и из или
    им их к как какая какие какой каком когда ко который которые кто ли мы на над не него нет но о об он она они оно от по
    под при с сколько со так также там то только тот у уже чем что чтобы эта эти это этот я й та що як це`,
    // Arabic, Hindi
    `من في على إلى عن ما ماذا هل كم كيف متى أين الذي التي هذا هذه ذلك تلك كان كانت هو هي هم أو أن إن لا لم لن مع كل قد و ثم
    بعد قبل بين أي عند حتى
    का के की को में से है हैं था थे थी और पर यह वह क्या कौन कब कहाँ कैसे कितने कितना ने एक भी तो ही या लिए कर इस उस जो नहीं`,
    // Chinese, Japanese, Korean, Thai
    `的 了 和 是 在 有 与 及 或 也 都 就 而 但 被 把 从 到 对 于 由 为 以 之 其 这 那 此 他 她 它 我 你 们 他们 她们 我们 什么 谁 哪
    哪个 哪些 哪里 哪儿 何 何时 几 多少 多 如何 怎么 怎样 为什么 为何 吗 呢 吧 着 过 不 没有 没 可以 能 会 要 一个 个 中 上 下 里 因为 所以
    の は が を に へ と も で や から まで より か な だ です ます した して する され れ て た し こと もの これ それ あれ この その あの
    何 誰 いつ どこ なぜ どう どの いくつ ある いる ない ため よう
    은 는 이 가 을 를 의 에 에서 로 으로 와 과 도 만 무엇 누가 누구 언제 어디 어떻게 왜 몇 어떤 그 이 저 것 수 있는 하는 한
    และ ที่ ใน ของ เป็น มี ได้ ให้ กับ จาก โดย หรือ ไม่ นี้ นั้น คือ อะไร ใคร เมื่อ ไหน อย่างไร ทำไม กี่ ว่า ก็ จะ แต่ ซึ่ง`,
  ]
    .join(' ')
    .split(/\s+/)
    .filter(word => word !== ''),
);

/** English words of every subject: they carry meaning, but less of it than the names of things. */
const COMMON_WORDS = new Set(
  `able access actually add additional allow allows almost along already also although always amount another answer around
  ask asked available away back based become becomes began begin best better big bring build call called came case cause
  certain change changed choose come common complete consider contain contains create current currently date day days
  default define defined describe described different done due early easy else end enough even ever every example
  except far feature fact figure find first follow following follows form found full gave general get getting give given
  gives go goes good great group happen help high higher however important include included includes including
  instead keep kind know known large larger last later lead least leave left less level like likely list little live local
  long longer look lot low lower made main make makes making man many mean means mentioned method much name named need
  needed needs never new next note now number numbers often old one ones open order others part particular people place
  play point possible provide provided provides put quite rather ready reason receive recommend refer related require
  required requires result results right run runs said same say second see seen select set several show shown shows
  similar simple simply since single small sometimes soon specific specified specify start started state still support
  supported supports sure take taken takes tell thing things think though three time times together took total true try
  turn two type types unless use used useful user uses using usually value various version want way ways well went whole
  wide word work working works world write year years yes`
    .split(/\s+/)
    .filter(word => word !== ''),
);

export const isFunctionWord = (word: string): boolean => FUNCTION_WORDS.has(word);
export const isCommonWord = (word: string): boolean => COMMON_WORDS.has(word);
