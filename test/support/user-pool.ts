import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

/** What a user pool does for those who verify its tokens: it signs them and publishes its keys. */
export interface UserPool {
  readonly issuer: string;
  /** How often its keys were asked for. */
  readonly asked: () => number;
  /** What its address answers from now on; 200 at first. */
  answer(status: number): void;
  /** Signs with a new key from now on, and publishes it beside the old ones. */
  rotate(): Promise<void>;
  /** The payload as it is, with the pool as issuer. */
  sign(payload: JWTPayload): Promise<string>;
  /** Its public key in PEM, as somebody would who tries it as a secret. */
  readonly publicKey: () => CryptoKey;
  close(): Promise<void>;
}

/** On a free port of 127.0.0.1. */
export async function startUserPool(): Promise<UserPool> {
  const published: object[] = [];
  let pair: Awaited<ReturnType<typeof generateKeyPair>>;
  let status = 200;
  let asked = 0;
  const rotate = async () => {
    pair = await generateKeyPair('RS256');
    published.push({ ...(await exportJWK(pair.publicKey)), kid: `key-${published.length}`, alg: 'RS256', use: 'sig' });
  };
  await rotate();

  const server = createServer((request, response) => {
    asked += 1;
    const found = request.url === '/pool/.well-known/jwks.json';
    response.writeHead(found ? status : 404).end(JSON.stringify({ keys: published }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  const issuer = `http://127.0.0.1:${port}/pool`;

  return {
    issuer,
    asked: () => asked,
    answer: changed => {
      status = changed;
    },
    rotate,
    sign: payload =>
      new SignJWT({ iss: issuer, ...payload })
        .setProtectedHeader({ alg: 'RS256', kid: `key-${published.length - 1}` })
        .sign(pair.privateKey),
    publicKey: () => pair.publicKey,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The payload of a token as Cognito makes it, with what the function before it adds. */
export const accessPayload = (change: JWTPayload = {}): JWTPayload => ({
  ...{ sub: 'ann', client_id: 'web', token_use: 'access', exp: Math.floor(Date.now() / 1_000) + 3_600 },
  ...{ 'groundwork:tenant': 'acme', 'groundwork:role': 'reader', 'groundwork:groups': ['staff'] },
  ...change,
});
