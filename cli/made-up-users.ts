import type { MadeUpUser } from '../local/cognito/model.ts';

/**
 * Who can sign in to what `npm start` runs. They exist on this machine alone, so that their passwords are no secrets. Tessa
 * is of another tenant, and sees none of the others' documents.
 */
export const madeUpUsers: readonly MadeUpUser[] = [
  {
    ...{ username: 'ada', name: 'Ada Okafor', email: 'ada@example.com', password: 'Leads-the-team-1' },
    groups: ['administrators', 'leadership'],
  },
  {
    ...{ username: 'ben', name: 'Ben Sato', email: 'ben@example.com', password: 'Reads-documents-1' },
    groups: ['staff'],
  },
  {
    ...{ username: 'tessa', name: 'Tessa Lindqvist', email: 'tessa@example.com', password: 'Another-tenant-1' },
    groups: ['contributors'],
    attributes: { 'custom:tenant': 'acme' },
  },
];
