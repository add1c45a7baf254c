import { relative } from 'node:path';
import type { Endpoints } from './endpoints.ts';
import { madeUpUsers } from './made-up-users.ts';

/** The local cloud takes any key for the operator's. */
const CREDENTIALS = 'AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local';

/**
 * What to do next. Every command works when pasted into a shell in the repository.
 * @param state the state folder
 * @param logs the folder of the functions' logs
 */
export function welcome(
  { restUrl, apiKey, s3Endpoint, bucket, region, webUrl }: Endpoints,
  state: string,
  logs: string,
): string {
  const key = `-H 'x-api-key: ${apiKey}'`;
  const ask = (question: string) => `-H 'content-type: application/json' -d '{"message": "${question}"}'`;
  const aws = `${CREDENTIALS} aws --endpoint-url ${s3Endpoint} --region ${region}`;
  return `
Groundwork is running. Answers are extracted from the documents by a local stand-in for a model, not written by one.

${webUrl === undefined ? '' : page(webUrl)}  REST address  ${restUrl}
  API key       ${apiKey}
  S3 address    ${s3Endpoint}
  Bucket        ${bucket}
  Region        ${region}

Ask a question:
  curl -s ${restUrl}chat ${key} ${ask('How many days a year may I work from another country?')}

Watch the answer come:
  curl -sN ${restUrl}chat ${key} -H 'accept: text/event-stream' ${ask('How do I add a document?')}

Add a document of your own (its end is told here):
  ${aws} s3 cp README.md s3://${bucket}/documents/

List the documents:
  curl -s ${restUrl}documents ${key}

State is kept in ${nearby(state)}, what functions log in ${nearby(logs)}. npm start -- --reset starts clean, --help tells more.
Ctrl-C stops everything.
`;
}

/** The page first: it is what most people want to see. */
function page(webUrl: string): string {
  const users = madeUpUsers.map(({ username, password, name, groups = [], attributes = {} }) => {
    const tenant = attributes['custom:tenant'];
    const about = [groups.join(', '), ...(tenant === undefined ? [] : [`tenant ${tenant}`])].join('; ');
    return `    ${username.padEnd(6)} ${password.padEnd(18)} ${name} (${about})`;
  });
  return `  Web page      ${webUrl}
  Sign in as one of the made-up users of this machine:
${users.join('\n')}

`;
}

/** As a person in this folder would write it. */
function nearby(path: string): string {
  const fromHere = relative('.', path);
  return fromHere.startsWith('..') || fromHere === '' ? path : fromHere;
}
