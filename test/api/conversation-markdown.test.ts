import { describe, expect, it } from 'vitest';
import { conversationMarkdown } from '../../lambdas/api/conversation-markdown.ts';
import { turnOf } from '../chat/turns.ts';

const conversation = {
  conversationId: 'c',
  title: 'Steps of *the* tower',
  turnCount: 2,
  createdAt: '2026-01-01T08:30:00.000Z',
  updatedAt: '2026-01-02T00:00:00.000Z',
};
const citation = {
  ...{ n: 1, documentId: 'd', version: 2, chunkId: 'd#2#0', title: 'Tower [new]', key: 'documents/tower.md' },
  ...{
    place: { page: 3, section: 'A › B' },
    quote: 'The tower\nhas 212 steps.',
    start: 0,
    end: 23,
    score: 0.7,
    support: 1,
    supported: true,
  },
};

describe('a conversation as Markdown', () => {
  it('shows each question, its answer and the sources that the answer cites', () => {
    const citations = [
      { ...citation, n: 2, title: 'Other', place: {}, supported: false },
      citation,
      { ...citation, quote: 'Oak.' },
    ];
    const feedback = {
      rating: 'down' as const,
      reasons: ['incorrect' as const],
      comment: 'It has 213.',
      updatedAt: '',
    };
    const turns = [
      turnOf({ question: 'How many?\nAnd <b>why</b>?', citations, feedback }),
      turnOf({
        question: 'Who?',
        answer: 'The documents do not answer this question.',
        createdAt: '2026-01-01T08:31:00.000Z',
      }),
    ];
    expect(conversationMarkdown(conversation, turns, '2026-02-01T12:00:00.000Z')).toBe(
      [
        '# Steps of \\*the\\* tower',
        '',
        'Begun 2026-01-01 08:30, exported 2026-02-01 12:00 (UTC)',
        '',
        '---',
        '',
        '**2026-01-01 00:00**',
        '',
        '> How many?',
        '> And \\<b\\>why\\</b\\>?',
        '',
        'It has 212 steps [1].',
        '',
        'Sources:',
        '- [1] Tower \\[new\\], page 3, section A › B: `documents/tower.md`, version 2',
        '  - “The tower has 212 steps.”',
        '  - “Oak.”',
        '- [2] Other: `documents/tower.md`, version 2',
        '  - “The tower has 212 steps.” (does not bear out what cites it)',
        '',
        'Rated down: incorrect; It has 213.',
        '',
        '---',
        '',
        '**2026-01-01 08:31**',
        '',
        '> Who?',
        '',
        'The documents do not answer this question.',
        '',
      ].join('\n'),
    );
  });
});
