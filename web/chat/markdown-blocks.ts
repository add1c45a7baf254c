import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

type Root = ReturnType<typeof fromMarkdown>;
export type MarkdownNode = Root['children'][number];

export const parseMarkdown = (text: string): Root['children'] =>
  fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }).children;

/** An answer cut into its blocks: paragraphs, lists, tables … What is finished never changes any more. */
export interface Blocks {
  readonly text: string;
  readonly finished: readonly string[];
  /** The last block, which what comes next may still change. */
  readonly open: string;
}

export const NO_BLOCKS: Blocks = { text: '', finished: [], open: '' };

/**
 * Reads on: only what comes after the finished blocks is parsed, and in Markdown a block that another one follows is finished.
 * @param before of an earlier part of the answer; when it is none, everything is read anew
 */
export function readBlocks(before: Blocks, text: string): Blocks {
  if (text === before.text) return before;
  if (!text.startsWith(before.text)) return readBlocks(NO_BLOCKS, text);
  const rest = before.open + text.slice(before.text.length);
  const starts = parseMarkdown(rest).map(node => node.position?.start.offset ?? 0);
  const last = starts.at(-1) ?? 0;
  const finished = starts.slice(0, -1).map((start, index) => rest.slice(start, starts[index + 1]));
  return { text, finished: [...before.finished, ...finished], open: rest.slice(last) };
}
