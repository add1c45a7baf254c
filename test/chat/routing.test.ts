import { describe, expect, it } from 'vitest';
import { type RoutingFeatures, routeOf } from '../../lambdas/chat/routing.ts';
import { passageOf } from './passages.ts';

const passage = (key: string, score: number) => ({ ...passageOf({ key, text: 'The tower has 212 steps.' }), score });
const simple: RoutingFeatures = {
  question: 'How many steps does the tower have?',
  turns: 0,
  passages: [passage('documents/tower.md', 0.8), passage('documents/steps.md', 0.5)],
};
const close = ['a', 'b', 'c'].map((name, rank) => passage(`documents/${name}.md`, 0.8 - rank * 0.02));

describe('the choice of a model', () => {
  it.each<[string, Partial<RoutingFeatures>]>([
    ['a simple question', {}],
    ['a question without a mark', { question: 'steps of the tower' }],
    ['one that asks once, loudly', { question: 'How many steps???' }],
    ['a follow-up', { turns: 3 }],
    ['several passages of one document', { passages: [...'abc'].map(() => passage('documents/tower.md', 0.8)) }],
    ['three documents of which one is closest', { passages: [passage('documents/x.md', 1), ...close] }],
    ['nothing found', { passages: [] }],
  ])('is the fast one for %s', (_, features) => {
    expect(routeOf({ ...simple, ...features })).toBe('fast');
  });

  it.each<[string, Partial<RoutingFeatures>]>([
    ['several questions', { question: 'How many steps does it have? And who may climb it?' }],
    ['several questions in Chinese', { question: '塔有多少级台阶？谁可以爬上去？' }],
    ['several questions in Arabic', { question: 'كم درجة في البرج؟ ومن يصعده؟' }],
    ['a long question', { question: 'When the tower is closed in winter and a visitor has paid, '.repeat(8) }],
    ['a question late in a conversation', { turns: 4 }],
    ['several documents that are about as close', { passages: close }],
  ])('is the strong one for %s', (_, features) => {
    expect(routeOf({ ...simple, ...features })).toBe('strong');
  });
});
