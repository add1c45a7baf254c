/** That the documents do not answer, in the languages that a question is recognized to be in. */
const SENTENCES = {
  en: 'The documents do not answer this question.',
  de: 'Die Dokumente beantworten diese Frage nicht.',
  es: 'Los documentos no responden a esta pregunta.',
  fr: 'Les documents ne répondent pas à cette question.',
  it: 'I documenti non rispondono a questa domanda.',
  pt: 'Os documentos não respondem a esta pergunta.',
  vi: 'Các tài liệu không trả lời câu hỏi này.',
  zh: '文档中没有这个问题的答案。',
  ja: '文書にはこの質問への答えがありません。',
  ko: '문서에 이 질문에 대한 답이 없습니다.',
  ru: 'В документах нет ответа на этот вопрос.',
  ar: 'لا تجيب المستندات عن هذا السؤال.',
  th: 'เอกสารไม่มีคำตอบสำหรับคำถามนี้',
} as const;
type Language = keyof typeof SENTENCES;

interface NearestSentence {
  readonly lead: string;
  /** Around a title, and between two of them. */
  readonly quotes: readonly [open: string, close: string];
  readonly comma?: string;
  readonly end: string;
}

/** Which documents a reader may look into, after the refusal. */
const NEAREST: Readonly<Record<Language, NearestSentence>> = {
  en: { lead: ' The nearest documents: ', quotes: ['“', '”'], end: '.' },
  de: { lead: ' Am nächsten kommen: ', quotes: ['„', '“'], end: '.' },
  es: { lead: ' Los documentos más cercanos: ', quotes: ['«', '»'], end: '.' },
  fr: { lead: ' Les documents les plus proches : ', quotes: ['« ', ' »'], end: '.' },
  it: { lead: ' I documenti più vicini: ', quotes: ['«', '»'], end: '.' },
  pt: { lead: ' Os documentos mais próximos: ', quotes: ['“', '”'], end: '.' },
  vi: { lead: ' Các tài liệu gần nhất: ', quotes: ['“', '”'], end: '.' },
  zh: { lead: '最接近的文档：', quotes: ['《', '》'], comma: '、', end: '。' },
  ja: { lead: '最も近い文書：', quotes: ['「', '」'], comma: '、', end: '。' },
  ko: { lead: ' 가장 가까운 문서: ', quotes: ['‘', '’'], end: '.' },
  ru: { lead: ' Ближайшие документы: ', quotes: ['«', '»'], end: '.' },
  ar: { lead: ' أقرب المستندات: ', quotes: ['«', '»'], comma: '، ', end: '.' },
  th: { lead: ' เอกสารที่ใกล้เคียงที่สุด: ', quotes: ['“', '”'], end: '' },
};
/** Code points of a title that are shown. */
const TITLE_LENGTH = 80;

/** The first script found decides: Japanese and Korean before Chinese, since they use Han characters too. */
const SCRIPTS: readonly (readonly [Language, RegExp])[] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ['ko', /\p{Script=Hangul}/u],
  ['zh', /\p{Script=Han}/u],
  ['ru', /\p{Script=Cyrillic}/u],
  ['ar', /\p{Script=Arabic}/u],
  ['th', /\p{Script=Thai}/u],
  ['vi', /[ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/iu],
];

/** Short words that questions of a language hold, and the others seldom do. */
const STOP_WORDS: readonly (readonly [Language, ReadonlySet<string>])[] = [
  ['en', new Set(['the', 'what', 'how', 'does', 'who', 'which', 'when', 'where', 'can', 'are', 'of', 'many', 'is'])],
  [
    'de',
    new Set(['der', 'die', 'das', 'wie', 'wer', 'wann', 'ist', 'und', 'welche', 'kann', 'ich', 'ein', 'wo', 'viele']),
  ],
  [
    'es',
    new Set([
      'el',
      'los',
      'las',
      'qué',
      'cómo',
      'cuál',
      'cuánto',
      'cuántos',
      'cuándo',
      'dónde',
      'quién',
      'puedo',
      'es',
    ]),
  ],
  [
    'fr',
    new Set(['le', 'les', 'des', 'quel', 'quelle', 'comment', 'combien', 'qui', 'quand', 'où', 'est', 'sont', 'puis']),
  ],
  [
    'it',
    new Set(['il', 'gli', 'che', 'come', 'quanto', 'quanti', 'quando', 'dove', 'chi', 'posso', 'è', 'sono', 'della']),
  ],
  [
    'pt',
    new Set(['o', 'os', 'qual', 'como', 'quanto', 'quantos', 'quando', 'onde', 'quem', 'posso', 'é', 'são', 'não']),
  ],
];

/**
 * What stands for a refusal, in the question's language where it is recognized, else in English.
 * @param titles of the nearest documents, best first; may be empty
 */
export function refusalFor(question: string, titles: readonly string[]): string {
  const language = languageOf(question);
  const shown = titles.map(plainTitle).filter(title => title !== '');
  if (shown.length === 0) return SENTENCES[language];
  const { lead, quotes, comma = ', ', end } = NEAREST[language];
  const list = shown.map(title => `${quotes[0]}${title}${quotes[1]}`).join(comma);
  return `${SENTENCES[language]}${lead}${list}${end}`;
}

/** A title is a document's own words: in the answer's text it may be neither a mark, nor a link, nor markup. */
function plainTitle(title: string): string {
  const plain = title
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}[\]<>`*]|:\/\//gu, '')
    .trim();
  const points = [...plain];
  return points.length <= TITLE_LENGTH ? plain : `${points.slice(0, TITLE_LENGTH - 1).join('')}…`;
}

function languageOf(question: string): Language {
  const script = SCRIPTS.find(([, pattern]) => pattern.test(question));
  if (script) return script[0];
  const words = question.toLowerCase().match(/\p{L}+/gu) ?? [];
  let best: { language: Language; count: number } = { language: 'en', count: 0 };
  for (const [language, stopWords] of STOP_WORDS) {
    const count = words.filter(word => stopWords.has(word)).length;
    if (count > best.count) best = { language, count };
  }
  return best.language;
}
