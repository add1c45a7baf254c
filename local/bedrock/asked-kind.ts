import { splitWords } from './words.ts';

/** What kind of thing a question asks for, where its words tell. */
export type AskedKind = 'number' | 'time' | 'name';

/** The first that matches decides: *how many years* asks for a number, *what year* for a time. */
const QUESTIONS: readonly (readonly [AskedKind, RegExp])[] = [
  [
    'time',
    wordsPattern(
      `what year|which year|what years|what date|which date|what century|which century|what decade|what month|what day|which day
      |qué año|qué siglo|qué fecha|qué día|quelle année|quelle date|quel siècle|che anno|que ano|em que ano|welches jahr|welchem jahr
      |khi nào|năm nào|lúc nào|ngày nào|thế kỷ nào|bao giờ|каком году`,
      '何时|什么时候|哪年|哪一年|哪天|哪个世纪|几月|いつ|何年|何月|언제|เมื่อไร|เมื่อใด',
    ),
  ],
  [
    'number',
    wordsPattern(
      `how many|how much|how long|how far|how large|how big|how high|how tall|how old|how often|how deep|how wide|how fast|how heavy
      |what percent|what percentage|what number|what proportion|what fraction|what is the price|what was the population
      |cuánto|cuánta|cuántos|cuántas|qué porcentaje|qué número|combien|quanto|quanta|quanti|quante|quantos|quantas
      |wie viel|wie viele|wieviel|wie lange|wie hoch|wie groß|wie weit|wie alt|wie oft|bao nhiêu|bao lâu|bao xa|mấy|сколько|كم`,
      '多少|几|多大|多长|多高|多远|多久|いくつ|いくら|何人|何個|何回|何日|何時間|몇|얼마|กี่|เท่าไร|เท่าไหร่',
    ),
  ],
  ['name', wordsPattern(`who|whom|whose|quién|quiénes|qui|chi|quem|wer|wem|wen|кто`, '$^')],
];

/** Numbers that are written as words, in the languages most often met. */
const NUMBER_WORDS = new Set(
  `one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
  twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions billion billions
  trillion dozen half third quarter twice once single double none first second
  uno una dos tres cuatro cinco seis siete ocho nueve diez once doce quince veinte treinta cuarenta cincuenta cien ciento mil
  millón millones mitad tercio medio deux trois quatre cinq sept huit neuf dix douze quinze vingt trente cent mille moitié
  due tre quattro cinque sei sette otto nove dieci cento metà dois três quatro cinco sete oito nove dez metade
  eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig hundert tausend hälfte drittel
  một hai ba bốn năm sáu bảy tám chín mười trăm nghìn ngàn triệu tỷ tỉ nửa đôi`.split(/\s+/),
);
const HAN_NUMBER = /[一二三四五六七八九十百千万萬亿億两半]/u;
const TIMES = new Set(
  `january february march april may june july august september october november december monday tuesday wednesday thursday friday
  saturday sunday century centuries decade enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre
  diciembre siglo januar februar märz mai juni juli oktober dezember jahrhundert janvier février mars avril juin juillet août
  septembre octobre novembre décembre siècle tháng ngày năm thế`.split(/\s+/),
);

/** Elsewhere in a sentence these words join its parts. */
const ASKS_FOR_TIME =
  /^\P{L}*(?:(?:since|until|desde|hasta|depuis|seit|bis)\s+)?(?:when|cuándo|quand|quando|wann|когда|متى)(?!\p{L})/u;

export function askedKind(question: string): AskedKind | undefined {
  const asked = question.normalize('NFC').toLowerCase();
  if (ASKS_FOR_TIME.test(asked)) return 'time';
  return QUESTIONS.find(([, pattern]) => pattern.test(asked))?.[0];
}

/** Whether a text holds a thing of the kind that the question does not name itself. */
export function holdsKind(kind: AskedKind, text: string, question: ReadonlySet<string>): boolean {
  const words = splitWords(text);
  const others = words.filter(word => !question.has(word.text));
  if (kind === 'name')
    return others.some((word, i) => i > 0 && word.name && /\p{L}/u.test(word.text)) || !/\p{Lu}/u.test(text);
  if (others.some(({ text: word }) => /\p{N}/u.test(word))) return true;
  if (kind === 'time') return others.some(({ text: word }) => TIMES.has(word)) || HAN_NUMBER.test(text);
  return others.some(({ text: word }) => NUMBER_WORDS.has(word)) || HAN_NUMBER.test(text);
}

function wordsPattern(spaced: string, unspaced: string): RegExp {
  const words = spaced.replaceAll(/\s*\n\s*/g, '').replaceAll(' ', '\\s+');
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${words})(?![\\p{L}\\p{N}])|${unspaced}`, 'u');
}
