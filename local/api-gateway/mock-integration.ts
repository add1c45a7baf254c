import type { ServerResponse } from 'node:http';
import { fillTemplate, mapValue, Refusal, type RequestContext, templateFor } from './gateway-response.ts';
import type { MockIntegration } from './model.ts';

/** Answers as the template says, with no backend: how CORS preflight is done. */
export function answerMock(integration: MockIntegration, response: ServerResponse, context: RequestContext): void {
  const [, requestTemplate] = templateFor(integration.requestTemplates);
  // The template is a sloppy JSON object: `{ statusCode: 200 }` is what people write.
  const status = /statusCode["']?\s*:\s*["']?(\d{3})/.exec(fillTemplate(requestTemplate, context))?.[1];
  const chosen =
    integration.responses.find(
      ({ selectionPattern }) => selectionPattern && new RegExp(`^(?:${selectionPattern})$`).test(status ?? ''),
    ) ?? integration.responses.find(({ selectionPattern }) => !selectionPattern);
  if (!status || !chosen) {
    throw new Refusal('API_CONFIGURATION_ERROR', { cause: new Error('No response of the MOCK integration matches.') });
  }
  const hasBody = Object.keys(chosen.templates).length > 0;
  const [contentType, template] = templateFor(chosen.templates);
  const headers = {
    ...(hasBody && { 'content-type': contentType }),
    'x-amzn-requestid': context.requestId,
    ...Object.fromEntries(
      Object.entries(chosen.headers).map(([name, value]) => [name.toLowerCase(), mapValue(value, context)]),
    ),
  };
  response.writeHead(chosen.statusCode, headers);
  response.end(hasBody ? fillTemplate(template, context) : undefined);
}
