import { z } from 'zod';

/** The page. */
export const webSettings = z
  .strictObject({
    /** Whether the stack has the page, with its bucket and distribution. */
    enabled: z.boolean().default(true),
    /** The page's own host name; left out: CloudFront's. Point it to the distribution by an alias or CNAME record. */
    domainName: z
      .string()
      .regex(/^(?:[a-z0-9-]{1,63}\.)+[a-z]{2,63}$/, 'must be a host name in lower case')
      .optional(),
    /** The certificate of `domainName`. */
    certificateArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate.+$/, 'must be of AWS Certificate Manager in us-east-1')
      .optional(),
  })
  .refine(({ domainName, certificateArn }) => (domainName === undefined) === (certificateArn === undefined), {
    path: ['certificateArn'],
    error: 'goes with domainName: set both or none',
  });
