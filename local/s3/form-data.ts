import { S3Error } from './errors.ts';

/** Everything before the file, as S3 limits it. */
const MAX_FIELDS_BYTES = 20 * 1024;

export interface Form {
  /** Names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  readonly file: FormFile;
}

export interface FormFile {
  /** As the client gives it, without folders; may be empty. */
  readonly name: string;
  /** To be read once, to its end. */
  readonly bytes: AsyncIterable<Buffer>;
}

/**
 * Reads a `multipart/form-data` body up to its file, which is then streamed. What follows the file is ignored, as S3 does.
 * @throws S3Error MalformedPOSTRequest, MaxPostPreDataLengthExceededError, or InvalidArgument for a form without a file
 * @see RFC 7578
 */
export async function readForm(contentType: string | undefined, source: AsyncIterable<Buffer>): Promise<Form> {
  const reader = new DelimitedReader(source);
  // The body begins with the boundary; every later one stands at the start of a line.
  const boundary = Buffer.from(`--${boundaryOf(contentType)}`);
  const delimiter = Buffer.concat([Buffer.from('\r\n'), boundary]);
  await reader.until(boundary, MAX_FIELDS_BYTES);

  const fields = new Map<string, string>();
  let room = MAX_FIELDS_BYTES;
  for (;;) {
    const lineEnd = (await reader.until(Buffer.from('\r\n'), room)).toString('utf8');
    if (lineEnd.startsWith('--')) break;
    const head = parseHead((await reader.until(Buffer.from('\r\n\r\n'), room)).toString('utf8'));
    if (head.name === 'file') return { fields, file: fileOf(head, reader.stream(delimiter)) };
    const value = await reader.until(delimiter, room);
    room -= value.length + head.name.length;
    fields.set(head.name, value.toString('utf8'));
  }
  throw new S3Error('InvalidArgument', 'POST requires exactly one file upload per request.', {
    details: { ArgumentName: 'file', ArgumentValue: '0' },
  });
}

function boundaryOf(contentType = ''): string {
  const [, quoted, plain] = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary) return boundary;
  throw new S3Error(
    'MalformedPOSTRequest',
    'The body of a POST to a bucket must be multipart/form-data with a boundary.',
  );
}

interface PartHead {
  /** In lower case. */
  readonly name: string;
  readonly fileName: string;
}

function parseHead(text: string): PartHead {
  const disposition = /^content-disposition:\s*form-data\b(.*)$/im.exec(text)?.[1];
  const name = disposition && parameterOf(disposition, 'name');
  if (!disposition || name === undefined) throw malformed('A part of the form has no name.');
  return {
    name: name.toLowerCase(),
    fileName: parameterOf(disposition, 'filename') ?? '',
  };
}

/** Quotes inside are escaped as `%22` by browsers, and with a backslash by others. */
function parameterOf(disposition: string, name: string): string | undefined {
  const [, quoted, plain] =
    new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))`, 'i').exec(disposition) ?? [];
  return quoted?.replace(/\\(["\\])/g, '$1').replaceAll('%22', '"') ?? plain;
}

const fileOf = ({ fileName }: PartHead, bytes: AsyncIterable<Buffer>): FormFile => ({
  name: fileName.slice(Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1),
  bytes,
});

const malformed = (reason: string) =>
  new S3Error(
    'MalformedPOSTRequest',
    `The body of your POST request is not well-formed multipart/form-data. ${reason}`,
  );

/** Cuts a stream at delimiters, holding at most one chunk and one delimiter of what it streams. */
class DelimitedReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async #more(): Promise<Buffer> {
    const { done, value } = await this.#source.next();
    if (done) throw malformed('It ends too early.');
    return value;
  }

  /** Everything before the delimiter, which is consumed too. */
  async until(delimiter: Buffer, maxBytes: number): Promise<Buffer> {
    let end = this.#rest.indexOf(delimiter);
    while (end < 0) {
      if (this.#rest.length > maxBytes + delimiter.length) throw tooLong();
      this.#rest = Buffer.concat([this.#rest, await this.#more()]);
      end = this.#rest.indexOf(delimiter);
    }
    if (end > maxBytes) throw tooLong();
    const found = this.#rest.subarray(0, end);
    this.#rest = this.#rest.subarray(end + delimiter.length);
    return found;
  }

  /** As `until`, in pieces as they arrive. */
  async *stream(delimiter: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const end = this.#rest.indexOf(delimiter);
      if (end >= 0) {
        const tail = this.#rest.subarray(0, end);
        this.#rest = this.#rest.subarray(end + delimiter.length);
        if (tail.length > 0) yield tail;
        return;
      }
      const safe = this.#rest.length - (delimiter.length - 1); // the rest may be the start of a delimiter
      if (safe > 0) {
        yield this.#rest.subarray(0, safe);
        this.#rest = this.#rest.subarray(safe);
      }
      this.#rest = Buffer.concat([this.#rest, await this.#more()]);
    }
  }
}

const tooLong = () =>
  new S3Error(
    'MaxPostPreDataLengthExceededError',
    `Your POST request fields preceding the upload file were too large. Up to ${MAX_FIELDS_BYTES} bytes are allowed.`,
  );
