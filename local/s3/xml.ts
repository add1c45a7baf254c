import { SaxesParser } from 'saxes';
import { S3Error } from './errors.ts';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** Text, or child elements in order; an element whose content is `undefined` is left out. */
type XmlContent = string | number | boolean | readonly (XmlElement | undefined)[];
export interface XmlElement {
  readonly name: string;
  readonly content: XmlContent;
}

export const element = (name: string, content: XmlContent): XmlElement => ({ name, content });
export const optionalElement = (name: string, content: XmlContent | undefined): XmlElement | undefined =>
  content === undefined ? undefined : { name, content };

/** Characters that XML reserves, and control characters, which parsers would normalize or refuse unescaped. */
const escapeText = (text: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys may hold control characters
  text.replace(/[&<>"\u0000-\u001f\u007f\u0085\u2028\ufffe\uffff]/g, character => {
    const named = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }[character];
    return named ?? `&#${character.charCodeAt(0)};`;
  });

function writeElement({ name, content }: XmlElement, attributes = ''): string {
  const inner = Array.isArray(content)
    ? content.map(child => (child === undefined ? '' : writeElement(child))).join('')
    : escapeText(String(content));
  return `<${name}${attributes}>${inner}</${name}>`;
}

/** A whole document in the S3 namespace. Error documents have none: pass `namespace: false`. */
export function writeXml(root: XmlElement, { namespace = true } = {}): string {
  const attributes = namespace ? ` xmlns="${NAMESPACE}"` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>\n${writeElement(root, attributes)}`;
}

export interface XmlNode {
  readonly name: string;
  readonly children: XmlNode[];
  text: string;
}

/** @throws S3Error MalformedXML when `text` is not a document whose root is `rootName` */
export function parseXml(text: string, rootName: string): XmlNode {
  const document: XmlNode = { name: '', children: [], text: '' };
  const open: XmlNode[] = [document];
  const parser = new SaxesParser();
  parser.on('error', error => {
    throw malformedXml(error.message);
  });
  parser.on('opentag', ({ name }) => {
    const node: XmlNode = { name, children: [], text: '' };
    open.at(-1)?.children.push(node);
    open.push(node);
  });
  const onText = (piece: string) => {
    const node = open.at(-1);
    if (node) node.text += piece;
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(text).close();
  const root = document.children[0];
  if (root?.name !== rootName) throw malformedXml(`The root element must be ${rootName}.`);
  return root;
}

export const childrenOf = (node: XmlNode, name: string): XmlNode[] =>
  node.children.filter(child => child.name === name);

export const childText = (node: XmlNode, name: string): string | undefined => childrenOf(node, name)[0]?.text;

export function requiredChildText(node: XmlNode, name: string): string {
  const text = childText(node, name);
  if (text === undefined) throw malformedXml(`${node.name} has no ${name}.`);
  return text;
}

export const malformedXml = (reason: string) =>
  new S3Error(
    'MalformedXML',
    `The XML you provided was not well-formed or did not validate against our published schema. ${reason}`,
  );
