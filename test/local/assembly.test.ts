import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AssemblyError, readAssembly } from '../../local/assembly.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'assembly-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (file: string, content: unknown) => writeFileSync(join(directory, file), JSON.stringify(content));
const stack = (templateFile: string, stackName?: string, environment = 'aws://unknown-account/unknown-region') => ({
  type: 'aws:cloudformation:stack',
  environment,
  properties: { templateFile, ...(stackName && { stackName }) },
});
const queueTemplate = { Resources: { Jobs: { Type: 'AWS::SQS::Queue' } } };

describe('readAssembly', () => {
  it('finds the stack, its template, and the folders of its assets', () => {
    mkdirSync(join(directory, 'asset.abc'));
    write('manifest.json', {
      artifacts: {
        'App.assets': { type: 'cdk:asset-manifest', properties: { file: 'App.assets.json' } },
        App: stack('App.template.json', 'App-dev'),
        Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
      },
    });
    write('App.assets.json', {
      files: {
        abc: { source: { path: 'asset.abc', packaging: 'zip' }, destinations: { here: { objectKey: 'abc.zip' } } },
        template: {
          source: { path: 'App.template.json', packaging: 'file' },
          destinations: { here: { objectKey: 'template.json' } },
        },
      },
    });
    write('App.template.json', {
      Resources: {
        Jobs: {
          Type: 'AWS::SQS::Queue',
          Properties: { DelaySeconds: 1 },
          DependsOn: 'Dead',
          DeletionPolicy: 'RetainExceptOnCreate',
          Metadata: { 'aws:cdk:path': 'App/Jobs' },
          CreationPolicy: {},
        },
        Dead: { Type: 'AWS::SQS::Queue' },
      },
    });

    const assembly = readAssembly(directory);
    expect(assembly.stackName).toBe('App-dev');
    expect(assembly.assetDirectory('abc.zip')).toBe(join(directory, 'asset.abc'));
    expect(assembly.assetDirectory('template.json')).toBeUndefined();
    expect(assembly.template.resources.Jobs).toEqual({
      type: 'AWS::SQS::Queue',
      properties: { DelaySeconds: 1 },
      dependsOn: ['Dead'],
      condition: undefined,
      deletionPolicy: 'Retain',
      updateReplacePolicy: 'Delete',
      unknownAttributes: ['CreationPolicy'],
    });
  });

  it('takes the region that the stack was synthesized for, and refuses a certain account', () => {
    write('App.template.json', queueTemplate);
    write('manifest.json', { artifacts: { App: stack('App.template.json') } });
    expect(readAssembly(directory).region).toBeUndefined();
    write('manifest.json', {
      artifacts: { App: stack('App.template.json', 'App', 'aws://unknown-account/eu-west-1') },
    });
    expect(readAssembly(directory).region).toBe('eu-west-1');
    write('manifest.json', { artifacts: { App: stack('App.template.json', 'App', 'aws://123456789012/eu-west-1') } });
    expect(() => readAssembly(directory)).toThrow(/account 123456789012.*without AWS credentials/);
  });

  it('says what to do when the folder is no assembly', () => {
    expect(() => readAssembly(directory)).toThrow(/no manifest\.json.*cdk synth/);
  });

  it('refuses an assembly of several stacks, naming them', () => {
    write('manifest.json', { artifacts: { One: stack('1.json'), Two: stack('2.json') } });
    expect(() => readAssembly(directory)).toThrow(/exactly one stack.*One, Two/);
  });

  it('names the file that is broken', () => {
    write('manifest.json', { artifacts: { App: stack('App.template.json') } });
    writeFileSync(join(directory, 'App.template.json'), '{ "Resources": ');
    expect(() => readAssembly(directory)).toThrow(AssemblyError);
    expect(() => readAssembly(directory)).toThrow(/App\.template\.json cannot be read/);
  });

  it('refuses a section that it does not know, because it would change what is deployed', () => {
    write('manifest.json', { artifacts: { App: stack('App.template.json') } });
    write('App.template.json', { ...queueTemplate, Transform: 'AWS::Serverless-2016-10-31' });
    expect(() => readAssembly(directory)).toThrow(/Transform/);
  });
});
