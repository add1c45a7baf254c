import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';

const secretShape = z.object({ apiKey: z.string().min(1) });

/**
 * The Pinecone API key, read from Secrets Manager at the first call and kept for as long as the function lives. The secret
 * is the bare key, or JSON `{ "apiKey": "…" }`.
 */
export function pineconeKey(client: SecretsManagerClient, secretArn: string): () => Promise<string> {
  let key: Promise<string> | undefined;
  return () => {
    key ??= readKey(client, secretArn).catch((error: unknown) => {
      key = undefined; // the next call asks again
      throw error;
    });
    return key;
  };
}

async function readKey(client: SecretsManagerClient, secretArn: string): Promise<string> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
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
