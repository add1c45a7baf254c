import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { FunctionSpec, PolicyStatement } from '../../local/contracts.ts';
import { faultAdmin } from '../../local/faults/admin.ts';
import { createFaults } from '../../local/faults/faults.ts';
import type { FaultPlanInput } from '../../local/faults/plan.ts';
import { startGateway } from '../../local/gateway.ts';
import { createIam } from '../../local/iam/iam.ts';
import { createIdentify } from '../../local/identity.ts';
import { createLambda, type LambdaLimits } from '../../local/lambda/server.ts';
import { createSqs } from '../../local/sqs/server.ts';

export const OPERATOR = { kind: 'operator', accessKeyId: 'test' } as const;
const REGION = 'us-east-1';
const ROLE = 'arn:aws:iam::000000000000:role/function-role';
const TRUST = {
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
} as const;

export interface CloudOptions {
  readonly limits?: Partial<LambdaLimits>;
  readonly database?: DatabaseSync;
  readonly debug?: boolean;
  readonly faults?: FaultPlanInput;
}

/** The real gateway, IAM, SQS and Lambda, with functions written into a temporary folder. */
export async function startCloud(options: CloudOptions = {}) {
  const { limits = {}, database, debug = false } = options;
  const directory = mkdtempSync(join(tmpdir(), 'local-lambda-'));
  const lines: string[] = [];
  const log = { line: (source: string, text: string) => void lines.push(`${source}: ${text}`) };
  const iam = createIam();
  const permit = (...statements: PolicyStatement[]) =>
    iam.putRole({ arn: ROLE, name: 'function-role', trust: TRUST, policies: [{ Statement: statements }] });
  permit({ Effect: 'Allow', Action: '*', Resource: '*' });
  const url = () => gateway.url;
  const faults = createFaults(options.faults ?? {}, log);
  const sqs = createSqs({ database: database ?? new DatabaseSync(':memory:'), iam, url, region: REGION, faults });
  const lambda = createLambda({ iam, sqs, url, region: REGION, directory, log, debug, limits, faults });
  const routes = { sqs: sqs.handler, lambda: lambda.handler, _local: faultAdmin(faults) };
  const gateway = await startGateway({ port: 0, routes, identify: createIdentify({ iam }), log, faults });

  return {
    faults,
    iam,
    sqs,
    lambda,
    lines,
    permit,
    directory,
    client: {
      region: REGION,
      endpoint: gateway.url,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    },
    /** Writes the files of a function and deploys it; `index.mjs` is its code when only text is given. */
    deploy(name: string, code: string | Record<string, string>, spec: Partial<FunctionSpec> = {}) {
      const codeDirectory = join(directory, 'code', name);
      const files = typeof code === 'string' ? { 'index.mjs': code } : code;
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(codeDirectory, path)), { recursive: true });
        writeFileSync(join(codeDirectory, path), content);
      }
      lambda.putFunction({
        name,
        roleArn: ROLE,
        codeDirectory,
        handler: 'index.handler',
        runtime: 'nodejs24.x',
        memoryMb: 256,
        timeoutSeconds: 20,
        environment: {},
        ...spec,
      });
    },
    /** @returns what the function returned, or its failure */
    async invoke(name: string, event: unknown = {}) {
      const result = await lambda.invoke(OPERATOR, name, JSON.stringify(event));
      return result.ok ? JSON.parse(result.payload.toString()) : result;
    },
    async close() {
      await lambda.close();
      await gateway.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
export type Cloud = Awaited<ReturnType<typeof startCloud>>;

/** Whether a process is at work; one that has ended and waits to be collected by its parent is not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = join('/proc', String(pid), 'status');
  return !existsSync(status) || !/^State:\s+Z/m.test(readFileSync(status, 'utf8'));
}

export { until } from './sqs-fixture.ts';
