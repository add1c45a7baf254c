import * as z from 'zod';

/** What the page was kept from doing, as one line of the log. */
export interface Violation {
  /** Of the policy, e.g. `img-src`. */
  readonly directive: string;
  /** The address that was not asked, without query and fragment, or a word such as `inline`. */
  readonly blocked: string;
  readonly page: string;
  readonly source?: string;
  readonly line?: number;
  readonly column?: number;
  readonly disposition?: string;
}

export const MAX_REPORT_BYTES = 16 * 1024;
/** The two forms in which browsers report: `report-uri`'s and the Reporting API's. */
export const REPORT_TYPES = ['application/csp-report', 'application/reports+json'] as const;

const MAX_REPORTS = 20;
const MAX_LENGTH = 300;

const text = z.string().optional();
const count = z.number().int().min(0).optional();

/** Browsers write more than this, and each its own. */
const reportUriBody = z.looseObject({
  'csp-report': z.looseObject({
    'document-uri': text,
    'blocked-uri': text,
    'violated-directive': text,
    'effective-directive': text,
    'source-file': text,
    'line-number': count,
    'column-number': count,
    disposition: text,
  }),
});
const report = z.looseObject({
  type: z.string(),
  body: z.looseObject({
    documentURL: text,
    blockedURL: text,
    effectiveDirective: text,
    sourceFile: z.string().nullish(),
    lineNumber: count.nullable(),
    columnNumber: count.nullable(),
    disposition: text,
  }),
});

export const cspReportsSchema = z
  .union([reportUriBody, z.array(report).max(MAX_REPORTS)])
  .meta({ id: 'CspReports', description: "Reports about the page's content security policy, as browsers send them." });

/** @returns one a report about the policy; other kinds of reports are left out */
export function violationsIn(reports: z.output<typeof cspReportsSchema>): Violation[] {
  if (Array.isArray(reports)) return reports.filter(({ type }) => type === 'csp-violation').map(ofReport);
  const said = reports['csp-report'];
  return [
    violation({
      ...{ directive: said['effective-directive'] ?? said['violated-directive'], blocked: said['blocked-uri'] },
      ...{ page: said['document-uri'], source: said['source-file'], disposition: said.disposition },
      ...{ line: said['line-number'], column: said['column-number'] },
    }),
  ];
}

const ofReport = ({ body }: z.output<typeof report>): Violation =>
  violation({
    ...{ directive: body.effectiveDirective, blocked: body.blockedURL, page: body.documentURL },
    ...{ source: body.sourceFile, disposition: body.disposition, line: body.lineNumber, column: body.columnNumber },
  });

type Said = { readonly [Key in 'line' | 'column']: number | null | undefined } & {
  readonly [Key in 'directive' | 'blocked' | 'page' | 'source' | 'disposition']: string | null | undefined;
};

function violation({ directive, blocked, page, source, line, column, disposition }: Said): Violation {
  return {
    directive: shortened(directive ?? 'unknown'),
    blocked: withoutQuery(blocked ?? ''),
    page: withoutQuery(page ?? ''),
    ...(source && { source: withoutQuery(source) }),
    ...(line && { line }),
    ...(column && { column }),
    ...(disposition && { disposition: shortened(disposition) }),
  };
}

/** A query may hold a code of a sign-in or a question, a fragment a conversation; `data:` holds the whole content. */
const withoutQuery = (address: string): string =>
  shortened(address.startsWith('data:') ? 'data:' : address.replace(/[?#].*$/s, ''));

const shortened = (value: string): string => value.slice(0, MAX_LENGTH);
