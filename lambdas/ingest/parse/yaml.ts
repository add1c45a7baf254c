import { type Document, isMap, parseAllDocuments, visit } from 'yaml';
import { BlockList, type ParsedDocument, type Source } from './block.ts';
import { decodeText } from './decode-text.ts';
import { limits } from './limits.ts';
import { addParagraphs } from './paragraphs.ts';
import { addRecords } from './record-blocks.ts';
import { unreadable } from './unreadable.ts';

/**
 * YAML, one document or several: each mapping is a record, `key: value; …`, with the comments above it. What is no YAML
 * after all, as templates of it are not, is read as text.
 */
export function read({ bytes }: Source): ParsedDocument {
  const { text } = decodeText(bytes);
  const list = new BlockList();
  const documents = parseYaml(text);
  if (documents) for (const document of documents) addDocument(list, document);
  if (list.blocks.length === 0) addParagraphs(list, text); // also keys without a value say something
  return { blocks: list.blocks };
}

/** By the grammar `key: {{ .Value }}` is a mapping with a mapping for a key. */
const template = /^[^#'"\n]*:\s*\{\{/m;

/** Where an error is does not matter, and finding out takes time. */
const options = { uniqueKeys: false, merge: true, logLevel: 'silent', prettyErrors: false } as const;

function parseYaml(text: string): Document[] | undefined {
  if (text.length > limits.yamlCharacters || template.test(text)) return undefined;
  try {
    const documents = [...parseAllDocuments(text, options)];
    return documents.every(document => document.errors.length === 0) ? documents : undefined;
  } catch (error) {
    if (error instanceof RangeError) throw unreadable('too-deep'); // the parser's stack is used up
    throw error;
  }
}

function addDocument(list: BlockList, document: Document): void {
  const value = plainValueOf(document);
  addComment(list, document.commentBefore);
  if (isMap(document.contents) && typeof value === 'object' && value !== null && hasComments(document)) {
    for (const { key, value: node } of document.contents.items) {
      addComment(list, commentsIn(key), commentsIn(node));
      const name = String(key);
      addRecords(list, value[name as keyof typeof value], name); // an alias for a key is the name of nothing
    }
  } else addRecords(list, value);
  addComment(list, document.contents?.comment ?? undefined, document.comment);
}

/** @throws UnreadableDocument unsafe-content when its aliases would grow without end */
function plainValueOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (error instanceof RangeError) throw unreadable('too-deep');
    if (error instanceof ReferenceError) throw unreadable('unsafe-content'); // "Excessive alias count"
    throw error;
  }
}

const hasComments = (document: Document) => commentsIn(document.contents) !== '';

/** The comments above and behind a node and those in it, a line each. */
function commentsIn(node: unknown): string {
  const comments: string[] = [];
  visit(node as Document, {
    // any node will do, whatever the type of visit says
    Node(_, { commentBefore, comment }) {
      if (commentBefore) comments.push(commentBefore);
      if (comment) comments.push(comment);
    },
  });
  return comments.join('\n');
}

function addComment(list: BlockList, ...comments: readonly (string | null | undefined)[]): void {
  const text = comments.filter(Boolean).join('\n');
  list.add({ kind: 'paragraph', text: text.replace(/^ /gm, ''), place: {} });
}
