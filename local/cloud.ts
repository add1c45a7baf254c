/** Starts and stops the whole local cloud for one synthesized stack. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiGateway } from './api-gateway/server.ts';
import { type Assembly, readAssembly } from './assembly.ts';
import { createBedrock } from './bedrock/bedrock.ts';
import { createCloudFront } from './cloudfront/server.ts';
import type { MadeUpUser } from './cognito/model.ts';
import { createCognito } from './cognito/server.ts';
import type { Log } from './contracts.ts';
import { type Deployment, deploy, type Progress, stackArn } from './deployer/deploy.ts';
import { allProviders, type Servers } from './deployer/providers/all-providers.ts';
import { customResourceReplies } from './deployer/providers/custom-resource.ts';
import { createDynamoDb } from './dynamodb.ts';
import type { Clock } from './events/clock.ts';
import { createEventRules } from './events/rules.ts';
import { faultAdmin } from './faults/admin.ts';
import { createFaults } from './faults/faults.ts';
import type { FaultPlanInput } from './faults/plan.ts';
import { type Gateway, type Routes, startGateway } from './gateway.ts';
import { createIam } from './iam/iam.ts';
import { createIdentify } from './identity.ts';
import { openLogFiles } from './lambda/log-files.ts';
import { createLambda } from './lambda/server.ts';
import { createPinecone } from './pinecone/pinecone.ts';
import { createS3 } from './s3/server.ts';
import { createSecretsManager } from './secrets-manager.ts';
import { createSqs } from './sqs/server.ts';
import { openState, type State } from './state.ts';

export interface CloudOptions {
  /** A cloud assembly: the folder that `cdk synth` writes. */
  readonly assembly: string;
  /**
   * The folder that keeps what survives a restart, or an open one, which stays open at the stop.
   * @default a temporary one, removed at the stop
   */
  readonly state?: string | State;
  /** 0 takes any free port. */
  readonly port: number;
  /** @default the region that the stack was synthesized for, or else us-east-1 */
  readonly region?: string;
  /** Secrets that exist outside the template, by name: values that somebody would have put there before the deploy. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Users of every user pool from the start on, with just these passwords. @default none */
  readonly users?: readonly MadeUpUser[];
  /** Functions' processes at a time. @default two for each core, at least 8 */
  readonly maxProcesses?: number;
  /** What goes wrong on purpose from the start; `PUT /_local/faults` changes it. @default nothing */
  readonly faults?: FaultPlanInput;
  /** By which schedules run. @default the machine's */
  readonly clock?: Clock;
  /** @default nothing is shown */
  readonly log?: Log;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Cloud {
  /** `http://127.0.0.1:<port>`: the endpoint of every service. */
  readonly url: string;
  readonly port: number;
  readonly region: string;
  /** Of the stack, by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What the stack asks for that is accepted but not emulated, as `AWS::S3::Bucket LifecycleConfiguration`. */
  readonly recorded: readonly string[];
  /** The folder of the functions' logs, `<function>.log` each. */
  readonly logs: string;
  readonly apiKeys: readonly { readonly id: string; readonly name: string; readonly value: string }[];
  /** Ends functions, connections and servers; resolves when no process is left. */
  close(): Promise<void>;
}

type Closer = () => Promise<void> | void;

