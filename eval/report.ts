import type { Evaluation } from './evaluate.ts';
import type { Figure, RetrievalFigures, TradeOff } from './measures.ts';

/** The evaluation for people: one Markdown page. */
export function reportOf(evaluation: Evaluation, model: string): string {
  const { set, documents, questions, retrieval, answers, evidence, cost } = evaluation;
  const lines = [
    `# Evaluation: ${set}`,
    '',
    `${documents} documents, ${questions} questions. Answers: ${model}. ± is one standard error.`,
    '',
    '## Retrieval',
    'Documents by their best passage, of the answerable questions.',
    '',
    '| language | questions | | hit@1 | hit@5 | hit@10 | MRR@10 | nDCG@10 |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...retrieval.flatMap(({ language, groundwork, bm25 }) => [
      retrievalRow(language, 'Groundwork', groundwork),
      retrievalRow(language, 'plain BM25', bm25),
    ]),
    '',
    '## Answers',
    '',
    '| figure | value | of |',
    '| --- | --- | --- |',
    ...Object.entries(answers).map(([name, figure]) => `| ${wordsOf(name)} | ${withError(figure)} | ${figure.count} |`),
    '',
    '## Refusing by evidence alone',
    'What a threshold on the evidence of retrieval would do, without any model.',
    '',
    ...tradeOffTable('questions from outside', evidence.outside),
    ...tradeOffTable('near misses', evidence.near),
    '## Cost',
    '',
    `${cost.inputTokens.value.toFixed(0)} input and ${cost.outputTokens.value.toFixed(0)} output tokens an answer, ` +
      `$${cost.usdPerThousand.toFixed(2)} a thousand answers at the model's list price, ${cost.latencyMs.value.toFixed(0)} ms an answer.`,
    '',
  ];
  return lines.join('\n');
}

function retrievalRow(language: string, name: string, figures: RetrievalFigures): string {
  const cells = Object.values(figures).map(({ value }) => value.toFixed(3));
  return `| ${language} | ${figures['hit@1'].count} | ${name} | ${cells.join(' | ')} |`;
}

function tradeOffTable(
  name: string,
  { auroc, tradeOffs }: { readonly auroc: number; readonly tradeOffs: readonly TradeOff[] },
): string[] {
  if (tradeOffs.length === 0) return [`No ${name} in this set.`, ''];
  return [
    `AUROC against ${name}: ${auroc.toFixed(3)}`,
    '',
    '| threshold | answerable ones answered | others refused |',
    '| --- | --- | --- |',
    ...tradeOffs.map(
      ({ threshold, answered, refused }) =>
        `| ${threshold.toFixed(3)} | ${answered.toFixed(3)} | ${refused.toFixed(3)} |`,
    ),
    '',
  ];
}

const withError = ({ value, error }: Figure): string => `${value.toFixed(3)} ± ${error.toFixed(3)}`;

/** `citationRecall` → `citation recall`. */
const wordsOf = (name: string): string => name.replaceAll(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
