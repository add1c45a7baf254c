import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { openApiDocument } from '../../lambdas/api/openapi.ts';
import { routes } from '../../lambdas/api/routes.ts';
import { includesRole, ROLES, type Role } from '../../lambdas/identity/role.ts';
import { type Case, samples } from './samples.ts';
import { absentIds, makeWorld, OWNER_TENANT, type Persona, type World } from './world.ts';

/** What of the OpenAPI document says who may do what. */
const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        operationId: z.string(),
        'x-role': z.enum(ROLES).optional(),
        security: z.array(z.unknown()).optional(),
        responses: z.record(z.string(), z.unknown()),
      }),
    ),
  ),
});

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly role: Role | undefined;
  readonly isOpen: boolean;
  readonly success: number;
}

const { paths } = documentSchema.parse(JSON.parse(JSON.stringify(openApiDocument(routes, '1.0.0'))));
const operations: Operation[] = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId, responses, security, 'x-role': role }]) => ({
    ...{ id: operationId, method: method.toUpperCase(), path, role, isOpen: security?.length === 0 },
    success: Number(Object.keys(responses).find(status => status.startsWith('2'))),
  })),
);

/** Member or not, where documents without groups are everyone's and where they are nobody's. */
const circumstances = [
  { groups: [], openDocuments: 'everyone' },
  { groups: [], openDocuments: 'nobody' },
  { groups: ['board'], openDocuments: 'nobody' },
] as const;
const personas: Persona[] = ROLES.flatMap(role =>
  [OWNER_TENANT, 'acme'].flatMap(tenant => circumstances.map(rest => ({ userId: 'eve', role, tenant, ...rest }))),
);
const describePersona = ({ role, tenant, groups, openDocuments }: Persona): string =>
  `${role} of ${tenant} in [${groups}], open documents for ${openDocuments}`;

const casesOf = ({ id, path, method }: Operation): readonly Case[] => {
  const sample = samples[id];
  if (!sample) throw new Error(`test/api/samples.ts has no sample request for ${id} (${method} ${path}): add one.`);
  return sample.cases;
};

function ask(world: World, { method, path }: Operation, { request = {} }: Case, params: Record<string, string>) {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const sample = typeof request === 'function' ? request(world, params) : request;
  return world.send({ method, path: filled, ...sample });
}

/** What a client sees of a reply, with the ids that it sent left out. */
const seen = ({ statusCode, headers, body }: Awaited<ReturnType<World['send']>>, params: Record<string, string>) => ({
  ...{ statusCode, headers },
  body: Object.entries(params).reduce((text, [name, id]) => text.replaceAll(id, `<${name}>`), body),
});

it('has no sample of an operation that is not there', () => {
  expect(Object.keys(samples).filter(id => !operations.some(operation => operation.id === id))).toEqual([]);
});

describe.each(operations)('$method $path', operation => {
  it('is for the role that was agreed on', () => {
    const { role, isOpen } = operation;
    casesOf(operation);
    expect(isOpen ? 'open' : role).toBe(samples[operation.id]?.role);
  });

  it('answers exactly those who may have it', async () => {
    for (const persona of personas) {
      const worldOf = worlds(operation, persona);
      for (const one of casesOf(operation)) {
        const world = await worldOf();
        const reply = await ask(world, operation, one, one.params?.(world) ?? {});
        const told = { who: describePersona(persona), of: one.of, status: reply.statusCode };
        expect(told).toEqual({ ...told, status: expectedStatus(operation, persona, one) });
        if (reply.statusCode === operation.success) await one.check?.(reply, world);
        if (reply.statusCode === 403) expect(reply.calls).toEqual([]);
      }
    }
  });

  it('does not tell what is not theirs from what is not there', async () => {
    for (const persona of personas) {
      const worldOf = worlds(operation, persona);
      for (const one of casesOf(operation)) {
        if (expectedStatus(operation, persona, one) !== 404) continue;
        const world = await worldOf();
        const [params, absent] = [{ ...one.params?.(world) }, absentIds()];
        const theirs = await ask(world, operation, one, params);
        const nothing = await ask(await worldOf(), operation, one, absent);
        expect(seen(theirs, params)).toEqual(seen(nothing, absent));
        expect({ who: describePersona(persona), of: one.of, calls: theirs.calls }).toMatchObject({
          calls: nothing.calls,
        });
      }
    }
  });
});

it.each(operations.filter(({ isOpen }) => !isOpen))(
  'answers nobody without a verified identity: $method $path',
  async operation => {
    for (const one of casesOf(operation)) {
      const world = await makeWorld(personas[0] as Persona); // there are some
      const { statusCode, calls } = await world.send({ ...operation, path: operation.path }, true);
      expect({ of: one.of, statusCode, calls }).toEqual({ of: one.of, statusCode: 500, calls: [] });
    }
  },
);

/** What only reads leaves the world as it was. */
function worlds({ method }: Operation, persona: Persona): () => Promise<World> {
  if (method !== 'GET') return () => makeWorld(persona);
  const world = makeWorld(persona);
  return () => world;
}

function expectedStatus(
  { role, isOpen, success }: Operation,
  persona: Persona,
  { mayHave, ofAllTenants }: Case,
): number {
  if (!isOpen && role && !includesRole(persona.role, role)) return 403;
  if (ofAllTenants && persona.tenant !== OWNER_TENANT) return 403;
  return (mayHave?.(persona) ?? true) ? success : 404;
}
