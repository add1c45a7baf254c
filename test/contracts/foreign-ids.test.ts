import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamodbConversationStore } from '../../lambdas/adapters/dynamodb-conversation-store.ts';
import { dynamodbKeyStore } from '../../lambdas/adapters/dynamodb-key-store.ts';
import { newKey } from '../../lambdas/identity/api-key.ts';
import type { ConversationStore, KeyStore } from '../../lambdas/ports.ts';
import { ann, bob, turnOf } from '../chat/turns.ts';
import { startDynalite, type TestTables } from '../support/dynalite.ts';
import { createConversations } from './conversations-table.ts';

/** What is asked of DynamoDB for somebody else's id is what is asked for one of nothing: nobody can tell by the time it takes. */
describe('calls to DynamoDB for ids of others', () => {
  let tables: TestTables;
  let calls: string[];
  let conversations: ConversationStore;
  let keys: KeyStore;
  beforeAll(async () => {
    tables = await startDynalite();
    const client = new Proxy(tables.client, {
      get(target, operation: keyof TestTables['client']) {
        calls.push(operation);
        return target[operation];
      },
    });
    calls = [];
    conversations = dynamodbConversationStore(client, await createConversations(tables.control));
    keys = dynamodbKeyStore(client, await tables.createKeys());
  });
  afterAll(() => tables.close());

  /** The calls of work that finds nothing it may do. */
  async function callsOf(work: () => Promise<unknown>): Promise<string[]> {
    calls = [];
    const outcome = await work().then(
      done => ({ done }),
      (error: unknown) => ({ error }),
    );
    expect(outcome).toSatisfy(
      ({ done, error }: { done?: unknown; error?: { error?: { kind?: string } } }) =>
        done === false || error?.error?.kind?.endsWith('-not-found') === true,
    );
    return calls;
  }

  const good = { rating: 'up', reasons: [], updatedAt: '2026-01-01T00:00:00.000Z' } as const;
  it.each<[string, (ids: { conversationId: string; turnId: string }) => Promise<unknown>]>([
    ['shown', ({ conversationId }) => conversations.get(conversationId, ann, { limit: 10 })],
    ['renamed', ({ conversationId }) => conversations.rename(conversationId, ann, 'Mine')],
    ['removed', ({ conversationId }) => conversations.remove(conversationId, ann)],
    ['rated', ({ conversationId, turnId }) => conversations.setFeedback(conversationId, turnId, ann, good)],
    ['gone on from', ({ conversationId }) => conversations.recentTurns(conversationId, ann, { limit: 10 })],
    ['forked', ids => conversations.recentTurns(ids.conversationId, ann, { limit: 10, tip: ids.turnId })],
  ])('are the same when a conversation is %s', async (_, work) => {
    const turn = turnOf();
    await conversations.begin(turn, bob);
    const theirs = await callsOf(() => work(turn));
    expect(theirs).not.toEqual([]);
    expect(theirs).toEqual(await callsOf(() => work({ conversationId: ulid(), turnId: ulid() })));
    expect(await conversations.get(turn.conversationId, bob, { limit: 10 })).toMatchObject({ turns: [turn] });
  });

  it('are the same when a key is revoked', async () => {
    const { keyId } = newKey();
    await keys.create({
      ...{ keyId, tenant: 'acme', name: 'theirs', role: 'reader', groups: [], secretHash: 'hash', createdBy: 'eve' },
      ...{ createdAt: '2026-01-01T00:00:00.000Z', expiresAt: '2026-02-01T00:00:00.000Z' },
    });
    const theirs = await callsOf(() => keys.revoke('default', keyId));
    expect(theirs).toEqual(await callsOf(() => keys.revoke('default', newKey().keyId)));
  });
});
