import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MarkParser, type ReplyPart, withoutMarks } from '../../lambdas/chat/marks.ts';

/** What the parser says of a reply that comes in these pieces; adjacent text joined, for comparison. */
function parse(pieces: readonly string[]): ReplyPart[] {
  const parser = new MarkParser();
  const parts = [...pieces.flatMap(piece => parser.read(piece)), ...parser.end()];
  const joined: ReplyPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.type === 'text' && last?.type === 'text')
      joined.splice(-1, 1, { type: 'text', text: last.text + part.text });
    else joined.push(part);
  }
  return joined;
}

const text = (content: string): ReplyPart => ({ type: 'text', text: content });
const mark = (ids: readonly number[], lead = ''): ReplyPart => ({ type: 'mark', ids, lead });

describe('MarkParser', () => {
  it.each([
    ['Yes [1].', [text('Yes'), mark([1], ' '), text('.')]],
    ['Yes[1][2]', [text('Yes'), mark([1]), mark([2])]],
    ['Yes [1, 2] and [3,4]', [text('Yes'), mark([1, 2], ' '), text(' and'), mark([3, 4], ' ')]],
    ['Yes [1-3]', [text('Yes'), mark([1, 2, 3], ' ')]],
    ['In [2020] it began', [text('In [2020] it began')]],
    ['A [link](x) stays', [text('A [link](x) stays')]],
    ['Use `list[1]` here [1]', [text('Use `list[1]` here'), mark([1], ' ')]],
    ['```\na[1]\n``` done [2]', [text('```\na[1]\n``` done'), mark([2], ' ')]],
    ['A stray ` tick\nends with its line [1]', [text('A stray ` tick\nends with its line'), mark([1], ' ')]],
    ['  \n Yes.\n\n', [text('Yes.')]],
    ['Cut in half [1', [text('Cut in half')]],
    ['[no-answer]', [{ type: 'no-answer', first: true }]],
    ['\n**[No-Answer]** and more', [{ type: 'no-answer', first: true }]],
    ['It is unclear. [no-answer]', [text('It is unclear.'), { type: 'no-answer', first: false }]],
    ['[not a mark]', [text('[not a mark]')]],
  ] satisfies [string, ReplyPart[]][])('reads %j', (reply, expected) => {
    expect(parse([reply])).toEqual(expected);
  });

  it('says the same however the reply is cut into pieces', () => {
    const snippets = [
      'A claim',
      ' ',
      '[1]',
      '[2, 3]',
      '[',
      ']',
      '`x[1]`',
      '```',
      '\n',
      '[no-answer]',
      '. ',
      '[10',
      '5]',
    ];
    const reply = fc.array(fc.constantFrom(...snippets), { maxLength: 12 }).map(parts => parts.join(''));
    fc.assert(
      fc.property(reply, fc.array(fc.nat(60), { maxLength: 10 }), (whole, cuts) => {
        const places = [0, ...cuts.filter(cut => cut < whole.length).sort((a, b) => a - b), whole.length];
        const pieces = places.slice(1).map((end, index) => whole.slice(places[index], end));
        expect(parse(pieces)).toEqual(parse([whole]));
      }),
    );
  });

  it('holds back what may become a mark, and nothing else', () => {
    const parser = new MarkParser();
    expect(parser.read('Yes')).toEqual([text('Yes')]);
    expect(parser.read(' [')).toEqual([]);
    expect(parser.read('1')).toEqual([]);
    expect(parser.read('] and')).toEqual([mark([1], ' '), text(' and')]);
  });
});

describe('withoutMarks', () => {
  it('takes marks and the blanks before them out of an earlier answer', () => {
    expect(withoutMarks('It is five [1][2]. It is [2020].')).toBe('It is five. It is [2020].');
  });
});
