import { describe, expect, it } from 'vitest';
import type { DocumentRow } from '../../web/api/documents.ts';
import { foldersOf, formatOf, matching, merged, shownKey } from '../../web/documents/document-list.ts';
import {
  type AttributeField,
  accessOf,
  faultsOf,
  fieldsOf,
  groupsIn,
  metadataIn,
} from '../../web/documents/metadata-fields.ts';
import { documentStrings } from '../../web/strings/documents.ts';

const row = (key: string, minute = 0, version = 1): DocumentRow => {
  const updatedAt = `2026-11-21T12:${String(minute).padStart(2, '0')}:00Z`;
  return {
    ...{
      documentId: key,
      key,
      title: key.split('/').at(-1) ?? '',
      status: 'COMPLETED',
      version,
      chunkCount: 1,
      size: 1,
    },
    ...{ createdAt: updatedAt, updatedAt },
  };
};

describe('the list of documents', () => {
  it('takes newer rows in the places of older ones, last changed first', () => {
    const rows = [row('documents/b.md', 2), row('documents/a.md', 1)];
    expect(merged(rows, [row('documents/a.md', 3, 2)], new Map()).map(({ key, version }) => [key, version])).toEqual([
      ['documents/a.md', 2],
      ['documents/b.md', 1],
    ]);
  });

  it('leaves out what was deleted here, until it is put in anew', () => {
    const removed = new Map([['documents/a.md', 1]]);
    expect(merged([row('documents/a.md')], [], removed)).toEqual([]);
    expect(merged([], [row('documents/a.md', 1, 2)], removed)).toHaveLength(1);
  });

  it('is searched by all words, in titles and keys', () => {
    const rows = [row('documents/hr/Leave policy.docx'), row('documents/it/policy.md')];
    expect(matching(rows, 'POLICY hr').map(({ key }) => key)).toEqual(['documents/hr/Leave policy.docx']);
    expect(matching(rows, '  ')).toHaveLength(2);
  });

  it('knows folders, those above them too, whoever they belong to', () => {
    expect(foldersOf([row('documents/a/b/c.md'), row('tenants/acme/documents/x/y.md'), row('documents/z.md')])).toEqual(
      ['documents/a/', 'documents/a/b/', 'tenants/acme/documents/x/'],
    );
    expect(shownKey('tenants/acme/documents/x/y.md')).toBe('x/y.md');
    expect(['documents/a.PDF', 'documents/v1.2/readme'].map(formatOf)).toEqual(['pdf', '']);
  });
});

describe('what is said of a document', () => {
  it('goes into the form and comes out of it unchanged', () => {
    const attributes = { year: 2026, final: false, team: 'hr', topics: ['pay', 'tax'] };
    const metadata = { attributes, allowedGroups: ['hr', 'leads'] };
    const fields = fieldsOf(attributes);
    expect(faultsOf(fields).size).toBe(0);
    expect(metadataIn(fields, accessOf(metadata), metadata.allowedGroups.join(', '))).toEqual(metadata);
  });

  it.each([
    [{}, 'everyone', {}],
    [{ allowedGroups: [] }, 'nobody', { allowedGroups: [] }],
    [{ allowedGroups: ['a'] }, 'groups', { allowedGroups: ['a'] }],
  ] as const)('tells who may read: %j is %s', (metadata, access, sent) => {
    const groups = 'allowedGroups' in metadata ? [...metadata.allowedGroups] : undefined;
    expect(accessOf(groups ? { allowedGroups: groups } : {})).toBe(access);
    expect(metadataIn([], access, groups?.join() ?? '')).toEqual(sent);
  });

  it('names each fault of a field', () => {
    const field = (id: number, name: string, type: AttributeField['type'], value: string) => ({
      id,
      name,
      type,
      value,
    });
    const faults = faultsOf([
      field(0, '1st', 'text', 'x'),
      field(1, 'year', 'number', 'soon'),
      field(2, 'team', 'text', 'a'),
      field(3, 'team', 'text', 'b'),
      field(4, 'topics', 'list', ' \n'),
      field(5, 'allowedGroups', 'text', 'hr'),
      field(6, 'größe', 'number', '1e3'),
    ]);
    expect([...faults]).toEqual([
      [0, 'name'],
      [1, 'number'],
      [2, 'twice'],
      [3, 'twice'],
      [4, 'empty'],
      [5, 'name'],
    ]);
  });

  it('has groups by their names, each once', () => {
    expect(groupsIn(' hr, leads\nhr,, ')).toEqual(['hr', 'leads']);
  });
});

/** The names of all texts, and whether each is one that takes something in. */
const shapeOf = (texts: object, path = ''): string[] =>
  Object.entries(texts).flatMap(([name, text]) => {
    if (typeof text === 'object') return shapeOf(text, `${path}${name}.`);
    return typeof text === 'function' ? [`${path}${name}(${text.length})`] : [`${path}${name}`];
  });

it('speaks of documents in each language alike', () => {
  expect(shapeOf(documentStrings.de)).toEqual(shapeOf(documentStrings.en));
});
