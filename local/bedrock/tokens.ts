import { isUnspaced } from './words.ts';

/** Code units a token, about: what tokenizers make of Latin letters, and of other letters. */
const ASCII_A_TOKEN = 4;
const OTHERS_A_TOKEN = 2;

/** Estimates what a real model's tokenizer would count: a token a character where words are not spaced. */
export function estimateTokens(text: string): number {
  let ascii = 0;
  let unspaced = 0;
  for (const character of text) {
    if (character <= '\u007f') ascii += 1;
    else if (isUnspaced(character)) unspaced += 1;
  }
  const others = text.length - ascii - unspaced;
  return Math.ceil(ascii / ASCII_A_TOKEN + others / OTHERS_A_TOKEN + unspaced);
}
