import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { Citation } from '../../web/api/shapes.ts';
import { answerWithSources } from '../../web/chat/answer-text.ts';
import { draftOf, forgetDrafts, keepDraft, keepUnanswered } from '../../web/chat/drafts.ts';
import { fileName } from '../../web/chat/export-conversation.ts';
import { describeFilter, distinctionsOf, filterOf } from '../../web/chat/filter.ts';
import Markdown, { isSafeLink } from '../../web/chat/markdown.tsx';
import { NO_BLOCKS, readBlocks } from '../../web/chat/markdown-blocks.ts';
import { splitMarks, withoutMarks } from '../../web/chat/marks.ts';
import { atPlace } from '../../web/chat/open-document.ts';
import { branchesIn, endOfBranch, sourcesOf, type Turn } from '../../web/chat/turn.ts';
import { spoken } from '../../web/preferences.ts';
import { parseRoute } from '../../web/routes.tsx';
import { en } from '../../web/strings/en.ts';
import { formatsOf } from '../../web/strings/formats.ts';
import { LanguageProvider } from '../../web/strings/strings.tsx';
import { memoryStorage } from './support.ts';

const cite = (n: number, more: Partial<Citation> = {}): Citation => ({
  n,
  documentId: 'a'.repeat(32),
  version: 1,
  chunkId: `chunk-${n}`,
  title: `Title ${n}`,
  key: `documents/${n}.pdf`,
  place: { page: 12 },
  score: 0.5,
  quote: 'quote',
  start: 0,
  end: 5,
  support: 1,
  supported: true,
  ...more,
});

describe('readBlocks', () => {
  const text =
    'One\nand more.\n\n- a\n- b\n\n  of b\n\n| x | y |\n| - | - |\n| 1 | 2 |\n\n```sh\nls\n\nls\n```\n\n# End\n\nLast';

  it('finds the same blocks however the text came', () => {
    const whole = readBlocks(NO_BLOCKS, text);
    for (const size of [1, 3, 7]) {
      let blocks = NO_BLOCKS;
      for (let end = 0; end < text.length + size; end += size) blocks = readBlocks(blocks, text.slice(0, end));
      expect(blocks.finished.map(block => block.trim())).toEqual(whole.finished.map(block => block.trim()));
      expect(blocks.open).toBe('Last');
    }
    expect(whole.finished).toHaveLength(5);
  });

  it('never changes a finished block', () => {
    let blocks = NO_BLOCKS;
    for (let end = 1; end <= text.length; end += 1) {
      const next = readBlocks(blocks, text.slice(0, end));
      expect(next.finished.slice(0, blocks.finished.length)).toEqual(blocks.finished);
      blocks = next;
    }
  });

  it('reads another answer from its beginning', () => {
    expect(readBlocks(readBlocks(NO_BLOCKS, 'One\n\nTwo'), 'Other')).toMatchObject({ finished: [], open: 'Other' });
  });
});

