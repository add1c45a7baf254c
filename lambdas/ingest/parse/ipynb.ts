import * as z from 'zod';
import { type Block, BlockList, type ParsedDocument, type Source, sensibleTitle } from './block.ts';
import { decodeText } from './decode-text.ts';
import { readMarkdown } from './markdown.ts';
import { unreadable } from './unreadable.ts';

/** Texts are lists of lines, or strings in notebooks of other programs. */
const lines = z
  .union([z.string(), z.array(z.string())])
  .transform(text => (Array.isArray(text) ? text.join('') : text));

const output = z.object({
  text: lines.optional().catch(undefined),
  data: z.object({ 'text/plain': lines.optional() }).optional().catch(undefined),
  ename: z.string().optional().catch(undefined),
  evalue: z.string().optional().catch(undefined),
});

const cell = z.object({
  cell_type: z.string(),
  source: lines.optional(),
  /** What version 3 calls the source of a code cell. */
  input: lines.optional(),
  outputs: z.array(output).catch([]).default([]),
});

const notebook = z.object({
  cells: z.array(cell).optional(),
  /** Of version 3. */
  worksheets: z.array(z.object({ cells: z.array(cell) })).optional(),
  metadata: z
    .object({
      title: z.string().optional(),
      kernelspec: z.object({ display_name: z.string().optional() }).optional(),
      language_info: z.object({ name: z.string().optional() }).optional(),
    })
    .optional()
    .catch(undefined),
});

/** What an output prints beyond this is data, not text. */
const maxOutput = 4_000;

/** Jupyter notebooks: text cells as Markdown, code cells, and what they printed. Pictures are left out. */
export function read({ bytes, signal }: Source): ParsedDocument {
  const { cells = [], worksheets = [], metadata } = parseNotebook(decodeText(bytes).text);
  const language = metadata?.language_info?.name ?? metadata?.kernelspec?.display_name;
  const list = new BlockList();
  for (const part of [...cells, ...worksheets.flatMap(sheet => sheet.cells)]) {
    signal?.throwIfAborted();
    for (const block of blocksOf(part, language)) list.add(block);
  }
  const heading = list.blocks.find(block => block.kind === 'heading' && block.level === 1);
  const title = sensibleTitle(metadata?.title) ?? sensibleTitle(heading?.text);
  return title ? { title, blocks: list.blocks } : { blocks: list.blocks };
}

function parseNotebook(text: string): z.infer<typeof notebook> {
  try {
    const parsed = notebook.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    throw unreadable('corrupt-file', 'the notebook', { cause: parsed.error });
  } catch (error) {
    if (error instanceof RangeError) throw unreadable('too-deep');
    if (error instanceof SyntaxError) throw unreadable('corrupt-file', 'the notebook', { cause: error });
    throw error;
  }
}

function* blocksOf({ cell_type, source, input, outputs }: z.infer<typeof cell>, language?: string): Generator<Block> {
  const text = source ?? input ?? '';
  if (cell_type === 'markdown') yield* readMarkdown(text).blocks;
  else if (cell_type === 'heading') yield { kind: 'heading', level: 2, text, place: {} };
  else if (cell_type !== 'code') yield { kind: 'paragraph', text, place: {} };
  else yield { kind: 'code', text, place: {}, ...(language ? { header: language } : {}) };
  for (const { text: printed, data, ename, evalue } of outputs) {
    const shown = printed ?? data?.['text/plain'] ?? [ename, evalue].filter(Boolean).join(': ');
    const isPicture = /^<(Figure|matplotlib|IPython)\b[^\n]*>$/.test(shown.trim());
    if (!isPicture) yield { kind: 'code', text: shown.slice(0, maxOutput), place: {}, header: 'Output' };
  }
}
