import type * as z from 'zod';
import type { Reader } from '../conversation.ts';
import { documentIdOf } from '../document.ts';
import { AppFailure } from '../errors.ts';
import { documentKeyOfSidecar, sidecarKeyOf } from '../ingest/sidecar.ts';
import type { DocumentPorts } from './documents.ts';
import { sidecarOf } from './metadata.ts';
import type { createUploadSchema, uploadFormSchema } from './schemas.ts';
import { uploadKeyOf } from './upload-key.ts';

const FORM_SECONDS = 15 * 60;

/**
 * A form for one object, a document or its sidecar; what it changes appears when the object's event is handled. Groups and
 * attributes are written before the form is given, so that the document is never open to more than them.
 * @throws AppFailure invalid-request for a key that is none, and for groups or attributes of a sidecar
 */
export async function createUpload(
  { bucket, maxDocumentBytes }: Pick<DocumentPorts, 'bucket' | 'maxDocumentBytes'>,
  { tenant }: Reader,
  { name, folder, attributes, allowedGroups }: z.infer<typeof createUploadSchema>,
): Promise<z.infer<typeof uploadFormSchema>> {
  const key = uploadKeyOf(tenant, name, folder);
  const documentKey = documentKeyOfSidecar(key);
  if (attributes ?? allowedGroups) {
    if (documentKey !== undefined) {
      const issues = [`${attributes ? 'attributes' : 'allowedGroups'}: a sidecar says this itself`];
      throw new AppFailure({ kind: 'invalid-request', issues });
    }
    await bucket.write(sidecarKeyOf(key), sidecarOf({ attributes, allowedGroups }), 'application/json');
  }
  const upload = await bucket.presignPost(key, { maxBytes: maxDocumentBytes, expiresSeconds: FORM_SECONDS });
  const documentId = documentIdOf(tenant, documentKey ?? key);
  const expiresAt = new Date(Date.now() + FORM_SECONDS * 1_000).toISOString();
  return { documentId, key, upload, maxBytes: maxDocumentBytes, expiresAt };
}
