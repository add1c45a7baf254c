import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { EmbeddingArchive, EmbeddingManifest, EmbeddingPartRef } from '../ports.ts';
import { decodeHashes, decodePart, encodePart } from './embedding-part.ts';

/** Holds the header of any part: 32 hashes take less than half of it. */
const HEADER_BYTES = 8_192;

/** `InvalidRange`: the object is empty, and so damaged. */
const absent = new Set(['NoSuchKey', 'InvalidRange']);

const manifestSchema = z.object({
  modelId: z.string(),
  dimension: z.int().min(1),
  partSize: z.int().min(1),
  hashes: z.array(z.string().nullable()),
});

const padded = (number: number) => String(number).padStart(6, '0');
const PREFIX = 'embeddings/';
const prefixOf = (documentId: string, version: number) => `${PREFIX}${documentId}/${padded(version)}/`;
const partKey = ({ documentId, version, batch, unfinished = false }: EmbeddingPartRef) =>
  `${prefixOf(documentId, version)}part-${padded(batch)}${unfinished ? '.unfinished' : ''}.f32`;
const manifestKey = (documentId: string, version: number) => `${prefixOf(documentId, version)}manifest.json`;

/**
 * The embedding archive, in a bucket under `embeddings/<documentId>/<version>/`: `part-<batch>.f32` for each batch (see
 * `encodePart`), and `manifest.json` once the version is complete. Its client's role needs s3:ListBucket too: without it
 * S3 answers 403 for what is absent.
 */
export function s3EmbeddingArchive(client: S3Client, bucketName: string): EmbeddingArchive {
  const put = (Key: string, Body: Uint8Array | string, ContentType: string) =>
    client.send(new PutObjectCommand({ Bucket: bucketName, Key, Body, ContentType }));

  const read = async (Key: string, Range?: string): Promise<Uint8Array | undefined> => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucketName, Key, Range }));
      return await Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof Error && absent.has(error.name)) return undefined;
      throw error;
    }
  };

  return {
    async putPart(ref, part) {
      await put(partKey(ref), encodePart(part), 'application/octet-stream');
    },

    async getPart(ref) {
      const bytes = await read(partKey(ref));
      return bytes && decodePart(bytes);
    },

    async getHashes(ref) {
      const bytes = await read(partKey(ref), `bytes=0-${HEADER_BYTES - 1}`);
      return bytes && decodeHashes(bytes);
    },

    async putManifest(documentId, version, manifest) {
      const { modelId, dimension, partSize, hashes } = manifest;
      const described = { format: 'float32-le', documentId, version, count: hashes.length };
      const body = JSON.stringify({ ...described, modelId, dimension, partSize, hashes });
      await put(manifestKey(documentId, version), body, 'application/json');
    },

    async getManifest(documentId, version) {
      const bytes = await read(manifestKey(documentId, version));
      return bytes && parseManifest(Buffer.from(bytes).toString());
    },

    async removeVersion(documentId, version) {
      const page = { Bucket: bucketName, Prefix: prefixOf(documentId, version) };
      for (;;) {
        // What was listed is deleted before the next page is asked for, so that is always the first one.
        const { Contents = [] } = await client.send(new ListObjectsV2Command(page));
        if (Contents.length === 0) return;
        const Delete = { Objects: Contents.map(({ Key }) => ({ Key })), Quiet: true };
        const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: bucketName, Delete }));
        if (Errors[0]) throw new Error(`${Errors[0].Key} could not be deleted: ${Errors[0].Message}`);
      }
    },

    async list({ cursor }) {
      const { Contents = [], IsTruncated } = await client.send(
        new ListObjectsV2Command({ Bucket: bucketName, Prefix: PREFIX, StartAfter: cursor }),
      );
      const last = Contents.at(-1)?.Key;
      const versions = new Map(
        Contents.map(({ Key = '' }) => versionOf(Key)).map(found => [JSON.stringify(found), found]),
      );
      return { versions: [...versions.values()], ...(IsTruncated && last !== undefined && { cursor: last }) };
    },
  };
}

function versionOf(key: string): { documentId: string; version: number } {
  const [, documentId = '', version] = key.split('/');
  return { documentId, version: Number(version) };
}

function parseManifest(text: string): EmbeddingManifest | undefined {
  try {
    return manifestSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // damaged
    throw error;
  }
}
