// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of Fn::Sub look like this
import { beforeEach, describe, expect, it } from 'vitest';
import { type DeployOptions, deploy } from '../../local/deployer/deploy.ts';
import { physicalName } from '../../local/deployer/resource.ts';
import { type AssemblyParts, assemblyOf, memoryDatabase, notingLog, notingProvider } from './deployer-fixture.ts';

const thing = (properties: AssemblyParts['resources'][string]['properties'] = {}) => ({
  type: 'Test::Thing',
  properties,
});

let notes: string[];
let database: ReturnType<typeof memoryDatabase>;
let log: ReturnType<typeof notingLog>;
beforeEach(() => {
  notes = [];
  database = memoryDatabase();
  log = notingLog();
});

const run = (parts: AssemblyParts, options: Partial<DeployOptions> = {}) =>
  deploy({
    assembly: assemblyOf(parts),
    providers: [notingProvider(notes)],
    database,
    region: 'eu-west-1',
    url: 'http://127.0.0.1:4566',
    log,
    ...options,
  });

describe('deploy', () => {
  it('creates what others need first, by reference and by DependsOn', async () => {
    await run({
      resources: {
        Last: thing({ Needs: { 'Fn::Sub': '${Middle.Arn}' } }),
        Middle: { ...thing(), dependsOn: ['First'] },
        First: thing({ Name: 'one' }),
      },
    });
    expect(notes).toEqual(['create First', 'create Middle', 'create Last']);
  });

  it('names the circle when resources depend on each other', async () => {
    const resources = { A: thing({ Needs: { Ref: 'B' } }), B: thing({ Needs: { 'Fn::GetAtt': ['A', 'Arn'] } }) };
    await expect(run({ resources })).rejects.toThrow('A → B → A');
    expect(notes).toEqual([]);
  });

  it('resolves outputs, and leaves out those whose condition does not hold', async () => {
    const assembly = assemblyOf({
      resources: { A: thing({ Name: 'one' }) },
      conditions: { Never: { 'Fn::Equals': [1, 2] } },
      outputs: {
        Arn: { 'Fn::GetAtt': ['A', 'Arn'] },
        Text: { 'Fn::Join': ['/', [{ Ref: 'AWS::StackName' }, { Ref: 'A' }]] },
      },
    });
    const outputs = { ...assembly.template.outputs, Hidden: { value: { Ref: 'Gone' }, condition: 'Never' } };
    const resources = {
      ...assembly.template.resources,
      ...assemblyOf({ resources: { Gone: { ...thing(), condition: 'Never' } } }).template.resources,
    };
    const deployment = await run(
      { resources: {} },
      { assembly: { ...assembly, template: { ...assembly.template, outputs, resources } } },
    );
    expect(deployment.outputs).toEqual({ Arn: 'arn:thing:one', Text: 'App/one' });
    expect(notes).toEqual(['create A']);
  });

  it('lists every unknown type, property, function and reference at once, and touches nothing', async () => {
    const parts: AssemblyParts = {
      resources: {
        Known: thing({ Name: 'a', Tags: [{ Key: 'x' }], Inner: { Known: 1, Noted: 2 } }),
        Other: { type: 'AWS::Neptune::DBCluster' },
        Wrong: thing({ Colour: 'red', Inner: { Known: 1, Strange: [{ a: 1 }] }, Name: { 'Fn::ImportValue': 'x' } }),
        Astray: { ...thing({ Needs: { Ref: 'Nobody' } }), unknownAttributes: ['CreationPolicy'] },
      },
      outputs: { Lost: { Ref: 'Nowhere' } },
    };
    const failure = run(parts);
    await expect(failure).rejects.toThrow('Other (AWS::Neptune::DBCluster): resource type is not supported');
    await expect(failure).rejects.toThrow('Wrong (Test::Thing): property Colour is not supported');
    await expect(failure).rejects.toThrow('Wrong (Test::Thing): property Inner.Strange is not supported');
    await expect(failure).rejects.toThrow('Wrong (Test::Thing): function Fn::ImportValue is not supported');
    await expect(failure).rejects.toThrow('Astray (Test::Thing): attribute CreationPolicy is not supported');
    await expect(failure).rejects.toThrow('Astray (Test::Thing): refers to Nobody, which does not exist');
    await expect(failure).rejects.toThrow('output Lost: refers to Nowhere, which does not exist');
    await expect(failure).rejects.not.toThrow('Known (');
    expect(notes).toEqual([]);
  });

  it('says what it accepted without emulating it', async () => {
    const { recorded } = await run({
      resources: { A: thing({ Tags: [], Inner: { Noted: 1 } }), B: thing({ Tags: [] }) },
    });
    expect(recorded).toEqual(['Test::Thing Inner.Noted', 'Test::Thing Tags']);
  });

  it('names an attribute that a resource does not have, and those it has', async () => {
    const resources = { A: thing(), B: thing({ Needs: { 'Fn::GetAtt': ['A', 'StreamArn'] } }) };
    await expect(run({ resources })).rejects.toThrow(
      'Fn::GetAtt of A: there is no attribute StreamArn. Known here: Arn.',
    );
  });

  it('reports progress before each resource', async () => {
    const steps: string[] = [];
    const onProgress: DeployOptions['onProgress'] = ({ done, total, logicalId, type }) =>
      steps.push(`${done}/${total} ${logicalId} ${type}`);
    await run({ resources: { A: thing(), B: thing() } }, { onProgress });
    expect(steps).toEqual(['0/2 A Test::Thing', '1/2 B Test::Thing']);
  });

  it('names the resource that could not be created', async () => {
    const providers = [notingProvider(notes, { put: () => Promise.reject(new Error('the disk is full')) })];
    await expect(run({ resources: { A: thing() } }, { providers })).rejects.toThrow(
      'A (Test::Thing) could not be deployed: the disk is full',
    );
  });

  it('goes on where a failed deploy stopped', async () => {
    const failing = notingProvider(notes, { type: 'Test::Failing', put: () => Promise.reject(new Error('not yet')) });
    const parts: AssemblyParts = { resources: { A: thing(), B: { ...thing(), type: 'Test::Failing' } } };
    await expect(run(parts, { providers: [notingProvider(notes), failing] })).rejects.toThrow('not yet');
    await run(parts, { providers: [notingProvider(notes), notingProvider(notes, { type: 'Test::Failing' })] });
    expect(notes).toEqual(['create A', 'update A', 'create B']);
  });
});

