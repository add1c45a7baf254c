import * as z from 'zod';
import { type AwsClient, readJson } from './aws/client.ts';

const secretReply = z.object({ SecretString: z.string().optional() });
const secretShape = z.object({ apiKey: z.string().min(1) });

/**
 * The Pinecone API key, read from Secrets Manager at the first call and kept for as long as the function lives. The secret
 * is the bare key, or JSON `{ "apiKey": "…" }`.
 */
export function pineconeKey(client: AwsClient, secretArn: string): () => Promise<string> {
  let key: Promise<string> | undefined;
  return () => {
    key ??= readKey(client, secretArn).catch((error: unknown) => {
      key = undefined; // the next call asks again
      throw error;
    });
    return key;
  };
}

async function readKey(client: AwsClient, secretArn: string): Promise<string> {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'secretsmanager.GetSecretValue',
  };
  const reply = await client.send({ headers, body: JSON.stringify({ SecretId: secretArn }) }, readJson);
  const { SecretString } = secretReply.parse(reply);
  const secret = SecretString?.trim() ?? '';
  const key = secret.startsWith('{') ? keyInJson(secret) : secret;
  if (key) return key;
  // The secret itself must not get into the logs, so that its content is not named here.
  throw new Error(`Secret ${secretArn} must hold the Pinecone API key, bare or as JSON {"apiKey": "…"}`);
}

function keyInJson(secret: string): string | undefined {
  try {
    return secretShape.safeParse(JSON.parse(secret)).data?.apiKey;
  } catch {
    return undefined; // the caller words it; a JSON error would quote the secret
  }
}
