import { z } from 'zod';
import { embedText } from './embedder.ts';
import { invalid } from './errors.ts';
import { estimateTokens } from './tokens.ts';

export const TITAN_EMBEDDING_MODEL = 'amazon.titan-embed-text-v2:0';
const DIMENSIONS: readonly number[] = [1024, 512, 256];
const MAX_CHARACTERS = 50_000;
const MAX_TOKENS = 8192;

const titanRequest = z.strictObject({
  inputText: z.string(),
  dimensions: z.number().optional(),
  normalize: z.boolean().optional(),
  embeddingTypes: z
    .array(z.enum(['float', 'binary']))
    .nonempty()
    .optional(),
});

/**
 * The body of InvokeModel for Titan Text Embeddings V2.
 * @returns `embedding` unless only binary was asked for, `embeddingsByType`, and `inputTextTokenCount` (estimated)
 * @throws BedrockError in AWS's words
 */
export function invokeTitanEmbedding(body: Buffer): Record<string, unknown> {
  const { inputText, dimensions = 1024, normalize = true, embeddingTypes = ['float'] } = parseRequest(body);
  checkInput(inputText, dimensions);
  const inputTextTokenCount = estimateTokens(inputText);
  if (inputTextTokenCount > MAX_TOKENS) {
    throw invalid(
      `Too many input tokens. Max input tokens: ${MAX_TOKENS}, request input token count: ${inputTextTokenCount}`,
    );
  }
  const embedding = embedText(inputText, dimensions, normalize);
  const embeddingsByType: Record<string, number[]> = {};
  if (embeddingTypes.includes('float')) embeddingsByType.float = embedding;
  if (embeddingTypes.includes('binary')) embeddingsByType.binary = embedding.map(value => (value > 0 ? 1 : 0));
  return { ...(embeddingTypes.includes('float') && { embedding }), embeddingsByType, inputTextTokenCount };
}

function parseRequest(body: Buffer): z.infer<typeof titanRequest> {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw malformed('could not be parsed as JSON');
  }
  const parsed = titanRequest.safeParse(json);
  if (parsed.success) return parsed.data;
  throw malformed(parsed.error.issues.map(issue => describeIssue(issue, json)).join(''));
}

/** In the words of the JSON Schema validator that stands before the model. */
function describeIssue(issue: z.core.$ZodIssue, json: unknown): string {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map(key => `#: extraneous key [${key}] is not permitted`).join('');
  const key = String(issue.path[0] ?? '');
  const absent = typeof json === 'object' && json !== null && !(key in json);
  return absent && key !== '' ? `#: required key [${key}] not found` : `#/${issue.path.join('/')}: ${issue.message}`;
}

function checkInput(inputText: string, dimensions: number): void {
  if (inputText.length === 0) throw malformed('expected minLength: 1, actual: 0');
  if (inputText.length > MAX_CHARACTERS) {
    throw malformed(`expected maxLength: ${MAX_CHARACTERS}, actual: ${inputText.length}`);
  }
  if (!DIMENSIONS.includes(dimensions)) throw malformed(`#/dimensions: ${dimensions} is not a valid enum value`);
}

const malformed = (reason: string) =>
  invalid(`Malformed input request: ${reason}, please reformat your input and try again.`);