/**
 * Starts every server on one port and deploys the stack to them.
 * @throws AssemblyError, FaultPlanError, StateError, TemplateError; Error with the code EADDRINUSE when the port is taken. Nothing is
 * left running then.
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const assembly = readAssembly(options.assembly);
  const closers: Closer[] = [];
  const close = closeOnce(closers);
  try {
    return await start(options, assembly, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(options: CloudOptions, assembly: Assembly, closers: Closer[], close: Closer): Promise<Cloud> {
  const { region = assembly.region ?? 'us-east-1', log = { line: () => undefined } } = options;
  const state = openFolder(options.state, closers);
  let gateway: Gateway | undefined;
  const url = () => {
    if (!gateway) throw new Error('The local cloud has no address before it listens.');
    return gateway.url;
  };
  const { database } = state;
  const iam = createIam();
  const identify = createIdentify({ iam });
  const faults = createFaults(options.faults ?? {}, log);
  const sqs = createSqs({ database, iam, url, region, faults });
  const dynamoDb = createDynamoDb({ iam, directory: state.directory('dynamodb'), region, log });
  closers.push(() => dynamoDb.close());
  const logs = state.directory('logs');
  const files = openLogFiles(logs);
  closers.push(() => files.close());
  const [directory, record] = [state.directory('lambda'), files.write];
  const limits = options.maxProcesses === undefined ? {} : { maxProcesses: options.maxProcesses };
  const lambda = createLambda({ iam, sqs, url, region, directory, log, record, faults, limits });
  const bedrock = createBedrock({ iam, region, log, faults });
  const s3 = createS3({ database, directory: state.directory('s3'), iam, sqs, url, region, log });
  const cloudFront = createCloudFront({ iam, s3 });
  const servers: Servers = {
    iam,
    sqs,
    dynamoDb,
    lambda,
    s3,
    secrets: createSecretsManager({ iam, database, region }),
    apiGateway: createApiGateway({ iam, lambda, identify, log, database, region }),
    guardrails: bedrock.guardrails,
    events: createEventRules({ lambda, sqs, region, log, clock: options.clock }),
    cognito: createCognito({ iam, lambda, database, region, url, log, now: options.clock?.now }),
    distributions: cloudFront.distributions,
  };
  const replies = customResourceReplies();
  const routes: Routes = {
    s3: servers.s3.handler,
    sqs: sqs.handler,
    dynamodb: dynamoDb.handler,
    secretsmanager: servers.secrets.handler,
    lambda: lambda.handler,
    bedrock: bedrock.handler,
    apigateway: servers.apiGateway.handler,
    'cognito-idp': servers.cognito.handler,
    cloudfront: cloudFront.handler,
    _api: servers.apiGateway.handler,
    _cognito: servers.cognito.handler,
    _site: cloudFront.sites,
    _pinecone: createPinecone({ database, url }).handler,
    _cloudformation: replies.handler,
    _local: faultAdmin(faults),
  };
  const listening = await startGateway({ port: options.port, routes, identify, log, faults });
  gateway = listening;
  closers.push(() => listening.close());
  // Last in, first out: functions may still make calls while they come to an end.
  closers.push(() => lambda.close());
  closers.push(() => servers.events.close());

  for (const [name, value] of Object.entries(options.secrets ?? {})) servers.secrets.putSecret({ name, value });
  const deployment: Deployment = await deploy({
    assembly,
    database,
    region,
    log,
    url: listening.url,
    providers: allProviders({
      ...servers,
      ...{ assembly, region, url: listening.url, replies, log, stackId: stackArn(assembly.stackName, region) },
    }),
    ...(options.onProgress && { onProgress: options.onProgress }),
  });
  await servers.cognito.putMadeUpUsers(options.users ?? []);
  const { outputs, recorded } = deployment;
  const apiKeys = servers.apiGateway.apiKeys();
  const { port } = listening;
  return { url: listening.url, port, region, outputs, recorded, logs, apiKeys, close: async () => close() };
}

function openFolder(path: string | State | undefined, closers: Closer[]): State {
  if (typeof path === 'object') return path;
  const directory = path ?? mkdtempSync(join(tmpdir(), 'local-cloud-'));
  if (path === undefined) closers.push(() => rmSync(directory, { recursive: true, force: true }));
  const state = openState(directory);
  closers.push(() => state.close());
  return state;
}

/** Runs the closers, last in first out, all of them even when one fails; a second call waits for the first. */
function closeOnce(closers: readonly Closer[]): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const closeAll = async () => {
    const failures: unknown[] = [];
    for (const closer of [...closers].reverse()) {
      try {
        await closer();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'The local cloud did not stop cleanly.');
  };
  return () => {
    closing ??= closeAll();
    return closing;
  };
}
