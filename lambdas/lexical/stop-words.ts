import { latinStopWords, otherStopWords } from './stop-word-lists.ts';

/** Words that ask: the answer's text does not hold them, and the lists above lack many. */
const questionWords = `
  what which who whom whose when where why how does did is was were been many much kind type name called
  qué cuál cuáles quién quiénes cuándo cuánto cuántos cuánta cuántas cómo dónde fue fueron era eran ha han tipo nombre llamó
  wer wen wem wessen was welche welcher welches welchem welchen wann wo warum wie wieviel viele wurde wurden heißt
  qui que quel quelle quels quelles quand où pourquoi comment combien était étaient
  chi che cosa quale quali quando dove perché come quanto quanti quante
  quem qual quais onde porquê quantos quantas
  ai gì nào đâu sao bao nhiêu mấy thế khi tên loại ông bà họ
  什么 哪些 哪个 哪里 哪儿 哪一 多少 有多少 几个 如何 怎么 怎样 为什么 为何 何时 谁 是谁 何 哪 多 被 由 所 其 以 从
  誰 いつ どこ なぜ どう どの 누구 언제 어디 왜 무엇 몇`;

/** Made of the lists when the first word of their script is asked for; the questions of most stacks need one of them. */
const sets: { latin?: ReadonlySet<string>; other?: ReadonlySet<string> } = {};
const setOf = (list: string): ReadonlySet<string> => new Set(`${list} ${questionWords}`.trim().split(/\s+/));

/** From the first letter that is neither ASCII nor an extension of it, but for Vietnamese's. */
const isLatin = (word: string): boolean => /^[\p{ASCII}\u0080-\u024f\u1e00-\u1eff]/u.test(word);

/** Words that hold a sentence together in any of the common languages. @param word lower case */
export function isStopWord(word: string): boolean {
  if (isLatin(word)) {
    sets.latin ??= setOf(latinStopWords);
    return sets.latin.has(word);
  }
  sets.other ??= setOf(otherStopWords);
  return sets.other.has(word);
}
