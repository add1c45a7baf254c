import type { Citation, NearDocument } from '../conversation.ts';
import { placeAt } from '../document.ts';
import { linksIn } from './allowed-links.ts';
import { MarkParser, type ReplyPart } from './marks.ts';
import { type Passage, sourceOf, storedPassages } from './passage.ts';
import { refusalFor } from './refusal.ts';
import { AnswerSanitizer } from './sanitize.ts';
import { type Quote, QuoteFinder } from './supporting-quote.ts';
import { sentencesOf } from './words.ts';

/** A citation before its link is made. */
export type CheckedCitation = Omit<Citation, 'url'>;

export type ReplyEvent =
  | { readonly type: 'text-delta'; readonly text: string }
  | { readonly type: 'citation'; readonly citation: CheckedCitation };

export interface FinishedReply {
  /** The text deltas joined. */
  readonly answer: string;
  readonly refused: boolean;
  readonly citations: readonly CheckedCitation[];
  /** Share of the statements that a quote supports; absent for a refusal. */
  readonly groundedness?: number;
  /** Of a refusal that was told: the documents nearest to the question. */
  readonly nearest?: readonly NearDocument[];
}

/** Documents that a refusal names. */
const MOST_NEAREST = 3;

/**
 * Reads the model's reply as it comes and checks its citations on the way.
 *
 * Marks of sources that the prompt did not have are removed. The others are renumbered from 1 in the order of first use.
 * Each becomes a citation with the quote that supports the sentence before it, once for each passage and quote, so one
 * number may have several quotes. A reply that starts with the no-answer marker is a refusal: the marker is replaced by a
 * sentence in the question's language that names the nearest documents. Images, HTML and links that are not in the passages
 * are taken out of the text, see `AnswerSanitizer`. A reply without any valid mark is not a refusal and is not hidden, but it
 * has no citations, and `isGrounded` says so.
 */
export class CitedReply {
  readonly #passages: readonly Passage[];
  readonly #question: string;
  readonly #parser = new MarkParser();
  readonly #sanitizer: AnswerSanitizer;
  readonly #finders = new Map<number, ChunkFinder[]>();
  /** The prompt's id of a source → its number in the answer. */
  readonly #numbers = new Map<number, number>();
  readonly #citations = new Map<string, CheckedCitation>();
  /** Citations whose marks are held back, with how much must be dealt with before they are told. */
  #waiting: { readonly after: number; readonly citation: CheckedCitation }[] = [];
  #answer = '';
  #nearest: readonly NearDocument[] | undefined;
  #statements = 0;
  #supportedStatements = 0;
  #disowned = false;
  /** What was said since the last mark. */
  #sinceMark = '';
  #claim = '';
  #claimIsSupported = true;

  /** @param question decides the language of a refusal */
  constructor(passages: readonly Passage[], question: string) {
    this.#passages = passages;
    this.#sanitizer = new AnswerSanitizer(linksIn(passages));
    this.#question = question;
  }

  read(piece: string): ReplyEvent[] {
    return this.#events(this.#parser.read(piece));
  }

