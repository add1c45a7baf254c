/** Small fakes of the servers that the deployer fills, and assemblies written in a test. */
import { DatabaseSync } from 'node:sqlite';
import type { Assembly, DeletionPolicy, Template, TemplateResource, Value } from '../../local/assembly.ts';
import type {
  EventSourceSpec,
  FunctionSpec,
  InvocationResult,
  LambdaServer,
  Log,
  StreamedInvocation,
} from '../../local/contracts.ts';
import type { ResourceProvider } from '../../local/deployer/resource.ts';

type Resource = { type: string; properties?: Record<string, Value> } & Partial<
  Omit<TemplateResource, 'type' | 'properties'>
>;

export interface AssemblyParts extends Partial<Omit<Template, 'resources' | 'outputs'>> {
  readonly resources: Record<string, Resource>;
  readonly outputs?: Record<string, Value>;
  /** Folders by object key. */
  readonly assets?: Record<string, string>;
}

export function assemblyOf({ resources, outputs = {}, assets = {}, ...rest }: AssemblyParts): Assembly {
  const complete = Object.entries(resources).map(([logicalId, resource]): [string, TemplateResource] => {
    const policies: { deletionPolicy: DeletionPolicy; updateReplacePolicy: DeletionPolicy } = {
      deletionPolicy: 'Delete',
      updateReplacePolicy: 'Delete',
    };
    return [logicalId, { properties: {}, dependsOn: [], unknownAttributes: [], ...policies, ...resource }];
  });
  return {
    stackName: 'App',
    region: undefined,
    template: {
      parameters: {},
      mappings: {},
      conditions: {},
      ...rest,
      resources: Object.fromEntries(complete),
      outputs: Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, { value }])),
    },
    assetDirectory: key => assets[key],
  };
}

/** A provider that notes what is asked of it. */
export function notingProvider(notes: string[], overrides: Partial<ResourceProvider> = {}): ResourceProvider {
  return {
    type: 'Test::Thing',
    handled: ['Name', 'Needs', 'Inner.Known'],
    recorded: ['Tags', 'Inner.Noted'],
    put({ logicalId, properties, previous }) {
      notes.push(`${previous ? 'update' : 'create'} ${logicalId}`);
      const physicalId = String(properties.Name ?? `${logicalId}-1`);
      return { physicalId, attributes: { Arn: `arn:thing:${physicalId}` } };
    },
    delete: ({ logicalId, physicalId }) => void notes.push(`delete ${logicalId} ${physicalId}`),
    ...overrides,
  };
}

export function notingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, line: (source, text) => void lines.push(`${source}: ${text}`) };
}

export const memoryDatabase = (): DatabaseSync => new DatabaseSync(':memory:');

export interface FakeLambda extends LambdaServer {
  readonly functions: Map<string, FunctionSpec>;
  readonly eventSources: Map<string, EventSourceSpec>;
}

/** Functions that are JavaScript here: `behaviour` gets the function's name and the parsed payload. */
export function fakeLambda(behaviour: {
  invoke?: (name: string, event: unknown, caller: Parameters<LambdaServer['invoke']>[0]) => Promise<InvocationResult>;
  stream?: (name: string, event: unknown) => StreamedInvocation;
}): FakeLambda {
  const functions = new Map<string, FunctionSpec>();
  const eventSources = new Map<string, EventSourceSpec>();
  const absent = (): never => {
    throw new Error('This function is not expected to be called.');
  };
  return {
    functions,
    eventSources,
    handler: absent,
    functionArn: name => `arn:aws:lambda:eu-west-1:000000000000:function:${name}`,
    putFunction: spec => void functions.set(spec.name, spec),
    deleteFunction: async name => void functions.delete(name),
    invoke: async (caller, name, payload) => (behaviour.invoke ?? absent)(name, JSON.parse(payload), caller),
    invokeStreaming: (_, name, payload) => (behaviour.stream ?? absent)(name, JSON.parse(payload)),
    invokeLater: absent,
    putEventSource: spec => void eventSources.set(spec.id, spec),
    deleteEventSource: async id => void eventSources.delete(id),
    close: async () => undefined,
  };
}
