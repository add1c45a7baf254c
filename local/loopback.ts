/** Who reaches a port on 127.0.0.1: programs of this machine, and each page that a browser on it happens to show. */
import type { IncomingHttpHeaders } from 'node:http';

/** The names of this machine, `<bucket>.localhost` among them. No other site can have one. */
const OWN_NAME = /^(?:127\.0\.0\.1|\[::1\]|(?:[^/:@]+\.)?localhost)(?::\d+)?$/i;

/**
 * Whether the request was sent to a name of this machine. A page of another site can have its own name lead here, and
 * may then read every answer; it cannot change the name that its browser sends.
 */
export function isSentHere(headers: IncomingHttpHeaders): boolean {
  const name = headers.host ?? headers[':authority'];
  return typeof name !== 'string' || OWN_NAME.test(name); // every browser sends one
}

/** Whether a page sends the request that is no page of this machine. Programs, and pages that follow a link, send no origin. */
export const isOfForeignPage = ({ origin }: IncomingHttpHeaders): boolean =>
  origin !== undefined && !OWN_NAME.test(URL.parse(origin)?.host ?? '');
