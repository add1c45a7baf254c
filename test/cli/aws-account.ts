import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface AwsAccountContents {
  /** Outputs by the stack's name. */
  readonly stacks?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Names by the id of models that may be called; others have no agreement. */
  readonly models?: Readonly<Record<string, string>>;
  /** Of Bedrock, by name. */
  readonly quotas?: Readonly<Record<string, number>>;
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

const identity: Reply = {
  status: 200,
  type: 'text/xml',
  body: `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/ann</Arn>
    <Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
};

/** As much of AWS as says what is deployed, with replies in the form of the real one, on this machine. */
export async function startAwsAccount({
  stacks = {},
  models = {},
  quotas = {},
}: AwsAccountContents): Promise<AwsAccount> {
  const json = (value: unknown, status = 200): Reply => ({
    ...{ status, type: 'application/json', body: JSON.stringify(value) },
  });
  const answer = (path: string, target: string, body: string): Reply => {
    const form = new URLSearchParams(body);
    if (form.get('Action') === 'GetCallerIdentity') return identity;
    if (target.endsWith('.ListServiceQuotas')) {
      return json({ Quotas: Object.entries(quotas).map(([QuotaName, Value]) => ({ QuotaName, Value })) });
    }
    if (target.endsWith('.GetSecretValue')) return json({ __type: 'ResourceNotFoundException', message: 'none' }, 400);
    const [, kind, modelId = ''] = /^\/(foundation-model(?:s|-availability))\/([^?]+)/.exec(path) ?? [];
    const model = models[decodeURIComponent(modelId)];
    if (kind === 'foundation-models') return json({ modelDetails: { modelArn: 'arn', modelId, modelName: model } });
    if (kind) return json(availability(modelId, model !== undefined));
    if (form.get('Action') === 'DescribeStacks') return describeStacks(form.get('StackName') ?? '');
    return json({ message: 'There is no such thing' }, 404);
  };
  const availability = (modelId: string, isAgreed: boolean) => ({
    modelId,
    agreementAvailability: { status: isAgreed ? 'AVAILABLE' : 'NOT_AVAILABLE' },
    ...{ authorizationStatus: 'AUTHORIZED', entitlementAvailability: 'AVAILABLE', regionAvailability: 'AVAILABLE' },
  });
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
    const target = String(request.headers['x-amz-target'] ?? '');
    const { status, type, body } = answer(request.url ?? '', target, await text(request));
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
