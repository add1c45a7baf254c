import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { MessageStore } from '../../local/sqs/message-store.ts';

it('names the moment of a message that became visible after the last look, so that no poll sleeps over it', () => {
  const store = new MessageStore(new DatabaseSync(':memory:'));
  const message = { messageId: 'm', body: 'b', messageAttributes: {}, senderId: 's' };
  store.insert('work', message, 1_000, 1_500);
  expect(store.take('work', 1, 1_499, 9_000)).toEqual([]);
  expect(store.nextVisibleAt('work')).toBe(1_500);
  expect(store.take('work', 1, 1_500, 9_000)).toHaveLength(1);
  expect(store.nextVisibleAt('work')).toBe(9_000);
});
