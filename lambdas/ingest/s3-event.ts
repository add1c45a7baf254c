import * as z from 'zod';
import type { Upload } from '../document.ts';
import { dropBoxKeyOf, tenantOfKey } from './document-key.ts';
import { documentKeyOfSidecar } from './sidecar.ts';

/** What an S3 event says about one document. */
export type ObjectEvent =
  | { readonly kind: 'created'; readonly upload: Upload }
  /** The object is gone from view: a delete marker, or a deletion in a bucket without versions. */
  | { readonly kind: 'deleted'; readonly tenant: string; readonly key: string; readonly sequencer: string }
  /** One stored version was deleted for good, maybe an old one or a delete marker: only the bucket knows what is left. */
  | { readonly kind: 'version-deleted'; readonly tenant: string; readonly key: string; readonly sequencer: string }
  /** An object is gone that was filed for the drop-box document `key`. */
  | { readonly kind: 'filed-removed'; readonly tenant: string; readonly key: string }
  /** Something happened to the sidecar of the document `key`: the bucket is asked what. */
  | { readonly kind: 'sidecar'; readonly tenant: string; readonly key: string };

const record = z.object({
  eventName: z.string(),
  s3: z.object({
    object: z.object({
      key: z.string().min(1),
      /** Absent in events of a deletion. */
      size: z.number().optional(),
      eTag: z.string().optional(),
      versionId: z.string().optional(),
      sequencer: z.string().min(1),
    }),
  }),
});
const notification = z.union([
  z.object({ Records: z.array(record) }),
  /** Sent once, when a bucket's notifications are set up. */
  z.object({ Event: z.literal('s3:TestEvent') }).transform(() => ({ Records: [] })),
]);

/**
 * The document events in one message that S3 sent to a queue; events of other objects are left out.
 * @throws Error when the message is not an S3 event
 */
export function parseS3Event(body: string): ObjectEvent[] {
  const { Records } = notification.parse(JSON.parse(body));
  return Records.map(toObjectEvent).filter(event => event !== undefined);
}

function toObjectEvent({ eventName, s3: { object } }: z.infer<typeof record>): ObjectEvent | undefined {
  const objectKey = decodeKey(object.key);
  const sidecarOf = documentKeyOfSidecar(objectKey);
  const key = sidecarOf ?? objectKey;
  const isRemoval = /Object(Removed)|LifecycleExpiration/.test(eventName);
  const filedFor = isRemoval ? dropBoxKeyOf(objectKey) : undefined;
  const tenant = tenantOfKey(filedFor ?? key);
  if (tenant === undefined) return undefined;
  if (filedFor !== undefined) return { kind: 'filed-removed', tenant, key: filedFor };
  if (sidecarOf !== undefined) return { kind: 'sidecar', tenant, key };
  const { sequencer } = object;
  // Names come as `ObjectCreated:Put`, and as `LifecycleExpiration:Delete` when a lifecycle rule is the cause.
  const [family, action] = eventName.replace(/^s3:/, '').split(':');
  if (family === 'ObjectCreated') return { kind: 'created', upload: toUpload(tenant, key, object) };
  if (family !== 'ObjectRemoved' && family !== 'LifecycleExpiration') return undefined;
  return { kind: action === 'DeleteMarkerCreated' ? 'deleted' : 'version-deleted', tenant, key, sequencer };
}

function toUpload(tenant: string, key: string, object: z.infer<typeof record>['s3']['object']): Upload {
  const { eTag, size, versionId, sequencer } = object;
  if (eTag === undefined || size === undefined) throw new Error(`The S3 event of ${key} has no eTag or size`);
  return { tenant, key, eTag, size, sequencer, ...(versionId !== undefined && { s3VersionId: versionId }) };
}

/** Keys in S3 events are encoded as in a form: a space is `+`. */
const decodeKey = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '));
