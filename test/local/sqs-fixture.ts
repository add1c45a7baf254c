import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyReader } from '../../local/bodies.ts';
import { AccessDenied, type Caller, type Handler, type Iam } from '../../local/contracts.ts';

/** Allows everything but the pairs in `denied`, e.g. `sqs:SendMessage arn:aws:sqs:…`. Callers are told by their key. */
export function fakeIam(denied: ReadonlySet<string> = new Set()) {
  const roles = new Map<string, { roleArn: string; functionName: string }>();
  const asked: string[] = [];
  const iam: Pick<Iam, 'authorize' | 'issueCredentials' | 'credentialsOf'> = {
    authorize(caller, action, resourceArn) {
      asked.push(`${describeCaller(caller)} ${action} ${resourceArn}`);
      if (denied.has(`${action} ${resourceArn}`)) throw new AccessDenied(`not allowed: ${action} on ${resourceArn}`);
    },
    issueCredentials(roleArn, functionName) {
      const accessKeyId = `ASIA${String(roles.size).padStart(16, '0')}`;
      roles.set(accessKeyId, { roleArn, functionName });
      return { accessKeyId, secretAccessKey: 'secret', sessionToken: 'token' };
    },
    credentialsOf(accessKeyId) {
      const role = roles.get(accessKeyId);
      return role && { accessKeyId, secretAccessKey: 'secret', sessionToken: 'token', ...role };
    },
  };
  const callerOf = (accessKeyId: string): Caller => {
    const role = roles.get(accessKeyId);
    return role ? { kind: 'role', accessKeyId, ...role } : { kind: 'operator', accessKeyId };
  };
  // The servers under test use these three alone.
  return { iam: iam as Iam, callerOf, asked };
}

const describeCaller = (caller: Caller) => (caller.kind === 'role' ? caller.roleArn : caller.kind);

export interface TestServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A server that hands every request to the handler which `route` picks, with the caller read from the access key. */
export async function serve(
  route: (request: IncomingMessage) => Handler,
  callerOf: (accessKeyId: string) => Caller,
): Promise<TestServer> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const accessKeyId = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? 'nobody';
    await route(request)({
      method: request.method ?? 'GET',
      path: pathname,
      query: searchParams,
      headers: request.headers,
      caller: callerOf(accessKeyId),
      request,
      response,
      body: bodyReader(request),
    });
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => {
      response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ message: error.stack }));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server has one
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Waits until the check holds. @throws Error after `timeoutMs` */
export async function until(check: () => boolean | Promise<boolean>, what: string, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`Not so after ${timeoutMs} ms: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
