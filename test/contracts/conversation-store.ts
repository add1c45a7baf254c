import { ulid } from 'ulid';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Feedback, Reader, Turn } from '../../lambdas/conversation.ts';
import type { ConversationStore } from '../../lambdas/ports.ts';
import { ann, bob, turnOf } from '../chat/turns.ts';

const notFound = (conversationId: string) => ({ error: { kind: 'conversation-not-found', conversationId } });

/** What every store of conversations must do. `makeStore` gives an empty one whose times come from the clock. */
export function conversationStoreContract(makeStore: (clock: () => Date) => Promise<ConversationStore>) {
  let store: ConversationStore;
  beforeEach(async () => {
    let seconds = Date.parse('2026-01-01T00:00:00Z') / 1_000;
    store = await makeStore(() => {
      seconds += 1;
      return new Date(seconds * 1_000);
    });
  });

  /** Stores `count` turns of one conversation, each going on from the one before. */
  async function converse(reader: Reader, count: number, question = 'How many?'): Promise<Turn[]> {
    const conversationId = ulid();
    const turnIds = Array.from({ length: count }, (_, index) => ulid(1_000 + index));
    const turns = turnIds.map((turnId, index) => {
      const parentTurnId = turnIds[index - 1];
      return turnOf({
        conversationId,
        turnId,
        question: `${question} ${index}`,
        ...(parentTurnId && { parentTurnId }),
      });
    });
    for (const [index, turn] of turns.entries()) await (index === 0 ? store.begin : store.append)(turn, reader);
    return turns;
  }

  /** Stores one more turn of a conversation, `seconds` after the epoch, below `parent` or from the beginning. */
  async function branch(conversationId: string, parent: Turn | undefined, seconds: number): Promise<Turn> {
    const parentTurnId = parent?.turnId;
    const turn = turnOf({ conversationId, turnId: ulid(seconds * 1_000), ...(parentTurnId && { parentTurnId }) });
    await store.append(turn, ann);
    return turn;
  }
  const idOf = (turns: readonly Turn[]) => turns[0]?.conversationId ?? '';

  describe('turns', () => {
    it('come back as they were stored, with their citations', async () => {
      const citation = {
        ...{ n: 1, documentId: 'd', version: 2, chunkId: 'd#2#0', title: 'Tower', key: 'documents/tower.md' },
        ...{
          place: { page: 3, section: 'A › B' },
          quote: '212 steps',
          start: 5,
          end: 14,
          score: 0.75,
          support: 0.8,
          supported: true,
        },
      };
      const turn = turnOf({ citations: [citation, { ...citation, n: 2, place: {} }] });
      await store.begin(turn, ann);
      expect(await store.recentTurns(turn.conversationId, ann, { limit: 5 })).toEqual([turn]);
      expect((await store.get(turn.conversationId, ann, { limit: 5 })).turns).toEqual([turn]);
    });

    it('come back with what a guardrail did', async () => {
      const turn = turnOf({ intervention: { policies: ['topic'] } });
      await store.begin(turn, ann);
      expect(await store.recentTurns(turn.conversationId, ann, { limit: 5 })).toEqual([turn]);
    });

    it('come back with what a refusal names, and with how well they are grounded', async () => {
      const nearest = [{ documentId: 'd', title: 'Tower', key: 'documents/tower.md' }];
      const refusal = turnOf({ refused: true, nearest });
      const answer = turnOf({ groundedness: 0.5 });
      for (const turn of [refusal, answer]) {
        await store.begin(turn, ann);
        expect(await store.recentTurns(turn.conversationId, ann, { limit: 5 })).toEqual([turn]);
      }
    });

    it('come oldest first, only the newest when there are more than asked for', async () => {
      const turns = await converse(ann, 5);
      expect(await store.recentTurns(idOf(turns), ann, { limit: 3 })).toEqual(turns.slice(2));
    });

    it('can be read right after they were stored', async () => {
      const turn = turnOf();
      await store.begin(turn, ann);
      expect(await store.recentTurns(turn.conversationId, ann, { limit: 1 })).toHaveLength(1);
    });

    it("of an unknown conversation and of another's are equally not there", async () => {
      const turns = await converse(ann, 1);
      const unknown = ulid();
      await expect(store.recentTurns(unknown, ann, { limit: 5 })).rejects.toMatchObject(notFound(unknown));
      for (const reader of [bob, { ...ann, tenant: 'other' }]) {
        await expect(store.recentTurns(idOf(turns), reader, { limit: 5 })).rejects.toMatchObject(notFound(idOf(turns)));
      }
    });

    it("never get into another's conversation", async () => {
      const turns = await converse(ann, 1);
      const intruder = turnOf({ conversationId: idOf(turns) });
      await expect(store.append(intruder, bob)).rejects.toMatchObject(notFound(idOf(turns)));
      await expect(store.begin(intruder, bob)).rejects.toMatchObject(notFound(idOf(turns)));
      expect(await store.recentTurns(idOf(turns), ann, { limit: 5 })).toEqual(turns);
      expect((await store.list(bob, { limit: 5 })).conversations).toEqual([]);
    });

    it('do not bring a conversation back that was removed meanwhile', async () => {
      const turns = await converse(ann, 1);
      await store.remove(idOf(turns), ann);
      const late = turnOf({ conversationId: idOf(turns) });
      await expect(store.append(late, ann)).rejects.toMatchObject(notFound(idOf(turns)));
      expect((await store.list(ann, { limit: 5 })).conversations).toEqual([]);
    });
  });

  describe('branches', () => {
    const idsOf = (turns: readonly Turn[]) => turns.map(({ turnId }) => turnId);
    const path = async (conversationId: string, tip?: Turn, limit = 10) =>
      idsOf(await store.recentTurns(conversationId, ann, { limit, ...(tip && { tip: tip.turnId }) }));

    it('have a path of their own each, and the newest turn ends the newest', async () => {
      const [first, second, third] = await converse(ann, 3);
      const conversationId = first?.conversationId ?? '';
      const regenerated = await branch(conversationId, second, 10);
      const followUp = await branch(conversationId, regenerated, 11);
      const edited = await branch(conversationId, undefined, 12);
      const ids = idsOf([first, second, third].filter(turn => turn !== undefined));
      expect(await path(conversationId, third)).toEqual(ids);
      expect(await path(conversationId, followUp)).toEqual([...ids.slice(0, 2), regenerated.turnId, followUp.turnId]);
      expect(await path(conversationId, followUp, 3)).toEqual([ids[1], regenerated.turnId, followUp.turnId]);
      expect(await path(conversationId)).toEqual([edited.turnId]);
      const { turns, newestPath } = await store.get(conversationId, ann, { limit: 20 });
      expect(idsOf(turns)).toEqual([...ids, regenerated.turnId, followUp.turnId, edited.turnId]);
      expect(newestPath).toEqual([edited.turnId]);
      const last = await branch(conversationId, third, 13);
      expect(await path(conversationId)).toEqual([...ids, last.turnId]);
      const page = await store.get(conversationId, ann, { limit: 1 });
      expect(page.newestPath).toEqual([...ids, last.turnId]);
      expect(await store.get(conversationId, ann, { limit: 1, ...page })).not.toHaveProperty('newestPath');
    });

    it('are found however many turns of other branches lie between', async () => {
      const [first] = await converse(ann, 1);
      const conversationId = first?.conversationId ?? '';
      for (let seconds = 2; seconds < 12; seconds += 1) await branch(conversationId, undefined, seconds);
      const last = await branch(conversationId, first, 12);
      expect(await path(conversationId, last, 2)).toEqual([first?.turnId, last.turnId]);
    });

    it('of a turn that is not in the conversation cannot be read', async () => {
      const [first] = await converse(ann, 1);
      const [foreign] = await converse(bob, 1);
      const conversationId = first?.conversationId ?? '';
      for (const turnId of [ulid(1), ulid(), foreign?.turnId ?? '']) {
        await expect(store.recentTurns(conversationId, ann, { limit: 5, tip: turnId })).rejects.toMatchObject({
          error: { kind: 'turn-not-found', conversationId, turnId },
        });
        await expect(store.recentTurns(conversationId, bob, { limit: 5, tip: turnId })).rejects.toMatchObject(
          notFound(conversationId),
        );
      }
    });

    it('written at the same time are all kept and counted, each on a path of its own', async () => {
      const [first] = await converse(ann, 1);
      const conversationId = first?.conversationId ?? '';
      const racing = await Promise.all(
        Array.from({ length: 8 }, (_, index) => branch(conversationId, first, 2 + index)),
      );
      const { conversation, turns } = await store.get(conversationId, ann, { limit: 20 });
      expect(conversation.turnCount).toBe(9);
      expect(idsOf(turns.slice(1))).toEqual(idsOf(racing));
      for (const turn of racing) expect(await path(conversationId, turn)).toEqual([first?.turnId, turn.turnId]);
      expect(await path(conversationId)).toEqual([first?.turnId, racing.at(-1)?.turnId]);
    });
  });

  describe('a conversation', () => {
    it('is titled by its first question and counts its turns', async () => {
      const turns = await converse(ann, 3, 'What is it?');
      const { conversation } = await store.get(idOf(turns), ann, { limit: 1 });
      expect(conversation).toMatchObject({ conversationId: idOf(turns), title: 'What is it? 0', turnCount: 3 });
      expect(conversation.updatedAt > conversation.createdAt).toBe(true);
    });

    it('is read page by page, oldest turn first', async () => {
      const turns = await converse(ann, 5);
      const first = await store.get(idOf(turns), ann, { limit: 2 });
      expect(first.turns).toEqual(turns.slice(0, 2));
      const read = [...first.turns];
      let { cursor } = first;
      while (cursor) {
        const page = await store.get(idOf(turns), ann, { limit: 2, cursor });
        read.push(...page.turns);
        cursor = page.cursor;
      }
      expect(read).toEqual(turns);
    });

    it('that is unknown or of another can neither be read nor removed', async () => {
      const turns = await converse(ann, 1);
      for (const conversationId of [ulid(), idOf(turns)]) {
        const failure = notFound(conversationId);
        await expect(store.get(conversationId, bob, { limit: 5 })).rejects.toMatchObject(failure);
        await expect(store.remove(conversationId, bob)).rejects.toMatchObject(failure);
      }
      expect(await store.recentTurns(idOf(turns), ann, { limit: 5 })).toEqual(turns);
    });

    it('is gone with all its turns once removed', async () => {
      const turns = await converse(ann, 30);
      await store.remove(idOf(turns), ann);
      await expect(store.recentTurns(idOf(turns), ann, { limit: 5 })).rejects.toMatchObject(notFound(idOf(turns)));
      await expect(store.get(idOf(turns), ann, { limit: 5 })).rejects.toMatchObject(notFound(idOf(turns)));
      expect((await store.list(ann, { limit: 5 })).conversations).toEqual([]);
    });
  });

  describe('a title', () => {
    const titleIn = async (conversationId: string) =>
      (await store.list(ann, { limit: 10 })).conversations.find(found => found.conversationId === conversationId)
        ?.title;

    it('suggested takes the place of the first question, once', async () => {
      const conversationId = idOf(await converse(ann, 2));
      expect(await store.suggestTitle(conversationId, ann, 'Numbers')).toBe(true);
      expect(await store.suggestTitle(conversationId, ann, 'Figures')).toBe(false);
      expect(await titleIn(conversationId)).toBe('Numbers');
    });

    it("chosen by the reader stays, also against suggestions and further turns; the conversation's place in the list too", async () => {
      const turns = await converse(ann, 1);
      const newer = idOf(await converse(ann, 1));
      const conversationId = idOf(turns);
      const { conversation: before } = await store.get(conversationId, ann, { limit: 1 });
      const renamed = await store.rename(conversationId, ann, 'Mine');
      expect(renamed).toEqual({ ...before, title: 'Mine' });
      const { conversations } = await store.list(ann, { limit: 10 });
      expect(conversations.map(found => found.conversationId)).toEqual([newer, conversationId]);
      expect(await store.suggestTitle(conversationId, ann, 'Numbers')).toBe(false);
      await branch(conversationId, turns[0], 10);
      expect(await titleIn(conversationId)).toBe('Mine');
      expect((await store.rename(conversationId, ann, 'Mine again')).title).toBe('Mine again');
    });

    it("cannot be given to an unknown conversation, nor to another's", async () => {
      const [own] = await converse(ann, 1);
      for (const conversationId of [ulid(), own?.conversationId ?? '']) {
        await expect(store.rename(conversationId, bob, 'Mine')).rejects.toMatchObject(notFound(conversationId));
        expect(await store.suggestTitle(conversationId, bob, 'Mine')).toBe(false);
      }
      expect(await titleIn(own?.conversationId ?? '')).toBe(own?.question);
      expect((await store.list(bob, { limit: 5 })).conversations).toEqual([]);
    });
  });

  describe('a summary', () => {
    it('is kept with its turn, and can be made anew', async () => {
      const [first, second] = await converse(ann, 2);
      const conversationId = first?.conversationId ?? '';
      for (const summary of ['So far.', 'So far, and further.']) {
        expect(await store.setSummary(conversationId, first?.turnId ?? '', ann, summary)).toBe(true);
        expect(await store.recentTurns(conversationId, ann, { limit: 5 })).toEqual([{ ...first, summary }, second]);
      }
    });

    it("is not kept for a turn that is gone or another's", async () => {
      const turns = await converse(ann, 1);
      const turnId = turns[0]?.turnId ?? '';
      expect(await store.setSummary(idOf(turns), ulid(), ann, 'So far.')).toBe(false);
      expect(await store.setSummary(idOf(turns), turnId, bob, 'So far.')).toBe(false);
      expect(await store.setSummary(ulid(), turnId, ann, 'So far.')).toBe(false);
      expect(await store.recentTurns(idOf(turns), ann, { limit: 5 })).toEqual(turns);
    });
  });

  describe('feedback', () => {
    const good: Feedback = { rating: 'up', reasons: ['clear'], updatedAt: '2026-01-02T00:00:00.000Z' };
    const bad: Feedback = { ...good, rating: 'down', reasons: ['incorrect', 'other'], comment: 'It has 213.' };

    it('is kept with its turn, can be changed and taken back', async () => {
      const [first, second] = await converse(ann, 2);
      const conversationId = first?.conversationId ?? '';
      const turnId = second?.turnId ?? '';
      for (const feedback of [good, bad]) {
        await store.setFeedback(conversationId, turnId, ann, feedback);
        const { turns } = await store.get(conversationId, ann, { limit: 5 });
        expect(turns).toEqual([first, { ...second, feedback }]);
      }
      await store.setFeedback(conversationId, turnId, ann, undefined);
      await store.setFeedback(conversationId, turnId, ann, undefined);
      expect((await store.get(conversationId, ann, { limit: 5 })).turns).toEqual([first, second]);
    });

    it("cannot be given to what is not there or is another's", async () => {
      const [own] = await converse(ann, 1);
      const conversationId = own?.conversationId ?? '';
      const turnId = own?.turnId ?? '';
      await expect(store.setFeedback(conversationId, ulid(), ann, good)).rejects.toMatchObject({
        error: { kind: 'turn-not-found' },
      });
      await expect(store.setFeedback(conversationId, turnId, bob, good)).rejects.toMatchObject(
        notFound(conversationId),
      );
      const unknown = ulid();
      await expect(store.setFeedback(unknown, turnId, ann, undefined)).rejects.toMatchObject(notFound(unknown));
      expect((await store.get(conversationId, ann, { limit: 5 })).turns).toEqual([own]);
    });
  });

  describe('a list', () => {
    it("holds the reader's conversations, last updated first, page by page", async () => {
      const [first, second, third] = [await converse(ann, 1), await converse(ann, 2), await converse(ann, 1)];
      await converse(bob, 1);
      await store.append(turnOf({ conversationId: idOf(first) }), ann);
      const page = await store.list(ann, { limit: 2 });
      expect(page.conversations.map(({ conversationId }) => conversationId)).toEqual([idOf(first), idOf(third)]);
      const rest = await store.list(ann, { limit: 2, ...(page.cursor && { cursor: page.cursor }) });
      expect(rest.conversations).toMatchObject([{ conversationId: idOf(second), turnCount: 2 }]);
    });

    it('refuses a cursor that it did not give', async () => {
      const invalid = { error: { kind: 'invalid-request' } };
      await expect(store.list(ann, { limit: 2, cursor: 'nonsense' })).rejects.toMatchObject(invalid);
      const turns = await converse(ann, 1);
      await expect(store.get(idOf(turns), ann, { limit: 2, cursor: '!' })).rejects.toMatchObject(invalid);
    });
  });
}
