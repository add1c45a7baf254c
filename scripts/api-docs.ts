/** Writes docs/api.md, the reference of the REST API, from its OpenAPI document. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openApiDocument } from '../lambdas/api/openapi.ts';
import { routes } from '../lambdas/api/routes.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Operation {
  readonly summary: string;
  readonly security?: readonly unknown[];
  readonly 'x-role'?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Reply>>;
}

interface Reply {
  readonly description: string;
  readonly content?: Content;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const INTRODUCTION = `# The API, route by route

Made from the OpenAPI document by \`npm run docs:api\`; a running Groundwork serves that document at \`GET /openapi.json\`.
[For developers](developers.md) tells how the routes go together, [troubleshooting](troubleshooting.md) what each problem means.
Lists page with \`cursor\`; unknown fields are refused; times are ISO 8601, in UTC. Errors are a [Problem](#problem); any request may
meet 401 [\`unauthorized\`](troubleshooting.md#unauthorized), 429 [\`throttled\`](troubleshooting.md#throttled) and 500
[\`internal-error\`](troubleshooting.md#internal-error) beside those that are named.`;

/** @returns the whole of docs/api.md */
export function apiReference(): string {
  // Made of plain data by the document's own code; the test of the document holds its form.
  const { paths, components } = openApiDocument(routes, '') as unknown as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      title: `${method.toUpperCase()} ${path}`,
      path,
      operation,
    })),
  );
  const groups = Map.groupBy(operations, ({ path }) => path.split('/')[1] ?? '');
  const contents = [...groups].map(
    ([name, of]) => `- **${nameOf(name)}**: ${of.map(({ title }) => `[\`${title}\`](#${anchorOf(title)})`).join(', ')}`,
  );
  const parts = [INTRODUCTION, contents.join('\n')];
  for (const [name, of] of groups) {
    parts.push(`## ${nameOf(name)}`, ...of.flatMap(({ title, operation }) => [`### ${title}`, ...describe(operation)]));
  }
  parts.push(
    '## Schemas',
    ...Object.entries(components.schemas).flatMap(([id, schema]) => [`### ${id}`, ...fieldsOf(schema)]),
  );
  return `${parts.join('\n\n')}\n`;
}

const nameOf = (segment: string): string =>
  segment.charAt(0).toUpperCase() + segment.slice(1).replace('-', ' ').replace('.json', '');

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

function describe(operation: Operation): string[] {
  const { summary, security, parameters = [], requestBody, responses } = operation;
  const role = operation['x-role'];
  const who =
    security?.length === 0 ? 'Open to everyone.' : role && `For ${role}s${role === 'administrator' ? '' : ' and up'}.`;
  const body = requestBody && `Body: ${typeOf(Object.values(requestBody.content)[0]?.schema ?? {})}`;
  const rows = parameters.map(({ name, in: where, required, schema }) => [
    ...[`\`${name}\``, where + (required ? '' : ', optional'), typeOf(schema), meaningOf(schema)],
  ]);
  return [
    [summary, who].filter(Boolean).join(' '),
    ...(rows.length > 0 ? [table(['parameter', 'in', 'type', ''], rows)] : []),
    ...(body ? [body] : []),
    ...Object.entries(responses).flatMap(([status, reply]) =>
      status.startsWith('2') ? [describeReply(status, reply)] : [],
    ),
    ...problemsOf(responses),
  ];
}

function describeReply(status: string, { description, content = {} }: Reply): string {
  const forms = Object.entries(content).map(([type, { schema }]) => contentOf(type, schema));
  return `Reply ${status}: ${forms.length > 0 ? forms.join(' or ') : 'no body'}. ${description}`;
}

/** Only those of the operation itself: what any request may meet is described in words. */
function problemsOf(responses: Operation['responses']): string[] {
  const told = Object.entries(responses).flatMap(([status, { description }]) =>
    /^[a-z-]+(, [a-z-]+)*$/.test(description)
      ? description.split(', ').map(kind => `${status} [\`${kind}\`](troubleshooting.md#${kind})`)
      : [],
  );
  return told.length > 0 ? [`Problems: ${told.join(', ')}`] : [];
}

function contentOf(type: string, schema: Schema): string {
  if (type === 'application/json' || type === 'application/problem+json') return typeOf(schema);
  return `\`${type}\`${schema.description ? `: ${cell(schema.description).replace(/\.$/, '')}` : ''}`;
}

function fieldsOf(schema: Schema): string[] {
  const rows = rowsOf(schema, '');
  const about = schema.description ?? '';
  if (rows.length === 0)
    return [[about, `Type: ${typeOf({ ...schema, description: '' })}${limitsOf(schema)}`].filter(Boolean).join(' ')];
  return [...(about ? [about] : []), table(['field', 'type', ''], rows)];
}

/** Fields of fields stand below theirs, as `place.page`. */
function rowsOf({ properties = {}, required = [] }: Schema, prefix: string): string[][] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const isList = schema.items?.properties !== undefined;
    const inner = isList ? schema.items : schema;
    const field = [
      `\`${prefix}${name}\`${required.includes(name) ? '' : ' (optional)'}`,
      typeOf(schema),
      meaningOf(schema),
    ];
    return [field, ...rowsOf(inner ?? {}, `${prefix}${name}${isList ? '[]' : ''}.`)];
  });
}

function typeOf(schema: Schema): string {
  const { $ref, anyOf, oneOf, allOf, items, additionalProperties: values } = schema;
  const alternatives = anyOf ?? oneOf;
  if ($ref) return `[${$ref.split('/').at(-1)}](#${anchorOf($ref.split('/').at(-1) ?? '')})`;
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map(value => `\`${value}\``).join(', ');
  if (alternatives) return [...new Set(alternatives.map(typeOf))].join(' or ');
  if (allOf) return allOf.map(typeOf).join(' with ');
  if (items) return `list of ${typeOf(items)}`;
  if (typeof values === 'object' && !schema.properties) return `object of ${typeOf(values)}`;
  return schema.format === 'date-time' ? 'time' : (schema.type ?? 'any');
}

const meaningOf = (schema: Schema): string =>
  [cell(schema.description ?? ''), limitsOf(schema).trim()].filter(Boolean).join(' ');

function limitsOf({ minimum, maximum, minLength, maxLength, minItems, maxItems, default: standard }: Schema): string {
  const limits = [
    rangeOf(minimum, maximum, ''),
    rangeOf(minLength, maxLength, ' characters'),
    rangeOf(minItems, maxItems, ' items'),
    standard === undefined ? '' : `default \`${JSON.stringify(standard)}\``,
  ].filter(Boolean);
  return limits.length > 0 ? ` (${limits.join(', ')})` : '';
}

function rangeOf(least: number | undefined, most: number | undefined, unit: string): string {
  if (most === undefined || most >= Number.MAX_SAFE_INTEGER)
    return least === undefined || least === 0 ? '' : `at least ${least}${unit}`;
  return least === undefined ? `up to ${most}${unit}` : `${least} to ${most}${unit}`;
}

/** Text as it may stand in a cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n');

const file = join(import.meta.dirname, '..', 'docs', 'api.md');

if (import.meta.main) {
  const before = await readFile(file, 'utf8').catch(() => ''); // none yet
  const after = apiReference();
  await writeFile(file, after);
  console.log(before === after ? `${file} is up to date.` : `${file} is written.`);
}
