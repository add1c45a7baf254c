import { type Attributes, attributeOf, scanPart } from './xml.ts';
import type { ZipArchive } from './zip.ts';

/** What a paragraph style says of the text's role. */
export interface ParagraphStyle {
  readonly role: 'title' | 'heading' | 'list-item' | 'code' | 'quote' | 'plain';
  /** Of a heading: 1 to 6. */
  readonly level: number;
}

interface RawStyle {
  name: string;
  basedOn?: string;
  /** From 0; 9 is body text. */
  outlineLevel?: number;
  numbered: boolean;
}

const plain: ParagraphStyle = { role: 'plain', level: 0 };

/** Roles of the paragraph styles by id. Built-in styles keep their English names whatever the language of Word. */
export function readStyles(archive: ZipArchive, part: string | undefined): (id: string | undefined) => ParagraphStyle {
  const styles = new Map<string, RawStyle>();
  if (part) scanStyles(archive, part, styles);
  const roles = new Map<string, ParagraphStyle>();
  return id => {
    if (id === undefined) return plain;
    const known = roles.get(id) ?? roleOf(styles, id);
    roles.set(id, known);
    return known;
  };
}

function scanStyles(archive: ZipArchive, part: string, styles: Map<string, RawStyle>): void {
  let style: RawStyle | undefined;
  scanPart(archive, part, {
    open(name, attributes) {
      if (name === 'style') {
        style = { name: '', numbered: false };
        styles.set(attributeOf(attributes, 'styleId') ?? '', style);
      } else if (style) readProperty(style, name, attributes);
    },
    close(name) {
      if (name === 'style') style = undefined;
    },
  });
}

function readProperty(style: RawStyle, name: string, attributes: Attributes): void {
  const value = attributeOf(attributes, 'val');
  if (value === undefined) return;
  if (name === 'name') style.name = value;
  else if (name === 'basedOn') style.basedOn = value;
  else if (name === 'outlineLvl') style.outlineLevel = Number(value);
  else if (name === 'numId') style.numbered = value !== '0';
}

function roleOf(styles: Map<string, RawStyle>, id: string): ParagraphStyle {
  let style = styles.get(id);
  const seen = new Set<RawStyle>(); // styles based on one another in a circle
  while (style && !seen.has(style)) {
    seen.add(style);
    const role = ownRole(style);
    if (role) return role;
    style = style.basedOn === undefined ? undefined : styles.get(style.basedOn);
  }
  return plain;
}

function ownRole({ name, outlineLevel, numbered }: RawStyle): ParagraphStyle | undefined {
  if (/^title$/i.test(name)) return { role: 'title', level: 1 };
  const heading = /^heading (\d)$/i.exec(name);
  if (heading) return { role: 'heading', level: Math.min(Number(heading[1]), 6) };
  if (outlineLevel !== undefined && outlineLevel < 9) return { role: 'heading', level: Math.min(outlineLevel + 1, 6) };
  if (numbered || /^list (bullet|number|continue)/i.test(name)) return { role: 'list-item', level: 0 };
  if (/source code|^code|html preformatted|plain text/i.test(name)) return { role: 'code', level: 0 };
  return /quote|block text/i.test(name) ? { role: 'quote', level: 0 } : undefined;
}
