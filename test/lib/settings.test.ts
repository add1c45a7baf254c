import { describe, expect, it } from 'vitest';
import cdk from '../../cdk.json' with { type: 'json' };
import { parseSettings } from '../../lib/settings.ts';

describe('parseSettings', () => {
  it('fills in what a stage leaves out', () => {
    const settings = parseSettings({ stage: 'dev', stages: { dev: {} } });
    expect(settings.onRemoval).toBe('retain');
    expect(settings.pinecone.indexName).toBe('groundwork-dev');
    expect(settings.embedding).toMatchObject({ modelId: 'amazon.titan-embed-text-v2:0', dimension: 1024 });
  });

  it('accepts every stage of cdk.json', () => {
    for (const stage of Object.keys(cdk.context.stages))
      expect(parseSettings({ ...cdk.context, stage }).stage).toBe(stage);
  });

  it('names every wrong field at once', () => {
    const stages = {
      dev: {
        chat: { maxTokens: -1, temprature: 1 },
        ingestion: { chunkTokens: 100, chunkOverlapTokens: 90 },
        logRetentionDays: 8,
      },
    };
    expect(() => parseSettings({ stage: 'dev', stages })).toThrow(
      /4 settings are wrong[\s\S]*stages\.dev\.chat\.maxTokens[\s\S]*temprature[\s\S]*chunkOverlapTokens[\s\S]*stages\.dev\.logRetentionDays/,
    );
  });

  it('refuses an overlap that leaves a chunk nothing of its own', () => {
    const stages = { dev: { ingestion: { chunkTokens: 100, chunkOverlapTokens: 90 } } };
    expect(() => parseSettings({ stage: 'dev', stages })).toThrow(
      /chunkOverlapTokens: must be at most half of chunkTokens/,
    );
  });

  it('names the stages there are when asked for another', () => {
    expect(() => parseSettings({ stage: 'test', stages: { dev: {}, prod: {} } })).toThrow(/no "test".*dev, prod/);
  });

  it('refuses what is no setting, also a slip of the pen on the command line', () => {
    const stages = { dev: { retention: 7, chat: { topk: 3 } } };
    expect(() => parseSettings({ stge: 'prod', stages })).toThrow(
      /3 settings are wrong[\s\S]*stge: [\s\S]*stages\.dev\.chat\.topk: [\s\S]*stages\.dev\.retention: there is no such setting/,
    );
  });

  it('lets the context of the construct library and its command pass', () => {
    const foreign = {
      '@aws-cdk/aws-iam:minimizePolicies': true,
      'aws:cdk:bundling-stacks': ['**'],
      'cli-telemetry': false,
    };
    expect(parseSettings({ ...foreign, stages: { dev: {} } }).stage).toBe('dev');
  });
});
