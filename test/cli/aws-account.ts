import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface AwsAccountContents {
  /** Outputs by the stack's name. */
  readonly stacks?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Values by id. */
  readonly apiKeys?: Readonly<Record<string, string>>;
}

export interface AwsAccount {
  /** Makes a process ask this account. */
  readonly env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** As much of AWS as says what is deployed, with replies in the form of the real one, on this machine. */
export async function startAwsAccount({ stacks = {}, apiKeys = {} }: AwsAccountContents): Promise<AwsAccount> {
  const json = (value: unknown, status = 200): Reply => ({
    ...{ status, type: 'application/json', body: JSON.stringify(value) },
  });
  const answer = (path: string, body: string): Reply => {
    const form = new URLSearchParams(body);
    if (form.get('Action') === 'DescribeStacks') return describeStacks(form.get('StackName') ?? '');
    const key = apiKeys[/^\/apikeys\/([^?]+)/.exec(path)?.[1] ?? ''];
    return key === undefined ? json({ message: 'There is no such thing' }, 404) : json({ value: key });
  };
  const describeStacks = (name: string): Reply => {
    const outputs = stacks[name];
    if (!outputs) {
      const error = `<Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message></Error>`;
      return { status: 400, type: 'text/xml', body: `<ErrorResponse>${error}</ErrorResponse>` };
    }
    const members = Object.entries(outputs).map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    );
    const stack = `<member><StackName>${name}</StackName><Outputs>${members.join('')}</Outputs></member>`;
    const result = `<DescribeStacksResult><Stacks>${stack}</Stacks></DescribeStacksResult>`;
    return { status: 200, type: 'text/xml', body: `<DescribeStacksResponse>${result}</DescribeStacksResponse>` };
  };

  const server = createServer(async (request, response) => {
    const { status, type, body } = answer(request.url ?? '', await text(request));
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server has no other kind of address
  return {
    env: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    close: () => new Promise(resolve => server.close(() => resolve())),
  };
}