describe('a second deploy', () => {
  it('updates what is there, and keeps its attributes known', async () => {
    const parts: AssemblyParts = { resources: { A: thing() }, outputs: { Arn: { 'Fn::GetAtt': ['A', 'Arn'] } } };
    const first = await run(parts);
    const second = await run(parts);
    expect(notes).toEqual(['create A', 'update A']);
    expect(second.outputs).toEqual(first.outputs);
  });

  it('deletes what left the template, last created first', async () => {
    await run({ resources: { A: thing(), B: thing({ Needs: { Ref: 'A' } }), C: thing() } });
    notes.length = 0;
    await run({ resources: { C: thing() } });
    expect(notes).toEqual(['update C', 'delete B B-1', 'delete A A-1']);
    notes.length = 0;
    await run({ resources: { C: thing() } });
    expect(notes).toEqual(['update C']);
  });

  it('keeps and forgets what is to be retained', async () => {
    await run({ resources: { A: { ...thing(), deletionPolicy: 'Retain' }, B: thing() } });
    notes.length = 0;
    await run({ resources: { B: thing() } });
    await run({ resources: { A: thing(), B: thing() } });
    expect(notes).toEqual(['update B', 'create A', 'update B']);
  });

  it('deletes the old resource after a change that made a new one', async () => {
    await run({ resources: { A: thing({ Name: 'one' }) } });
    notes.length = 0;
    await run({ resources: { A: thing({ Name: 'two' }), B: thing({ Needs: { Ref: 'A' } }) } });
    expect(notes).toEqual(['update A', 'create B', 'delete A one']);
  });

  it('keeps the replaced resource when UpdateReplacePolicy says so', async () => {
    await run({ resources: { A: thing({ Name: 'one' }) } });
    notes.length = 0;
    await run({ resources: { A: { ...thing({ Name: 'two' }), updateReplacePolicy: 'Retain' } } });
    expect(notes).toEqual(['update A']);
  });

  it('does not delete what is in the template under another logical id', async () => {
    await run({ resources: { A: thing({ Name: 'one' }) } });
    notes.length = 0;
    await run({ resources: { B: thing({ Name: 'one' }) } });
    expect(notes).toEqual(['create B']);
    await run({ resources: {} });
    expect(notes).toEqual(['create B', 'delete B one']);
  });

  it('replaces a resource whose type changed', async () => {
    const providers = [notingProvider(notes), notingProvider(notes, { type: 'Test::Other' })];
    await run({ resources: { A: thing({ Name: 'one' }) } }, { providers });
    notes.length = 0;
    await run({ resources: { A: { ...thing({ Name: 'one' }), type: 'Test::Other' } } }, { providers });
    expect(notes).toEqual(['create A', 'delete A one']);
  });

  it('says what could not be deleted, and finishes', async () => {
    const stubborn = notingProvider(notes, {
      delete: () => {
        throw new Error('the bucket is not empty');
      },
    });
    await run({ resources: { A: thing(), B: thing() } });
    await run({ resources: { B: thing() } }, { providers: [stubborn] });
    expect(log.lines.join()).toContain('A (A-1) left the template but could not be deleted: the bucket is not empty');
  });

  it('keeps stacks apart that share a database', async () => {
    await run({ resources: { A: thing() } });
    notes.length = 0;
    await run({ resources: {} }, { assembly: { ...assemblyOf({ resources: { B: thing() } }), stackName: 'Other' } });
    expect(notes).toEqual(['create B']);
  });
});

describe('physicalName', () => {
  it('is the same for ever for one stack and logical id, and different for others', () => {
    const name = physicalName('Groundwork-dev', 'StorageBucket1234ABCD', { maxLength: 63, lowerCase: true });
    expect(name).toBe(physicalName('Groundwork-dev', 'StorageBucket1234ABCD', { maxLength: 63, lowerCase: true }));
    expect(name).toMatch(/^groundwork-dev-storagebucket1234abcd-[0-9a-f]{8}$/);
    expect(name).not.toBe(physicalName('Groundwork-prod', 'StorageBucket1234ABCD', { maxLength: 63, lowerCase: true }));
  });

  it('is shortened to what the service takes, without losing what tells names apart', () => {
    const long = 'AnExtremelyLongLogicalIdOfAnEventSourceMappingThatNobodyWouldWriteByHand';
    const [first, second] = ['A', 'B'].map(end =>
      physicalName('Stack', long + end, { maxLength: 63, lowerCase: true }),
    );
    expect(first).not.toBe(second);
    expect(first).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
  });
});
