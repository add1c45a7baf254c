import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { TestProject } from 'vitest/node';
import { madeUpUsers } from '../../../cli/made-up-users.ts';
import { makeKey } from '../../../cli/own-key.ts';
import { type Cloud, startCloud } from '../../../local/cloud.ts';
import { assembly, setup as synthesize } from '../../cloud/support/assembly.ts';
import { completed, connect, PINECONE_SECRET } from '../../cloud/support/stack.ts';
import { findChromium } from './chromium.ts';
import { documents } from './documents.ts';

/** What the tests know of the one stack that they all visit. */
export interface VisitedSite {
  /** `http://127.0.0.1:<port>`: of everything that the page may talk to. */
  readonly url: string;
  readonly webUrl: string;
  readonly restUrl: string;
  readonly bucket: string;
  readonly region: string;
  /** An administrator's, of the default tenant. */
  readonly apiKey: string;
  /** The folder of the functions' logs. */
  readonly logs: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Absent without a browser. */
    readonly site?: VisitedSite;
  }
}

/** Runs the stack with its page and some documents, once for all tests in a browser. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (findChromium() === undefined) return undefined;
  await synthesize();
  const cloud = await startCloud({ assembly, port: 0, secrets: PINECONE_SECRET, users: madeUpUsers });
  try {
    project.provide('site', await furnish(cloud));
  } catch (error) {
    await cloud.close();
    throw error;
  }
  return () => cloud.close();
}

/** Puts the documents in. */
async function furnish(cloud: Cloud): Promise<VisitedSite> {
  const { url, region, outputs, logs } = cloud;
  const { RestUrl: restUrl = '', BucketName: bucket = '', WebUrl: webUrl = '' } = outputs;
  const apiKey = await makeKey('browser tests', { restUrl, region });
  const access = connect({ url, restUrl, bucket, apiKey, region }, []);
  for (const [Key, Body] of Object.entries(documents)) {
    await access.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    if (!Key.endsWith('.metadata.json')) await access.waitForDocuments(completed([Key]));
  }
  access.s3.destroy();
  return { url, webUrl, restUrl, bucket, region, apiKey, logs };
}
