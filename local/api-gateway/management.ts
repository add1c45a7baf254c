import type { Exchange, Iam } from '../contracts.ts';
import { jsonError, jsonReply, REST_JSON } from '../wire.ts';
import type { Metering } from './metering.ts';
import type { ApiKey } from './model.ts';

export interface ManagementOptions {
  readonly iam: Iam;
  readonly metering: Metering;
  readonly region: string;
}

/** The part of API Gateway's own API that reads API keys: `aws apigateway get-api-key(s)`. */
export async function answerManagement(
  { iam, metering, region }: ManagementOptions,
  exchange: Exchange,
): Promise<void> {
  const { method, path, query, caller, response } = exchange;
  const [, collection, id, ...rest] = path.split('/');
  if (method !== 'GET' || collection !== 'apikeys' || rest.length > 0) {
    const message = `The local cloud does not have ${method} ${path} of API Gateway. It has: GET /apikeys, GET /apikeys/{id}.`;
    return jsonError(response, 501, 'NotImplementedException', message, { contentType: REST_JSON });
  }
  iam.authorize(caller, 'apigateway:GET', `arn:aws:apigateway:${region}::/apikeys${id ? `/${id}` : ''}`);
  if (!id) {
    const named = metering.keys().filter(({ name }) => name.startsWith(query.get('name') ?? ''));
    const item = named.map(key => keyReply(key, query.get('includeValues') === 'true'));
    return jsonReply(response, { item }, REST_JSON);
  }
  const key = metering.keys().find(known => known.id === decodeURIComponent(id));
  if (!key) {
    return jsonError(response, 404, 'NotFoundException', 'Invalid API Key identifier specified', {
      contentType: REST_JSON,
    });
  }
  jsonReply(response, keyReply(key, query.get('includeValue') === 'true'), REST_JSON);
}

function keyReply({ id, name, description, enabled, value, createdAt }: ApiKey, withValue: boolean) {
  return {
    id,
    name,
    ...(description !== undefined && { description }),
    enabled,
    ...(withValue && { value }),
    createdDate: createdAt,
    lastUpdatedDate: createdAt,
    stageKeys: [],
  };
}
