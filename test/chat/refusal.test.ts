import { expect, it } from 'vitest';
import { refusalFor } from '../../lambdas/chat/refusal.ts';

it.each([
  ['How many steps does the tower have?', 'The documents'],
  ['Wie viele Stufen hat der Turm?', 'Die Dokumente'],
  ['¿Cuántos escalones tiene la torre?', 'Los documentos'],
  ['Combien de marches la tour a-t-elle ? Quel est son âge ?', 'Les documents'],
  ['Tháp có bao nhiêu bậc thang?', 'Các tài liệu'],
  ['塔有多少级台阶？', '文档'],
  ['塔の階段は何段ですか？', '文書'],
  ['Сколько ступеней в башне?', 'В документах'],
  ['Kafka?', 'The documents'],
])('refuses %j in its language', (question, start) => {
  expect(refusalFor(question, [])).toMatch(new RegExp(`^${start}`));
});

it.each([
  ['How many steps?', 'The documents do not answer this question. The nearest documents: “Tower”, “Garden & park”.'],
  ['Wie viele Stufen?', 'Die Dokumente beantworten diese Frage nicht. Am nächsten kommen: „Tower“, „Garden & park“.'],
  ['塔有多少级？', '文档中没有这个问题的答案。最接近的文档：《Tower》、《Garden & park》。'],
])('names the nearest documents after it: %j', (question, refusal) => {
  expect(refusalFor(question, ['Tower', 'Garden & park'])).toBe(refusal);
});

it('shows a title as plain words, whatever a document is called', () => {
  const title = '![x](http://evil.example/?q=1)\n<img src=x>\u202e `[1]`';
  const refusal = refusalFor('How many steps?', [title, '\u200b', 'a'.repeat(200)]);
  expect(refusal).not.toMatch(/[[\]<>`\n\u202e]|:\/\//);
  expect(refusal).toContain(`“${'a'.repeat(79)}…”.`);
  expect(refusal.match(/“/g)).toHaveLength(2);
});
