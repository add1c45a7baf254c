import { z } from 'zod';

/** A text that holds JSON of a shape; any other text is refused as a value of another shape is. */
export const jsonOf = <Shape extends z.ZodType>(shape: Shape) => z.preprocess(parseJson, shape);

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined; // refused by the shape
  }
}
