import type { Value } from '../assembly.ts';
import { isList } from './intrinsics.ts';

/** `https://<api id>.execute-api.<region>.amazonaws.com`, as CDK puts together the address of a REST API. */
const executeApi = /https:\/\/([a-z0-9]{10})\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?=\/|$)/g;

/** Replaces the address that a REST API would have on AWS by its local one, wherever it stands in a resolved value. */
export function localAddresses(value: Value, url: string): Value {
  if (typeof value === 'string') return value.replaceAll(executeApi, `${url}/_api/$1`);
  if (isList(value)) return value.map(item => localAddresses(item, url));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, localAddresses(item, url)]));
}
