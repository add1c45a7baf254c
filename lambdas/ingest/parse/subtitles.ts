import { BlockList, type ParsedDocument, type Source } from './block.ts';
import { decodeText } from './decode-text.ts';

interface Cue {
  /** As the file writes it, without the fraction of a second. */
  readonly from: string;
  readonly lines: readonly string[];
}

/** Cues are joined into paragraphs of at least this many characters, that end with a sentence. */
const paragraphLength = 300;
/** Speech without punctuation is cut here. */
const maxParagraphLength = 1_000;

/** Subtitles, SubRip or WebVTT: speech as paragraphs, each with the time at which it begins. */
export function read({ bytes }: Source): ParsedDocument {
  const list = new BlockList();
  let paragraph: { from: string; text: string } | undefined;
  const end = () => {
    if (paragraph) list.add({ kind: 'paragraph', text: `[${paragraph.from}] ${paragraph.text}`, place: {} });
    paragraph = undefined;
  };
  let shown = '';
  for (const { from, lines } of cuesOf(decodeText(bytes).text)) {
    for (const line of lines) {
      if (line === '' || line === shown) continue; // captions that roll show each line twice
      shown = line;
      if (paragraph && startsSpeech(line)) end();
      paragraph ??= { from, text: '' };
      paragraph.text += `${needsSpace(paragraph.text, line) ? ' ' : ''}${line}`;
    }
    const length = paragraph?.text.length ?? 0;
    if (length > maxParagraphLength || (length > paragraphLength && /[.!?…。！？]["'”’」)]*$/u.test(shown))) end();
  }
  end();
  return { blocks: list.blocks };
}

function* cuesOf(text: string): Generator<Cue> {
  for (const part of text.replace(/\r\n?/g, '\n').split(/\n[^\S\n]*\n/)) {
    const lines = part.split('\n');
    const times = lines.findIndex(line => line.includes('-->'));
    const from = /^\s*((?:\d+:)?\d{1,2}:\d\d)[,.]/.exec(lines[times] ?? '')?.[1];
    if (from !== undefined) yield { from, lines: lines.slice(times + 1).map(plainLine) };
  }
}

/** Without markup; a voice element becomes `Name: text`. */
const plainLine = (line: string): string =>
  line
    .replace(/<v(?:\.[^\s>]*)?\s+([^>]+)>/g, '$1: ')
    .replace(/<[^>]*>|\{\\[^}]*\}/g, '')
    .replace(/&(amp|lt|gt|nbsp|lrm|rlm);/g, (_, name: string) => entities[name] ?? '')
    .trim();

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', nbsp: ' ' };

/** A dash or a name with a colon: another person speaks. */
const startsSpeech = (line: string) => /^([-–—]\s*\S|>>|[\p{Lu}][\p{L} .'-]{0,30}:\s)/u.test(line);

const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;
const needsSpace = (before: string, after: string) =>
  before !== '' && !(wide.test(before.slice(-1)) && wide.test(after.slice(0, 1)));
