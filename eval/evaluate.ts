import pMap from 'p-map';
import { Bm25 } from './bm25.ts';
import type { ChatReply, Groundwork } from './groundwork.ts';
import {
  auroc,
  exactMatch,
  type Figure,
  f1,
  holdsAnswer,
  meanOf,
  measureRetrieval,
  type RetrievalFigures,
  type TradeOff,
  tradeOffs,
} from './measures.ts';
import type { EvaluationSet, Question } from './set.ts';

export interface Evaluation {
  readonly set: string;
  readonly documents: number;
  readonly questions: number;
  readonly retrieval: readonly {
    readonly language: string;
    readonly groundwork: RetrievalFigures;
    readonly bm25: RetrievalFigures;
  }[];
  readonly answers: {
    /** Share of the answerable questions that got an answer. */
    readonly answered: Figure;
    /** Share of the questions that sound answerable, and are not, that were refused. */
    readonly refused: Figure;
    /** Share of questions about one subject, asked of the documents of another, that were refused. */
    readonly refusedOutside: Figure;
    /** Share of the citations of answerable questions whose document is a right one. */
    readonly citedDocument: Figure;
    /** Share of those citations whose quote holds an accepted answer. */
    readonly citationPrecision: Figure;
    /** Share of the answerable questions with at least one such citation. */
    readonly citationRecall: Figure;
    /** Share of all citations that their passage supports, by Groundwork's own check. */
    readonly supported: Figure;
    readonly exactMatch: Figure;
    readonly f1: Figure;
  };
  /** How well the evidence of retrieval alone tells what can be answered. */
  readonly evidence: {
    readonly outside: { readonly auroc: number; readonly tradeOffs: readonly TradeOff[] };
    readonly near: { readonly auroc: number; readonly tradeOffs: readonly TradeOff[] };
  };
  readonly cost: {
    readonly inputTokens: Figure;
    readonly outputTokens: Figure;
    /** Dollars a thousand answers. */
    readonly usdPerThousand: number;
    readonly latencyMs: Figure;
  };
}

export interface EvaluateOptions {
  /** Folder of the set's documents in the bucket, below `documents/`. */
  readonly folder: string;
  /** Questions asked at a time. */
  readonly concurrency: number;
  /** Most questions that are asked of another subject's documents. */
  readonly mostOutside: number;
  readonly onProgress: (done: number, total: number) => void;
}

interface Asked {
  readonly question: Question;
  readonly ranked: readonly string[];
  readonly evidence: number;
  readonly reply: ChatReply;
}

/** Asks every question of a set whose documents are ingested, and measures what came back. */
export async function evaluate(
  groundwork: Groundwork,
  set: EvaluationSet,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const root = `documents/${options.folder}/`;
  const idOf = new Map(set.documents.map(({ id, name }) => [`${root}${name}`, id]));
  const outside = outsideQuestions(set, options.mostOutside);
  const total = set.questions.length + outside.length;
  let done = 0;
  const progress = <Result>(result: Result): Result => {
    done += 1;
    options.onProgress(done, total);
    return result;
  };

  const asked = await pMap(
    set.questions,
    async (question): Promise<Asked> => {
      const { keys, evidence } = await groundwork.search(question.question, { folder: root });
      const reply = await groundwork.ask(question.question, { folder: root });
      const ranked = keys.flatMap(key => idOf.get(key) ?? []);
      return progress({ question, ranked, evidence, reply });
    },
    { concurrency: options.concurrency },
  );
  const askedOutside = await pMap(
    outside,
    async ({ question, subject }) => {
      const folder = `${root}${subject}/`;
      const { evidence } = await groundwork.search(question.question, { folder });
      return progress({ evidence, reply: await groundwork.ask(question.question, { folder }) });
    },
    { concurrency: options.concurrency },
  );

  const answerable = asked.filter(({ question }) => question.answerable);
  const unanswerable = asked.filter(({ question }) => !question.answerable);
  return {
    set: set.name,
    documents: set.documents.length,
    questions: set.questions.length,
    retrieval: retrievalOf(set, answerable),
    answers: answersOf(answerable, unanswerable, askedOutside, idOf),
    evidence: {
      outside: separation(answerable, askedOutside),
      near: separation(answerable, unanswerable),
    },
    cost: costOf(asked.map(({ reply }) => reply)),
  };
}

