import { type Block, BlockList, type ParsedDocument, type Source } from './block.ts';
import { languageOf } from './code-languages.ts';
import { decodeText } from './decode-text.ts';
import { extensionOf, fileNameOf } from './file-name.ts';

/** A definition with more lines than this is cut between its inner ones. */
const maxLines = 60;

/**
 * Source code: cut before the lines that stand outermost after a blank one, which is where functions and classes begin
 * in nearly every language. What is inside a large one knows the line that opens it.
 */
export function read({ bytes, key }: Source): ParsedDocument {
  const text = decodeText(bytes).text.replace(/\r\n?/g, '\n');
  const language = languageOf(extensionOf(key) || fileNameOf(key).toLowerCase(), text) ?? '';
  const list = new BlockList();
  for (const block of definitions(text.split('\n'), language)) list.add(block);
  return { blocks: list.blocks };
}

function* definitions(lines: readonly string[], header: string, depth = 0): Generator<Block> {
  for (const part of outermostParts(lines)) {
    const opening = part.find(line => indentOf(line) === 0 && isDefinition(line));
    if (part.length <= maxLines || depth > 4 || opening === undefined) yield codeBlock(part, header);
    else yield* innerParts(part, [header, opening.trim()].filter(Boolean).join(': '), header, depth);
  }
}

/** The lines up to the first that is set in, then what is set in, by its own structure, then the closing ones. */
function* innerParts(part: readonly string[], inner: string, outer: string, depth: number): Generator<Block> {
  const isInner = (line: string) => line.trim() !== '' && indentOf(line) > 0;
  const from = part.findIndex(isInner);
  const to = part.findLastIndex(isInner) + 1;
  if (from < 0) {
    yield codeBlock(part, outer);
    return;
  }
  const inside = part.slice(from, to);
  const indent = Math.min(...inside.filter(isInner).map(indentOf));
  yield codeBlock(part.slice(0, from), outer);
  for (const block of definitions(
    inside.map(line => line.slice(indent)),
    inner,
    depth + 1,
  )) {
    yield { ...block, text: block.text.replace(/^(?=.)/gm, ' '.repeat(indent)) };
  }
  yield codeBlock(part.slice(to), outer);
}

function* outermostParts(lines: readonly string[]): Generator<string[]> {
  let part: string[] = [];
  let afterBlank = false;
  for (const line of lines) {
    const isBlank = line.trim() === '';
    if (!isBlank && afterBlank && indentOf(line) === 0 && !continuesPart(line)) {
      yield part;
      part = [];
    }
    part.push(line);
    afterBlank = isBlank;
  }
  yield part;
}

/** Closing brackets and the later branches of a statement. */
const continuesPart = (line: string) =>
  /^([)\]}]|(else|elif|elsif|catch|except|finally|rescue|ensure|end|fi|done|esac)\b)/.test(line);

/** Not a comment, a decorator or a lone bracket. */
const isDefinition = (line: string) => /^[\p{L}_$<(]/u.test(line);

/** Tabs count as one: only more or less matters. */
const indentOf = (line: string) => line.length - line.trimStart().length;

const codeBlock = (lines: readonly string[], header: string): Block => ({
  kind: 'code',
  text: lines.join('\n'),
  place: {},
  ...(header === '' ? {} : { header }),
});
