/** The addresses that the page may talk to. */
export interface PageConnections {
  /** Of the API; ends with a slash. */
  readonly restUrl: string;
  /** Of the token endpoint and those beside it; ends with a slash. */
  readonly tokenUrl: string;
  /** Of the bucket that takes uploads. Without a slash: then it stands for every path. */
  readonly bucketUrl: string;
  /** Takes reports about what the page was kept from. */
  readonly reportUrl: string;
}

/**
 * What the page may do: run its own files, and talk to its own stack. Nothing inline, nothing evaluated, nothing foreign,
 * in no frame. So whatever a document or a model wrote, it cannot act here, nor tell anybody.
 */
export function contentSecurityPolicy({ restUrl, tokenUrl, bucketUrl, reportUrl }: PageConnections): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${restUrl} ${tokenUrl} ${bucketUrl}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    // Not `report-to`, for which Chrome ignores this one and which it holds back: docs/decisions/0025-page-hosting.md
    `report-uri ${reportUrl}`,
  ].join('; ');
}

/** What the page does not use, nobody can use through it. */
export const PERMISSIONS_POLICY = [
  ...['camera', 'display-capture', 'geolocation', 'hid', 'microphone', 'midi', 'payment', 'publickey-credentials-get'],
  ...['screen-wake-lock', 'serial', 'usb', 'xr-spatial-tracking'],
]
  .map(feature => `${feature}=()`)
  .join(', ');
