import { filedObject } from '../document.ts';
import type { DocumentBucket } from '../ports.ts';
import type { Passage } from './passage.ts';

/** How long the link to a cited document works. */
const LINK_SECONDS = 15 * 60;

/** Links to cited documents, each made once; they open the very object version that was cited. */
export function linker(
  bucket: Pick<DocumentBucket, 'presignGet'>,
  passages: readonly Passage[],
): (documentId: string) => Promise<string> {
  const links = new Map<string, Promise<string>>();
  return documentId => {
    const passage = passages.find(({ head }) => head.documentId === documentId);
    if (!passage) throw new Error(`No passage of ${documentId} was given to the model.`);
    const link = links.get(documentId) ?? presign(bucket, passage);
    links.set(documentId, link);
    return link;
  };
}

/** A document of the drop box lies elsewhere once it was filed. */
function presign(bucket: Pick<DocumentBucket, 'presignGet'>, { head, s3VersionId }: Passage): Promise<string> {
  const object = filedObject(head, head.liveVersion ?? head.newestVersion) ?? { key: head.key, s3VersionId };
  return bucket.presignGet(object.key, object.s3VersionId, LINK_SECONDS);
}
