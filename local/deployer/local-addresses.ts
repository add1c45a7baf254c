import type { Value } from '../assembly.ts';
import { isList } from './intrinsics.ts';

/** Addresses that a stack's resources would have on AWS, as CDK puts them together, and the local path of each. */
const addresses: readonly (readonly [RegExp, string])[] = [
  // A REST API: https://<api id>.execute-api.<region>.amazonaws.com
  [/https:\/\/([a-z0-9]{10})\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?![\w.-])/g, '_api/$1'],
  // A user pool, which is an issuer of tokens: https://cognito-idp.<region>.amazonaws.com/<region>_<id>
  [/https:\/\/cognito-idp\.[a-z0-9-]+\.amazonaws\.com\/([a-z0-9-]+_[A-Za-z0-9]+)/g, '_cognito/$1'],
  // A user pool's domain: https://<prefix>.auth.<region>.amazoncognito.com
  [/https:\/\/([a-z0-9-]+)\.auth\.[a-z0-9-]+\.amazoncognito\.com(?![\w.-])/g, '_cognito/$1'],
  // A site: https://<label>.cloudfront.net
  [/https:\/\/(d[a-z0-9]{13})\.cloudfront\.net(?![\w.-])/g, '_site/$1'],
  // A bucket: https://<bucket>.s3.<region>.amazonaws.com
  [/https:\/\/([a-z0-9][a-z0-9.-]+)\.s3\.[a-z0-9-]+\.amazonaws\.com(?![\w.-])/g, '$1'],
];

/** Replaces the addresses that resources would have on AWS by their local ones, wherever they stand in a resolved value. */
export function localAddresses(value: Value, url: string): Value {
  if (typeof value === 'string') {
    return addresses.reduce((text, [address, path]) => text.replaceAll(address, `${url}/${path}`), value);
  }
  if (isList(value)) return value.map(item => localAddresses(item, url));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, localAddresses(item, url)]));
}
