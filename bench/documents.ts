const words = (
  'the of a to in is for on with that by this it from are as be or an at not can which will has was each when more than ' +
  'harbour lantern ledger invoice engine orchard signal compass archive bridge market winter station garden letter river'
).split(' ');

/** A Markdown document of about `bytes` bytes, different for each number and always the same for one. */
export function benchDocument(number: number, bytes: number): string {
  let state = number * 2_654_435_761 + 1;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const word = () => words[Math.floor(next() * words.length)] ?? '';
  const sentence = () => {
    const text = Array.from({ length: 8 + Math.floor(next() * 12) }, word).join(' ');
    return `${text.charAt(0).toUpperCase()}${text.slice(1)} ${number}.`;
  };
  const paragraphs: string[] = [`# Document ${number}`];
  for (let length = 0, count = 0; length < bytes; count += 1) {
    if (count % 4 === 0) paragraphs.push(`## ${sentence()}`);
    paragraphs.push(Array.from({ length: 5 }, sentence).join(' '));
    length += (paragraphs.at(-1) ?? '').length + 40;
  }
  return paragraphs.join('\n\n').slice(0, bytes);
}
