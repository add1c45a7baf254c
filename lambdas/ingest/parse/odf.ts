import { sensibleTitle } from './block.ts';
import { unreadable } from './unreadable.ts';
import { attributeOf, scanPart, type XmlHandler } from './xml.ts';
import type { ZipArchive } from './zip.ts';

/** @throws UnreadableDocument encrypted, corrupt-file when there is no content */
export function scanContent(archive: ZipArchive, handler: XmlHandler): void {
  if (isEncrypted(archive)) throw unreadable('encrypted');
  if (!scanPart(archive, 'content.xml', handler)) throw unreadable('corrupt-file', 'the document inside it');
}

/** The manifest says how each part was encrypted, if it was. */
function isEncrypted(archive: ZipArchive): boolean {
  let encrypted = false;
  scanPart(archive, 'META-INF/manifest.xml', {
    open(name) {
      if (name === 'encryption-data') encrypted = true;
    },
  });
  return encrypted;
}

/** The title among the document's properties, when it says something. */
export function readOdfTitle(archive: ZipArchive): string | undefined {
  let title = '';
  let inTitle = false;
  scanPart(archive, 'meta.xml', {
    open: name => {
      inTitle = name === 'title';
    },
    close: () => {
      inTitle = false;
    },
    text: piece => {
      if (inTitle) title += piece;
    },
  });
  return sensibleTitle(title);
}

/**
 * The name of the style that a writer chose, behind the automatic ones that hold its hand-made changes. The writer's
 * programs keep English names whatever their language, with `_20_` for a space.
 */
export class StyleNames {
  readonly #parents = new Map<string, string>();

  /** Call with every `style:style` element. */
  add(attributes: Readonly<Record<string, string>>): void {
    const name = attributeOf(attributes, 'name');
    const parent = attributeOf(attributes, 'parent-style-name');
    if (name !== undefined && parent !== undefined) this.#parents.set(name, parent);
  }

  nameOf(style: string | undefined): string {
    const parent = style === undefined ? undefined : this.#parents.get(style);
    return (parent ?? style ?? '').replaceAll('_20_', ' ');
  }
}
