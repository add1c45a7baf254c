import { afterAll, beforeAll, describe } from 'vitest';
import { dynamodbAnswerStore } from '../../lambdas/adapters/dynamodb-answer-store.ts';
import { inMemoryAnswerStore } from '../fakes/answer-store.ts';
import { startDynalite, type TestTables } from '../support/dynalite.ts';
import { answerStoreContract } from './answer-store.ts';

describe('in memory', () => {
  answerStoreContract(async clock => inMemoryAnswerStore(60, clock));
});

describe('in DynamoDB', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await startDynalite();
  });
  afterAll(() => tables.close());

  answerStoreContract(async clock =>
    dynamodbAnswerStore(tables.client, await tables.createAnswers(), { keepMinutes: 60, clock }),
  );
});