  /** The reply has ended: what was held back. */
  end(): ReplyEvent[] {
    return [...this.#events(this.#parser.end()), ...this.#show(this.#sanitizer.end())];
  }

  /** Nothing was found that could be asked about. */
  refuse(): ReplyEvent[] {
    this.#nearest = nearestOf(this.#passages);
    const titles = this.#nearest.map(({ title }) => title);
    return this.#show(refusalFor(this.#question, titles));
  }

  finish(): FinishedReply {
    const citations = [...this.#citations.values()];
    const nearest = this.#nearest;
    const reply = { answer: this.#answer, refused: nearest !== undefined, citations };
    if (nearest) return { ...reply, nearest };
    if (this.#disowned && citations.length === 0) return { ...reply, refused: true };
    const statements = this.#statements + statementsOf(this.#sinceMark).length;
    return { ...reply, groundedness: statements > 0 ? this.#supportedStatements / statements : 0 };
  }

  #events(parts: readonly ReplyPart[]): ReplyEvent[] {
    return parts.flatMap(part => {
      if (part.type === 'mark') return this.#cite(part.ids, part.lead);
      if (part.type === 'text') return this.#say(part.text);
      if (part.first) return this.refuse();
      this.#disowned = true;
      return [];
    });
  }

  #say(text: string): ReplyEvent[] {
    this.#sinceMark += text;
    return this.#show(this.#sanitizer.read(text));
  }

  #show(text: string): ReplyEvent[] {
    this.#answer += text;
    const shown: ReplyEvent[] = text === '' ? [] : [{ type: 'text-delta', text }];
    return [...shown, ...this.#tellWaiting()];
  }

  #tellWaiting(): ReplyEvent[] {
    const { done } = this.#sanitizer.progress;
    const due = this.#waiting.filter(({ after }) => after <= done);
    this.#waiting = this.#waiting.filter(({ after }) => after > done);
    return due.map(({ citation }) => ({ type: 'citation', citation }));
  }

  #cite(ids: readonly number[], lead: string): ReplyEvent[] {
    const known = ids.filter(id => id >= 1 && id <= this.#passages.length);
    if (known.length === 0) return [];
    const said = statementsOf(this.#sinceMark);
    this.#claim = said.at(-1) ?? this.#claim; // as it was for `[2]` in `[1][2]`, before which nothing was said
    if (said.length > 0) this.#claimIsSupported = false;
    this.#statements += said.length;
    const marks = known.map(id => `[${this.#numberOf(id)}]`).join('');
    const text = this.#say(lead + marks);
    this.#sinceMark = '';
    const after = this.#sanitizer.progress.read;
    this.#waiting.push(...known.flatMap(id => this.#citationOf(id)).map(citation => ({ after, citation })));
    return [...text, ...this.#tellWaiting()];
  }

  #numberOf(id: number): number {
    const number = this.#numbers.get(id) ?? this.#numbers.size + 1;
    this.#numbers.set(id, number);
    return number;
  }

  /**
   * @returns nothing when the same quote of the passage was cited before. A quote that supports one statement and not
   * another is told twice, since one of the two must not hide the other.
   */
  #citationOf(id: number): CheckedCitation[] {
    const passage = this.#passages[id - 1];
    if (!passage) return [];
    const finders = this.#finders.get(id) ?? findersOf(passage);
    this.#finders.set(id, finders);
    const { stored, quote } = bestQuote(finders, this.#claim);
    const { text, start, end, support, supported } = quote;
    if (supported) this.#countSupported();
    const { score, ...source } = sourceOf(stored);
    const place = placeAt(stored.chunk, start);
    const citation = { n: this.#numberOf(id), ...source, place, quote: text, start, end, score, support, supported };
    const key = `${source.chunkId}#${start}#${end}#${supported}`;
    if (this.#citations.has(key)) return [];
    this.#citations.set(key, citation);
    return [citation];
  }

  /** A statement that several sources support is one. */
  #countSupported(): void {
    if (!this.#claimIsSupported) this.#supportedStatements += 1;
    this.#claimIsSupported = true;
  }
}

interface ChunkFinder {
  readonly stored: Passage;
  readonly finder: QuoteFinder;
}

/** A joined passage has a finder for each of its chunks. */
const findersOf = (passage: Passage): ChunkFinder[] =>
  storedPassages(passage).map(stored => ({ stored, finder: new QuoteFinder(stored) }));

function bestQuote(finders: readonly ChunkFinder[], claim: string): { stored: Passage; quote: Quote } {
  const quotes = finders.map(({ stored, finder }) => ({ stored, quote: finder.find(claim) }));
  const worth = ({ quote }: (typeof quotes)[number]) => quote.support + (quote.supported ? 1 : 0);
  return quotes.reduce((best, each) => (worth(each) > worth(best) ? each : best));
}

/** Whether at least one statement of the answer is backed by its quote; what is not must be shown as unchecked. */
export const isGrounded = (citations: readonly CheckedCitation[]): boolean =>
  citations.some(citation => citation.supported);

/** Sentences that say anything: none between the marks of `[1][2]`. */
const statementsOf = (text: string): string[] =>
  sentencesOf(text).flatMap(sentence => (/[\p{L}\p{N}]/u.test(sentence.text) ? [sentence.text] : []));

/** Their best documents, each once. */
function nearestOf(passages: readonly Passage[]): NearDocument[] {
  const bestFirst = passages.toSorted((a, b) => b.score - a.score);
  const documents = bestFirst.map(
    ({ head: { documentId, title, key } }) => [documentId, { documentId, title, key }] as const,
  );
  return [...new Map(documents).values()].slice(0, MOST_NEAREST);
}
