import { sensibleTitle } from './block.ts';
import { attributeOf, scanPart } from './xml.ts';
import type { ZipArchive } from './zip.ts';

/** A pointer from one part of an Office file to another. Pointers out of the file are left out. */
export interface Relationship {
  /** The last word of the type's address: `slide`, `notesSlide`, `footnotes` … */
  readonly type: string;
  /** The part's name in the archive. */
  readonly target: string;
}

/** The relationships of a part (or of the package for an empty name) by id. */
export function readRelationships(archive: ZipArchive, part: string): Map<string, Relationship> {
  const folder = part.slice(0, part.lastIndexOf('/') + 1);
  const relationships = new Map<string, Relationship>();
  scanPart(archive, `${folder}_rels/${part.slice(folder.length)}.rels`, {
    open(name, attributes) {
      if (name !== 'Relationship' || attributes.TargetMode === 'External') return;
      const { Id: id, Type: type = '', Target: target } = attributes;
      if (!id || !target) return;
      relationships.set(id, { type: type.slice(type.lastIndexOf('/') + 1), target: resolvePart(folder, target) });
    },
  });
  return relationships;
}

/** The first target of that type. */
export function targetOf(relationships: Map<string, Relationship>, type: string): string | undefined {
  return relationships.values().find(relationship => relationship.type === type)?.target;
}

/** The part that the package names as its document, e.g. `word/document.xml`. */
export const mainPart = (archive: ZipArchive): string | undefined =>
  targetOf(readRelationships(archive, ''), 'officeDocument');

/** The title among the document's properties, when it says something. */
export function readTitle(archive: ZipArchive): string | undefined {
  const part = targetOf(readRelationships(archive, ''), 'core-properties');
  return part ? sensibleTitle(textOfElement(archive, part, 'title')) : undefined;
}

/** The text of the first element of that name in a part. */
function textOfElement(archive: ZipArchive, part: string, element: string): string | undefined {
  let open = false;
  let text: string | undefined;
  scanPart(archive, part, {
    open: name => {
      if (name === element && text === undefined) {
        open = true;
        text = '';
      }
    },
    close: name => {
      if (name === element) open = false;
    },
    text: piece => {
      if (open) text += piece;
    },
  });
  return text;
}

/** Names are relative to the folder of the part that points, or absolute. `..` never leaves the archive. */
export function resolvePart(folder: string, target: string): string {
  const path = target.startsWith('/') ? target : folder + target;
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return names.join('/');
}

/** Office writes booleans as an element that is there, unless it says `0`, `false` or `off`. */
export const isOn = (attributes: Readonly<Record<string, string>>): boolean =>
  !['0', 'false', 'off', 'none'].includes(attributeOf(attributes, 'val') ?? '1');
