import { randomBytes } from 'node:crypto';
import { AccessDenied, type Exchange, type Handler, type Iam } from '../contracts.ts';
import { queryError, requestId, writeXml, xmlElement } from '../wire.ts';
import { type Distributions, distributionArn } from './distributions.ts';

const NAMESPACE = 'http://cloudfront.amazonaws.com/doc/2020-05-31/';
const ADDRESS = /^\/2020-05-31\/distribution\/([^/]+)\/invalidation$/;
const MAX_PATHS = 3_000;

/** CloudFront's API: `CreateInvalidation`, which is complete at once, since nothing is cached here. */
export function invalidationHandler(options: { iam: Iam; distributions: Distributions }): Handler {
  return async exchange => {
    const { method, path, response } = exchange;
    const id = ADDRESS.exec(path)?.[1];
    if (method !== 'POST' || id === undefined) {
      const message = `The local cloud's CloudFront has CreateInvalidation only, not ${method} ${path}.`;
      return queryError(response, 501, 'NotImplemented', message);
    }
    try {
      options.iam.authorize(exchange.caller, 'cloudfront:CreateInvalidation', distributionArn(id));
    } catch (error) {
      if (!(error instanceof AccessDenied)) throw error;
      return queryError(response, 403, 'AccessDenied', error.message);
    }
    if (!options.distributions.find(id)) {
      return queryError(response, 404, 'NoSuchDistribution', 'The specified distribution does not exist.');
    }
    await create(exchange);
  };
}

async function create({ body, path, response }: Exchange): Promise<void> {
  const batch = (await body()).toString('utf8');
  const fault = faultOf(batch);
  if (fault !== undefined) return queryError(response, 400, fault[0], fault[1]);
  const id = `I${randomBytes(9).toString('hex').toUpperCase().slice(0, 13)}`;
  const described = [xmlElement('Id', id), xmlElement('Status', 'Completed')];
  const time = xmlElement('CreateTime', new Date().toISOString());
  response.setHeader('location', `https://cloudfront.amazonaws.com${path}/${id}`);
  const root = `<Invalidation xmlns="${NAMESPACE}">${described.join('')}${time}${elementIn(batch)}</Invalidation>`;
  writeXml(response, 201, root, requestId());
}

/** The batch goes back as it came, without its namespace. */
const elementIn = (batch: string) => batch.replace(/^[\s\S]*?<InvalidationBatch[^>]*>/, '<InvalidationBatch>').trim();

function faultOf(batch: string): readonly [code: string, message: string] | undefined {
  const texts = (name: string) =>
    [...batch.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, it]) => it ?? '');
  const paths = texts('Path');
  if (!texts('CallerReference')[0]) return ['MalformedXML', 'The batch has no CallerReference.'];
  if (Number(texts('Quantity')[0]) !== paths.length)
    return ['InconsistentQuantities', 'Quantity is not the number of paths.'];
  if (paths.length === 0 || !paths.every(path => path.startsWith('/'))) {
    return ['InvalidArgument', 'Your request contains one or more invalid invalidation paths.'];
  }
  return paths.length > MAX_PATHS
    ? ['TooManyInvalidationsInProgress', `At most ${MAX_PATHS} paths at a time.`]
    : undefined;
}
