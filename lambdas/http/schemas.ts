import * as z from 'zod';
import { ATTRIBUTE_NAME } from '../attribute-filter.ts';

/** Shapes that several operations share. What clients send is strict; replies may grow fields. */

const PROBLEM_FIELDS = {
  type: z.string().meta({ description: '`/problems/<kind>`: stable, for programs.' }),
  title: z.string(),
  status: z.int(),
  detail: z.string().meta({ description: 'What is wrong and what to change.' }),
  instance: z.string().meta({ description: 'The request id, also in the header x-request-id.' }),
  issues: z.array(z.string()).optional().meta({ description: 'Every fault of the request, each with its field.' }),
};
export const problemSchema = z
  .object(PROBLEM_FIELDS)
  .meta({ id: 'Problem', description: 'An error in the form of RFC 9457.' });

export const placeSchema = z
  .object({
    page: z.int().min(1).optional(),
    sheet: z.string().optional(),
    slide: z.int().min(1).optional(),
    section: z.string().optional().meta({ description: 'The headings above, outermost first, joined by ` › `.' }),
  })
  .meta({ id: 'Place', description: 'Where in a document; a field is absent when the format has no such place.' });

export const documentIdSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits, as GET /documents gives');

const attributeText = z.string().min(1).max(1_024);
const attributeConditionSchema = z
  .strictObject({
    equals: z.union([attributeText, z.number(), z.boolean()]).exactOptional(),
    in: z
      .array(z.union([attributeText, z.number()]))
      .min(1)
      .max(100)
      .exactOptional(),
    from: z.number().exactOptional().meta({ description: 'A number of at least this.' }),
    to: z.number().exactOptional().meta({ description: 'A number of at most this.' }),
    prefix: attributeText.exactOptional().meta({ description: 'The beginning of a text.' }),
  })
  .refine(condition => Object.keys(condition).length > 0, 'needs one of equals, in, from, to, prefix')
  .meta({
    id: 'AttributeCondition',
    description: 'All that is given must hold. A list of texts meets it when one of them does.',
  });

export const searchFilterSchema = z
  .strictObject({
    documentIds: z.array(documentIdSchema).min(1).max(20).optional(),
    folder: z
      .string()
      .max(1_024)
      .regex(/\/$/, 'must end with /')
      .optional()
      .meta({ description: 'Only documents whose key starts with it, e.g. `documents/handbook/`.' }),
    attributes: z
      .record(z.string().regex(ATTRIBUTE_NAME), attributeConditionSchema)
      .refine(all => Object.keys(all).length <= 10, 'has more than 10 attributes')
      .exactOptional()
      .meta({
        description: 'Only documents whose sidecar gives them such attributes, e.g. `{ "year": { "from": 2024 } }`.',
      }),
  })
  .meta({ id: 'SearchFilter', description: 'Narrows the search; all that is given must hold.' });

export const topKSchema = z
  .int()
  .min(1)
  .max(20)
  .meta({ description: 'How many passages to use; default: the setting of the stack.' });

/** Query parameters of a list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().min(1).max(2_048).optional().meta({ description: '`cursor` of the page before.' }),
};

export const cursorField = {
  cursor: z.string().optional().meta({ description: 'There is more: send it as `cursor` for the next page.' }),
};
