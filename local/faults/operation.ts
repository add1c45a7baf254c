import type { Exchange } from '../contracts.ts';

type Call = Pick<Exchange, 'method' | 'path' | 'headers'>;

const BEDROCK: Readonly<Record<string, string>> = {
  invoke: 'InvokeModel',
  converse: 'Converse',
  'converse-stream': 'ConverseStream',
};
const S3: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  HEAD: 'HeadObject',
  PUT: 'PutObject',
  POST: 'PostObject',
  DELETE: 'DeleteObject',
};

/** A call's operation as a plan names it. Of S3, calls without a key are `Bucket`, others go by their method alone. */
export function operationName(service: string, { method, path, headers }: Call): string {
  const lastSegment = path.slice(path.lastIndexOf('/') + 1);
  switch (service) {
    case 'bedrock':
      return BEDROCK[lastSegment] ?? lastSegment;
    case 's3':
      return /^\/[^/]+\/./.test(path) ? (S3[method] ?? method) : 'Bucket';
    case 'lambda':
      return 'Invoke';
    case 'pinecone':
      return lastSegment;
    default: {
      const target = String(headers['x-amz-target'] ?? '');
      return target.slice(target.lastIndexOf('.') + 1);
    }
  }
}
