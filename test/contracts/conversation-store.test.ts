import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamodbConversationStore } from '../../lambdas/adapters/dynamodb-conversation-store.ts';
import { ann, turnOf } from '../chat/turns.ts';
import { inMemoryConversationStore } from '../fakes/conversation-store.ts';
import { startDynalite, type TestTables } from '../support/dynalite.ts';
import { conversationStoreContract } from './conversation-store.ts';
import { createConversations } from './conversations-table.ts';

describe('in memory', () => {
  conversationStoreContract(async clock => inMemoryConversationStore(clock));
});

describe('in DynamoDB', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await startDynalite();
  });
  afterAll(() => tables.close());

  conversationStoreContract(async clock =>
    dynamodbConversationStore(tables.client, await createConversations(tables.control), { clock }),
  );

  it('forgets turns and conversations when their time is over, though DynamoDB still has them', async () => {
    let now = new Date('2026-01-01T00:00:00Z');
    const name = await createConversations(tables.control);
    const store = dynamodbConversationStore(tables.client, name, { keepDays: 10, clock: () => now });
    const conversationId = ulid();
    await store.begin(turnOf({ conversationId, turnId: ulid(1), question: 'old' }), ann);
    now = new Date('2026-01-08T00:00:00Z');
    const second = { conversationId, turnId: ulid(2), parentTurnId: ulid(1), question: 'new' };
    await store.append(turnOf(second), ann);
    now = new Date('2026-01-12T00:00:00Z');
    expect(await store.recentTurns(conversationId, ann, { limit: 5 })).toMatchObject([{ question: 'new' }]);
    const forgotten = { error: { kind: 'turn-not-found' } };
    const good = { rating: 'up' as const, reasons: [], updatedAt: now.toISOString() };
    await expect(store.setFeedback(conversationId, ulid(1), ann, good)).rejects.toMatchObject(forgotten);
    await expect(store.recentTurns(conversationId, ann, { limit: 5, tip: ulid(1) })).rejects.toMatchObject(forgotten);
    now = new Date('2026-01-19T00:00:00Z');
    await expect(store.rename(conversationId, ann, 'Old')).rejects.toMatchObject({ name: 'AppFailure' });
    await expect(store.recentTurns(conversationId, ann, { limit: 5 })).rejects.toMatchObject({ name: 'AppFailure' });
    await expect(store.get(conversationId, ann, { limit: 5 })).rejects.toMatchObject({ name: 'AppFailure' });
    expect((await store.list(ann, { limit: 5 })).conversations).toEqual([]);
  });

  it('does not mistake one pair of tenant and user for another', async () => {
    const store = dynamodbConversationStore(tables.client, await createConversations(tables.control));
    const turn = turnOf();
    await store.begin(turn, { ...ann, tenant: 'a#b', userId: 'c' });
    const lookalike = { ...ann, tenant: 'a', userId: 'b#c' };
    await expect(store.recentTurns(turn.conversationId, lookalike, { limit: 5 })).rejects.toMatchObject({
      name: 'AppFailure',
    });
  });

  it('passes over a turn that bears another owner', async () => {
    const name = await createConversations(tables.control);
    const store = dynamodbConversationStore(tables.client, name);
    const turn = turnOf();
    await store.begin(turn, ann);
    const { conversationId, turnId } = turn;
    await tables.client.update({
      TableName: name,
      Key: { conversationId, sk: `TURN#${turnId}` },
      UpdateExpression: 'SET #owner = :owner',
      ExpressionAttributeNames: { '#owner': 'owner' },
      ExpressionAttributeValues: { ':owner': 'default#bob' },
    });
    await expect(store.recentTurns(conversationId, ann, { limit: 5 })).rejects.toMatchObject({ name: 'AppFailure' });
  });
});
