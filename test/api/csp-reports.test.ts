import { describe, expect, it } from 'vitest';
import { cspReportsSchema, violationsIn } from '../../lambdas/api/csp-reports.ts';

const parsed = (body: unknown) => violationsIn(cspReportsSchema.parse(body));

describe('reports about the content security policy', () => {
  it('are read in the form of report-uri', () => {
    const report = {
      'document-uri': 'https://page.test/?code=secret#/c/1',
      'violated-directive': 'img-src',
      'effective-directive': 'img-src',
      'original-policy': "default-src 'none'",
      'blocked-uri': 'https://evil.test/steal?q=what-was-asked',
      'source-file': 'https://page.test/assets/main.js?x',
      'line-number': 3,
      'column-number': 14,
      disposition: 'enforce',
      'status-code': 200,
      'script-sample': 'words of a document',
    };
    expect(parsed({ 'csp-report': report })).toEqual([
      {
        ...{ directive: 'img-src', blocked: 'https://evil.test/steal', page: 'https://page.test/' },
        ...{ source: 'https://page.test/assets/main.js', line: 3, column: 14, disposition: 'enforce' },
      },
    ]);
  });

  it('are read in the form of the Reporting API, without other kinds', () => {
    const body = {
      documentURL: 'https://page.test/#/c/1',
      blockedURL: 'inline',
      effectiveDirective: 'script-src-elem',
      sourceFile: null,
      lineNumber: null,
      disposition: 'enforce',
    };
    const about = { age: 1, url: 'https://page.test/', user_agent: 'browser' };
    const reports = [
      { ...about, type: 'csp-violation', body },
      { ...about, type: 'deprecation', body: { id: 'x' } },
    ];
    expect(parsed(reports)).toEqual([
      { directive: 'script-src-elem', blocked: 'inline', page: 'https://page.test/', disposition: 'enforce' },
    ]);
  });

  it('lose what is long, and the content of data addresses', () => {
    const report = { 'blocked-uri': 'data:text/html,words of a document', 'document-uri': 'x'.repeat(1_000) };
    const [violation] = parsed({ 'csp-report': report });
    expect(violation).toEqual({ directive: 'unknown', blocked: 'data:', page: 'x'.repeat(300) });
  });

  it('are refused in any other form', () => {
    const many = Array.from({ length: 21 }, () => ({ type: 'csp-violation', body: {} }));
    for (const body of [{}, { 'csp-report': 'text' }, [{ type: 1 }], many, 'text']) {
      expect(cspReportsSchema.safeParse(body).success).toBe(false);
    }
  });
});