describe('an answer', () => {
  const html = (text: string, citations: readonly Citation[] = []) =>
    renderToStaticMarkup(
      <LanguageProvider language="en" strings={en}>
        <Markdown text={text} citations={citations} onOpenSource={() => undefined} />
      </LanguageProvider>,
    );

  it('shows tables, lists, code and emphasis', () => {
    expect(html('| a | b |\n| - | -: |\n| 1 | **2** |')).toContain('<td data-align="right"><strong>2</strong></td>');
    expect(html('3. x\n4. y')).toContain('<ol start="3"><li>x</li><li>y</li></ol>');
    expect(html('```js\nlet a = "<b>";\n```')).toContain('<code>let a = &quot;&lt;b&gt;&quot;;</code>');
  });

  it('makes a button of a mark that names a source, and leaves other brackets alone', () => {
    const shown = html('True [1], false [2], free [3].', [cite(1), cite(2, { supported: false })]);
    expect(shown).toContain('aria-label="Source 1: Title 1, Page 12"');
    expect(shown).toContain('aria-label="Source 2: Title 2, Page 12, Does not support the answer"');
    expect(shown).toContain('free [3].');
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    'a <b onclick="x()">b</b>',
    '![pixel](https://evil.example/p.png)',
    '[click](javascript:alert(1))',
    '[click](data:text/html,hello)',
    '[click](//evil.example)',
    '<iframe src="https://evil.example"></iframe>',
  ])('renders nothing active of %s', text => {
    expect(html(text)).not.toMatch(/<(script|img|iframe|b\b|object|embed|form|style)|href="(?!https?:)|<[^>]* on\w+=/i);
  });

  it('opens links in a tab that learns nothing of this one', () => {
    expect(html('[x](https://a.example)')).toContain(
      '<a href="https://a.example" target="_blank" rel="noreferrer noopener">x</a>',
    );
    expect(['https://a.example', 'mailto:a@b.example'].every(isSafeLink)).toBe(true);
    expect(['javascript:1', 'file:///etc', 'documents/x', ''].some(isSafeLink)).toBe(false);
  });

  it('can be copied without marks, and with its sources', () => {
    const turn = { answer: 'Yes [1][2].', citations: [cite(2, { place: {} }), cite(1)] } as unknown as Turn; // all it reads
    expect(withoutMarks(turn.answer)).toBe('Yes.');
    expect(answerWithSources(turn, en.chat)).toBe(
      'Yes [1][2].\n\nSources:\n[1] Title 1, Page 12, documents/1.pdf\n[2] Title 2, documents/2.pdf',
    );
    expect(splitMarks('a [1] b [12]', new Set([1]))).toEqual(['a ', { n: 1 }, ' b ', '[12]']);
  });

  it('has its sources by number, each with all its quotes', () => {
    const sources = sourcesOf([cite(2), cite(1), cite(2, { quote: 'other' })]);
    expect(sources.map(({ n, citations }) => [n, citations.length])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });
});

describe('branches', () => {
  const turn = (turnId: string, parentTurnId?: string) => ({ turnId, parentTurnId }) as Turn; // all that makes the tree
  const turns = [turn('a'), turn('b', 'a'), turn('c', 'a'), turn('d', 'b'), turn('e')];

  it('are the turns with the same parent, or with none', () => {
    const branches = branchesIn(turns);
    expect(branches.get('a')?.map(each => each.turnId)).toEqual(['b', 'c']);
    expect(branches.get(undefined)?.map(each => each.turnId)).toEqual(['a', 'e']);
  });

  it('lead to their newest turn', () => {
    expect(endOfBranch(turns, turns[0] as Turn).turnId).toBe('c');
    expect(endOfBranch(turns, turns[1] as Turn).turnId).toBe('d');
  });
});

describe('drafts', () => {
  it('are kept for each conversation until they are sent', () => {
    const storage = memoryStorage();
    keepDraft(undefined, 'new one', storage);
    keepDraft('c1', 'old one', storage);
    expect([draftOf(undefined, storage), draftOf('c1', storage)]).toEqual(['new one', 'old one']);
    keepDraft('c1', '', storage);
    expect(draftOf('c1', storage)).toBe('');
  });

  it('hold a question that was not answered, until it is', () => {
    const storage = memoryStorage();
    keepUnanswered('c1', 'Q', false, storage);
    expect(draftOf('c1', storage)).toBe('Q');
    keepUnanswered('c1', 'Q', true, storage);
    expect(draftOf('c1', storage)).toBe('');
    keepDraft('c1', 'written since', storage);
    keepUnanswered('c1', 'Q', false, storage);
    expect(draftOf('c1', storage)).toBe('written since');
  });

  it('go with who logs out, and nothing else does', () => {
    const storage = memoryStorage();
    storage.setItem('groundwork.theme', 'dark');
    keepDraft(undefined, 'x', storage);
    keepDraft('c1', 'y', storage);
    forgetDrafts(storage);
    expect([storage.length, storage.getItem('groundwork.theme')]).toEqual([1, 'dark']);
  });
});

describe('filters', () => {
  const document = (key: string, attributes?: object) =>
    ({ key, attributes }) as Parameters<typeof distinctionsOf>[0][0];

  it('offer the folders and the attributes that the documents have', () => {
    const known = distinctionsOf([
      document('documents/hr/2026/leave.pdf', { year: 2026, team: ['people', 'law'] }),
      document('documents/top.pdf', { year: 2025 }),
    ]);
    expect(known.folders).toEqual(['documents/hr/', 'documents/hr/2026/']);
    expect([...known.attributes]).toEqual([
      ['team', ['law', 'people']],
      ['year', [2025, 2026]],
    ]);
  });

  it('ask for what was chosen, and for nothing when nothing was', () => {
    expect(filterOf('', new Map())).toBeUndefined();
    const filter = filterOf('documents/hr/', new Map([['year', 2026]]));
    expect(filter).toEqual({ folder: 'documents/hr/', attributes: { year: { equals: 2026 } } });
    expect(describeFilter(filter)).toEqual(['hr/', 'year: 2026']);
  });
});

describe('routes, languages and numbers', () => {
  it.each([
    ['', { name: 'chat' }],
    ['#/', { name: 'chat' }],
    ['#/c/01J', { name: 'chat', conversationId: '01J' }],
    ['#/documents', { name: 'documents' }],
    ['#/documents/abc', { name: 'documents', documentId: 'abc' }],
    ['#/admin/keys', { name: 'admin', section: 'keys' }],
    ['#/c', { name: 'unknown' }],
    ['#/c/1/2', { name: 'unknown' }],
    ['#/elsewhere', { name: 'unknown' }],
  ])('%s is a route', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });

  it('speaks the first language that it knows', () => {
    expect(spoken(['fr-FR', 'de-AT', 'en'])).toBe('de');
    expect(spoken(['fr'])).toBe('en');
  });

  it('writes what is small as exactly as it must', () => {
    const { dollars, bytes, ago } = formatsOf('en');
    expect([dollars(0.00121), dollars(12.5), bytes(1_500_000), bytes(0)]).toEqual([
      '$0.00121',
      '$12.50',
      '1.5 MB',
      '0 bytes',
    ]);
    expect(ago('2026-01-01T00:00:00Z', Date.parse('2026-01-01T03:00:00Z'))).toBe('3 hours ago');
  });

  it('opens a PDF at its page, and names files that every system takes', () => {
    expect(atPlace('https://x/a', { documentId: '', key: 'a.PDF', place: { page: 3 } })).toBe('https://x/a#page=3');
    expect(atPlace('https://x/a', { documentId: '', key: 'a.docx', place: { page: 3 } })).toBe('https://x/a');
    expect([fileName('What? A/B: c'), fileName('???')]).toEqual(['What A B c', 'conversation']);
  });
});
