/** The JSON API of Amazon Cognito user pools (`cognito-idp`), as far as administrators manage users with it. */
import { AccessDenied, type Exchange } from '../contracts.ts';
import { JSON_1_1, jsonError, jsonReply } from '../wire.ts';
import { CognitoError } from './model.ts';
import type { AdministrationOptions, Operation } from './operation.ts';
import { groupOperations, poolOperations } from './pool-operations.ts';
import { userOperations } from './user-operations.ts';

export function createAdministration(options: AdministrationOptions): (exchange: Exchange) => Promise<void> {
  const operations = { ...userOperations(options), ...groupOperations(options), ...poolOperations(options) };
  return exchange => serve(exchange, operations);
}

async function serve(exchange: Exchange, operations: Readonly<Record<string, Operation>>): Promise<void> {
  const { response, headers, caller } = exchange;
  const name = String(headers['x-amz-target'] ?? '').replace(/^AWSCognitoIdentityProviderService\./, '');
  const fail = (type: string, message: string) => jsonError(response, 400, type, message, { contentType: JSON_1_1 });
  try {
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation) {
      const known = Object.keys(operations).join(', ');
      throw new CognitoError('UnknownOperationException', `The local Cognito has ${known}, not ${name}.`);
    }
    jsonReply(response, await operation({ name, input: parseJson(await exchange.body()), caller }), JSON_1_1);
  } catch (error) {
    if (error instanceof AccessDenied) fail('AccessDeniedException', error.message);
    else if (error instanceof CognitoError) fail(error.type, error.message);
    else throw error;
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8') || '{}');
  } catch (error) {
    if (error instanceof SyntaxError) throw new CognitoError('SerializationException', 'The request body is no JSON.');
    throw error;
  }
}