/** Each question goes to the documents of the next subject in its language, which do not know. */
function outsideQuestions(set: EvaluationSet, most: number): { question: Question; subject: string }[] {
  const subjectOf = new Map(set.documents.map(({ id, subject }) => [id, subject]));
  const answerable = set.questions.filter(({ answerable }) => answerable);
  const found = answerable.flatMap(question => {
    const own = subjectOf.get(question.relevantIds[0] ?? '');
    if (own === undefined) return [];
    const peers = answerable.filter(({ language }) => language === question.language);
    const subjects = [...new Set(peers.flatMap(({ relevantIds }) => subjectOf.get(relevantIds[0] ?? '') ?? []))].sort();
    const subject = subjects[(subjects.indexOf(own) + 1) % subjects.length];
    return subject === undefined || subject === own ? [] : [{ question, subject }];
  });
  const step = Math.max(1, Math.ceil(found.length / most));
  return found.filter((_, position) => position % step === 0);
}

function retrievalOf(set: EvaluationSet, answerable: readonly Asked[]): Evaluation['retrieval'] {
  const bm25 = new Bm25(set.documents);
  const languages = [...new Set(answerable.map(({ question }) => question.language))].sort();
  return languages.map(language => {
    const ours = answerable.filter(({ question }) => question.language === language);
    const rankings = ours.map(({ question, ranked }) => ({ ranked, relevant: question.relevantIds }));
    const plain = ours.map(({ question }) => ({
      ranked: bm25.rank(question.question),
      relevant: question.relevantIds,
    }));
    return { language, groundwork: measureRetrieval(rankings), bm25: measureRetrieval(plain) };
  });
}

function answersOf(
  answerable: readonly Asked[],
  unanswerable: readonly Asked[],
  outside: readonly { readonly reply: ChatReply }[],
  idOf: ReadonlyMap<string, string>,
): Evaluation['answers'] {
  const share = (refused: boolean) => (each: { readonly reply: ChatReply }) => (each.reply.refused === refused ? 1 : 0);
  const citations = answerable.flatMap(({ question, reply }) =>
    reply.citations.map(citation => ({ question, citation })),
  );
  const holds = ({ question, citation }: (typeof citations)[number]) => holdsAnswer(citation.quote, question.answers);
  const withAnswers = answerable.filter(({ question }) => question.answers.length > 0);
  return {
    answered: meanOf(answerable.map(share(false))),
    refused: meanOf(unanswerable.map(share(true))),
    refusedOutside: meanOf(outside.map(share(true))),
    citedDocument: meanOf(
      citations.map(({ question, citation }) => (question.relevantIds.includes(idOf.get(citation.key) ?? '') ? 1 : 0)),
    ),
    citationPrecision: meanOf(citations.map(each => (holds(each) ? 1 : 0))),
    citationRecall: meanOf(
      withAnswers.map(({ question, reply }) =>
        reply.citations.some(({ quote }) => holdsAnswer(quote, question.answers)) ? 1 : 0,
      ),
    ),
    supported: meanOf(citations.map(({ citation }) => (citation.supported ? 1 : 0))),
    exactMatch: meanOf(withAnswers.map(({ question, reply }) => exactMatch(unmarked(reply.answer), question.answers))),
    f1: meanOf(withAnswers.map(({ question, reply }) => f1(unmarked(reply.answer), question.answers))),
  };
}

const unmarked = (answer: string): string => answer.replaceAll(/\s*\[\d+\]/g, '');

function separation(answerable: readonly Asked[], others: readonly { readonly evidence: number }[]) {
  const higher = answerable.map(({ evidence }) => evidence);
  const lower = others.map(({ evidence }) => evidence);
  return { auroc: auroc(higher, lower), tradeOffs: lower.length > 0 ? tradeOffs(higher, lower) : [] };
}

function costOf(replies: readonly ChatReply[]): Evaluation['cost'] {
  return {
    inputTokens: meanOf(replies.map(({ usage }) => usage.inputTokens)),
    outputTokens: meanOf(replies.map(({ usage }) => usage.outputTokens)),
    usdPerThousand: 1_000 * meanOf(replies.map(({ usage }) => usage.costUsd)).value,
    latencyMs: meanOf(replies.map(({ latencyMs }) => latencyMs)),
  };
}
