import * as z from 'zod';
import { documentIdSchema, placeSchema, searchFilterSchema, topKSchema } from '../http/schemas.ts';
import { MODEL_CHOICES } from './routing.ts';

/** A ULID, as conversations and turns are named by. */
export const conversationIdSchema = z
  .string()
  .regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'must be a conversationId that an answer gave');

/** A ULID too. */
export const turnIdSchema = z.string().regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'must be a turnId that an answer gave');

export const chatRequestSchema = z
  .strictObject({
    message: z.string().trim().min(1).max(4_000).meta({ description: 'The question.' }),
    conversationId: conversationIdSchema
      .optional()
      .meta({ description: 'Continues a conversation; leave it out to start one.' }),
    parentTurnId: turnIdSchema.nullable().optional().meta({
      description:
        'The turn of the conversation to go on from, which makes a branch when it has been gone on from; null: from the beginning. Default: the newest turn.',
    }),
    filter: searchFilterSchema.optional(),
    topK: topKSchema.optional(),
    model: z.enum(MODEL_CHOICES).optional().meta({
      description: 'Who answers, where the stack has a strong model; default: by the form of the question.',
    }),
    includeRetrieved: z
      .boolean()
      .optional()
      .meta({ description: 'Tell in `retrieved` which passages were found and not cited. Default: false.' }),
  })
  .refine(({ conversationId, parentTurnId }) => conversationId !== undefined || parentTurnId === undefined, {
    path: ['parentTurnId'],
    error: 'needs the conversationId that it belongs to',
  })
  .meta({ id: 'ChatRequest' });

/** What is told of a passage, wherever one is named. */
export const sourceFields = {
  documentId: documentIdSchema,
  version: z.int(),
  chunkId: z.string(),
  title: z.string(),
  key: z.string(),
  place: placeSchema,
  score: z.number().meta({ description: 'Similarity to the question: higher is closer.' }),
};

const CHECKED_CITATION = {
  n: z.int().min(1).meta({ description: 'The number in the marks `[n]` of the answer.' }),
  ...sourceFields,
  quote: z.string().meta({ description: 'Exactly the text of the chunk from `start` to `end`.' }),
  start: z.int().min(0).meta({ description: 'Offset in the chunk, in UTF-16 code units.' }),
  end: z.int().min(0).meta({ description: 'Exclusive.' }),
  support: z.number().min(0).max(1).meta({
    description: 'Share of the words of the sentence that cites it which the quote and its headings hold.',
  }),
  supported: z.boolean().meta({
    description: 'Whether that is enough, and no figure of the sentence is missing in the passage.',
  }),
};
export const storedCitationSchema = z.object(CHECKED_CITATION).meta({ id: 'StoredCitation' });
const citationSchema = z
  .object({ ...CHECKED_CITATION, url: z.string().meta({ description: 'A link to the document for some minutes.' }) })
  .meta({ id: 'Citation' });

export const usageSchema = z
  .object({
    inputTokens: z.int().min(0),
    outputTokens: z.int().min(0),
    cacheReadTokens: z
      .int()
      .min(0)
      .exactOptional()
      .meta({ description: "Of `inputTokens`: read from the provider's prompt cache, which is cheaper." }),
    cacheWriteTokens: z.int().min(0).exactOptional().meta({ description: 'Of `inputTokens`: written to it.' }),
    rerankQueries: z
      .int()
      .min(1)
      .exactOptional()
      .meta({ description: 'Queries of the reranker, as they are billed: one for up to 100 texts of 512 tokens.' }),
    costUsd: z.number().min(0).meta({
      description: 'Estimated from list prices. Tokens of a model without a known price cost nothing here.',
    }),
  })
  .meta({ id: 'Usage' });

export const modelField = z
  .string()
  .exactOptional()
  .meta({ description: 'The id of the model that answered; absent when none was asked.' });

export const parentField = turnIdSchema
  .optional()
  .meta({ description: 'The turn that it goes on from; absent at the beginning of a conversation.' });

export const groundednessSchema = z.number().min(0).max(1).meta({
  description: 'Share of the statements of the answer that a quote supports; absent for a refusal.',
});
export const nearestSchema = z
  .array(z.object({ documentId: documentIdSchema, title: z.string(), key: z.string() }))
  .meta({ description: 'Of a refusal: the documents nearest to the question, at most 3, best first.' });

export const interventionSchema = z
  .object({
    policies: z.array(z.string()).meta({ description: 'The rules, e.g. `topic`; empty when they are not told.' }),
  })
  .meta({ id: 'Intervention', description: 'A guardrail blocked the question or the answer, or changed the answer.' });

export const chatAnswerSchema = z
  .object({
    conversationId: conversationIdSchema,
    turnId: turnIdSchema,
    parentTurnId: parentField,
    answer: z.string().meta({ description: 'Text with marks `[n]` that name citations.' }),
    refused: z.boolean().meta({ description: 'The documents hold no answer; there are no citations.' }),
    grounded: z.boolean().meta({
      description:
        'At least one statement is backed by its quote. Show an answer that is neither refused nor grounded as unchecked.',
    }),
    groundedness: groundednessSchema.optional(),
    citations: z.array(citationSchema),
    nearest: nearestSchema.optional(),
    retrieved: z.array(z.object(sourceFields)).optional().meta({
      description: 'With `includeRetrieved`: the passages that the model was given and the answer does not cite.',
    }),
    model: modelField,
    intervention: interventionSchema.optional(),
    cached: z.literal(true).exactOptional().meta({
      description: 'It was said before, to a question of the same meaning that found exactly the same passages.',
    }),
    savedUsd: z.number().min(0).exactOptional().meta({ description: 'What it would have cost to ask the model.' }),
    usage: usageSchema,
    latencyMs: z.number().min(0),
    stopReason: z.string().optional().meta({ description: 'Why the model ended; `max_tokens`: the answer is cut.' }),
  })
  .meta({ id: 'ChatAnswer' });
