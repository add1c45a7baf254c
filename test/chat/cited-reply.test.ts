import { describe, expect, it } from 'vitest';
import { CitedReply, isGrounded, type ReplyEvent } from '../../lambdas/chat/cited-reply.ts';
import { passageOf } from './passages.ts';

const tower = passageOf({
  key: 'documents/tower.md',
  title: 'Tower',
  text: 'The tower was built in 1891. It has 212 steps of oak. Visitors climb it on Sundays only.',
});
const greenhouse = passageOf({
  key: 'documents/greenhouse.md',
  title: 'Greenhouse',
  text: 'Orchids need rain water every nine days.\nThe heating is switched on with the red lever.',
});

/** Reads a reply in pieces. */
function read(pieces: readonly string[], question = 'What is it?', passages = [tower, greenhouse]) {
  const reply = new CitedReply(passages, question);
  const events: ReplyEvent[] = [...pieces.flatMap(piece => reply.read(piece)), ...reply.end()];
  const text = events.flatMap(event => (event.type === 'text-delta' ? [event.text] : [])).join('');
  const told = events.flatMap(event => (event.type === 'citation' ? [event.citation] : []));
  return { ...reply.finish(), events, text, told };
}

describe('CitedReply', () => {
  it('cites the sentence of the passage that supports the statement, exactly as it stands there', () => {
    const { citations } = read(['It has 212 steps [1].']);
    expect(citations).toMatchObject([{ n: 1, title: 'Tower', quote: 'It has 212 steps of oak.', supported: true }]);
    const [citation] = citations;
    expect(tower.chunk.text.slice(citation?.start, citation?.end)).toBe(citation?.quote);
  });

  it('says in which section of its passage the quote stands', () => {
    const text = 'Hours\n\nOpen from nine to five.\n\nPrices\n\nA visiting boat pays 24 euros a night.';
    const { chunk, ...passage } = passageOf({ key: 'documents/harbour.md', title: 'Harbour', text });
    const sections = [{ start: text.indexOf('Prices'), section: 'Prices' }];
    const harbour = { ...passage, chunk: { ...chunk, place: { page: 2, section: 'Hours' }, sections } };
    const { citations } = read(['It is open from nine to five [1]. A boat pays 24 euros a night [1].'], 'When?', [
      harbour,
    ]);
    expect(citations.map(({ place }) => place)).toEqual([
      { page: 2, section: 'Hours' },
      { page: 2, section: 'Prices' },
    ]);
  });

  it('numbers sources by first use', () => {
    const { answer, citations } = read([
      'The red lever switches the heating on [2]. It has 212 steps [1], oak steps [1].',
    ]);
    expect(answer).toBe('The red lever switches the heating on [1]. It has 212 steps [2], oak steps [2].');
    expect(citations.map(({ n, title }) => [n, title])).toEqual([
      [1, 'Greenhouse'],
      [2, 'Tower'],
    ]);
  });

  it('removes marks of sources that it was not given', () => {
    expect(read(['It has 212 steps [7][1]. It is old [9].']).answer).toBe('It has 212 steps[1]. It is old.');
  });

  it('tells a citation once for each passage and quote, right after its mark', () => {
    const { events, told } = read(['It has 212 steps [1]. The steps are of oak [1]. Built in 1891 [1].']);
    expect(told.map(({ quote }) => quote)).toEqual(['It has 212 steps of oak.', 'The tower was built in 1891.']);
    const first = events.findIndex(({ type }) => type === 'citation');
    expect(events[first - 1]).toEqual({ type: 'text-delta', text: ' [1]' });
  });

  it('reads several marks of one statement', () => {
    const { answer, citations } = read(['It has 212 steps [1, 2].']);
    expect(answer).toBe('It has 212 steps [1][2].');
    expect(citations.map(({ supported }) => supported)).toEqual([true, false]);
  });

  it('never shows half a mark, however the pieces are cut', () => {
    const { events, text, answer } = read([...'Steps: 212 [1][2]. Done [9].']);
    const shown = events.flatMap(event => (event.type === 'text-delta' ? [event.text] : []));
    expect(shown.filter(piece => piece.includes('[')).every(piece => /\[\d+\]/.test(piece))).toBe(true);
    expect(text).toBe('Steps: 212 [1][2]. Done.');
    expect(answer).toBe(text);
  });

  it('takes out what could act, also what a removed mark would have joined', () => {
    const { answer, text } = read([
      ...'It has 212 steps ![x][9](http://evil.example/q) <[9]img src=x> [1](javascript:a()).',
    ]);
    expect(answer).toBe('It has 212 steps [x]  [1].');
    expect(text).toBe(answer);
  });

  it('tells a citation after its mark also when the mark is held back', () => {
    const { events } = read(['It has <!-- ', 'oak [1]', ' --> 212 steps [1', ']. ', 'End.']);
    const told = events.map(event => (event.type === 'text-delta' ? event.text : event.citation.n));
    expect(told).toEqual(['It has ', ' 212 steps', 1, ' [1]', '.', ' End.']);
  });

  it('quotes the stored text exactly where characters that nobody sees stand in it', () => {
    const text = 'First.\u200b The pass\u200bword \u{e0041}changes every ninety days.';
    const { citations } = read(['The password changes every ninety days [1].'], 'How often?', [passageOf({ text })]);
    expect(citations).toMatchObject([{ supported: true, quote: expect.stringContaining('pass\u200bword') }]);
    const [citation] = citations;
    expect(text.slice(citation?.start, citation?.end)).toBe(citation?.quote);
  });

  it('says of a statement that the source does not make that it is not supported', () => {
    expect(read(['The lift carries twenty people at night [1].']).citations).toMatchObject([{ supported: false }]);
  });

  it('does not take a figure for supported that stands nowhere in the source', () => {
    expect(read(['It has 312 steps of oak [1].']).citations).toMatchObject([{ supported: false }]);
  });

  it('joins two adjacent sentences when both are needed', () => {
    const { citations } = read(['Built in 1891, the tower has 212 steps of oak [1].']);
    expect(citations[0]?.quote).toBe('The tower was built in 1891. It has 212 steps of oak.');
  });

  it('compares words of languages without blanks', () => {
    const passage = passageOf({ text: '温室的暖气用红色的杆打开。兰花每九天浇一次雨水。' });
    const { citations } = read(['兰花每九天浇一次水 [1]。'], '兰花多久浇一次水？', [passage]);
    expect(citations).toMatchObject([{ quote: '兰花每九天浇一次雨水。', supported: true }]);
  });

  it.each([
    ['whole', ['[no-answer]']],
    ['in pieces', [...'[no-answer]']],
    ['dressed up', ['\n**[No-', 'Answer]**', ' sorry']],
  ])('turns the no-answer marker, %s, into a sentence in the language of the question', (_, pieces) => {
    const reply = read(pieces, 'Wie viele Stufen hat der Turm?');
    expect(reply).toMatchObject({
      refused: true,
      citations: [],
      answer: 'Die Dokumente beantworten diese Frage nicht. Am nächsten kommen: „Tower“, „Greenhouse“.',
      nearest: [
        { title: 'Tower', key: 'documents/tower.md' },
        { title: 'Greenhouse', key: 'documents/greenhouse.md' },
      ],
    });
    expect(reply.text).toBe(reply.answer);
    expect(reply).not.toHaveProperty('groundedness');
  });

  it('names three near documents in a refusal, each once', () => {
    const passages = ['a', 'a', 'b', 'c', 'd'].map((name, index) =>
      passageOf({ key: `documents/${name}.md`, title: name, text: 'Orchids.', index }),
    );
    const { answer, nearest } = read(['[no-answer]'], 'How high is it?', passages);
    expect(nearest?.map(({ title }) => title)).toEqual(['a', 'b', 'c']);
    expect(answer).toContain('“a”, “b”, “c”.');
  });

  it('tells which share of its statements a quote supports', () => {
    const supported = 'It has 212 steps [1].';
    expect(read([supported]).groundedness).toBe(1);
    expect(read([`${supported} The lift carries twenty people [1].`]).groundedness).toBe(0.5);
    expect(read([`It is the pride of the town. ${supported} Do visit it!`]).groundedness).toBeCloseTo(1 / 3);
    expect(read(['It is the pride of the town.']).groundedness).toBe(0);
  });

  it('counts a statement once, however many sources support it', () => {
    expect(read(['It has 212 steps [1][2]. It is very old [2].']).groundedness).toBe(0.5);
    expect(read(['It has 212 steps [1][1]. It is very old [2].']).groundedness).toBe(0.5);
  });

  it('tells how much of the sentence the quote holds', () => {
    const [whole, half] = read(['It has 212 steps of oak [1]. Visitors climb quickly, breathless [1].']).citations;
    expect(whole?.support).toBe(1);
    expect(half?.support).toBe(0.5);
  });

  it('keeps the marker from the reader when it comes late, and takes it for a refusal if nothing was cited', () => {
    expect(read(['I looked. ', '[no-', 'answer]'])).toMatchObject({ refused: true, text: 'I looked.' });
    expect(read(['It has 212 steps [1]. [no-answer]'])).toMatchObject({
      refused: false,
      answer: 'It has 212 steps [1].',
    });
  });

  it('does not take an answer without a valid mark for grounded, nor for a refusal', () => {
    const { refused, citations, answer } = read(['It is green [5].']);
    expect({ refused, citations, answer }).toEqual({ refused: false, citations: [], answer: 'It is green.' });
    expect(isGrounded(citations)).toBe(false);
  });
});
