import { ACCOUNT_ID, PARTITION } from '../contracts.ts';
import type { RoutedRequest } from './proxy-event.ts';

export const apiArn = (region: string, apiId: string): string =>
  `arn:${PARTITION}:execute-api:${region}:${ACCOUNT_ID}:${apiId}`;

/** What policies of callers name: API, stage, method, and the path as it was asked for. */
export const methodArn = (region: string, { exchange, api, stage, path }: RoutedRequest): string =>
  `${apiArn(region, api.id)}/${stage.name}/${exchange.method}${path}`;

/** What permissions of functions name: the path of the resource, with `*` for its parameters. */
export function resourceArn(region: string, { exchange, api, stage, route }: RoutedRequest): string {
  const path = route.resource.path.replaceAll(/\{[^}]+\}/g, '*');
  return `${apiArn(region, api.id)}/${stage.name}/${exchange.method}${path}`;
}
