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
  expect(refusalFor(question)).toMatch(new RegExp(`^${start}`));
});
