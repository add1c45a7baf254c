import { describe, expect, it } from 'vitest';
import { summaryFrom, titleFrom } from '../../local/bedrock/conversation-notes.ts';
import { estimateTokens } from '../../local/bedrock/tokens.ts';

describe('a title', () => {
  const title = (question: string) => titleFrom(JSON.stringify({ question, answer: 'So.' }));

  it('is the question while it is short, without its mark', () => {
    expect(title('How many  steps?')).toBe('How many steps');
  });

  it('is its first words when it is long', () => {
    expect(title('How many days of annual leave do I have left, please?')).toBe('How many days of annual leave do I…');
    expect(title('请问员工每年有多少天带薪年假可以使用以及如何申请？')).toMatch(/^请问.{4,20}…$/);
  });

  it('is made of any text', () => {
    expect(titleFrom('Why not?')).toBe('Why not');
    expect(titleFrom('')).toBe('');
  });
});

describe('a summary', () => {
  const turn = (number: number) => ({
    question: `What is ${number}?`,
    answer: `It is ${number}. There is more to say.`,
  });

  it('holds the questions, each with the first sentence of its answer, after what was said before', () => {
    expect(summaryFrom(JSON.stringify({ summary: 'Ann asked.', turns: [turn(1), turn(2)] }))).toBe(
      'Ann asked. What is 1? It is 1. What is 2? It is 2.',
    );
  });

  it('lets go of the oldest when it gets too long', () => {
    const turns = Array.from({ length: 200 }, (_, index) => turn(index));
    const summary = summaryFrom(JSON.stringify({ summary: 'Ann asked.', turns }));
    expect(summary).toMatch(/It is 199\.$/);
    expect(summary).not.toContain('Ann');
    expect(estimateTokens(summary)).toBeLessThan(330);
  });
});
