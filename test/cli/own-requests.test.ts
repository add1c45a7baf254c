import { expect, it } from 'vitest';
import { OwnRequests } from '../../cli/own-requests.ts';

it('knows each request made here once', () => {
  const own = new OwnRequests();
  own.add('GET', '/documents');
  own.add('GET', '/documents');
  expect(own.isOwn('POST /documents 201 12 ms')).toBe(false);
  expect(own.isOwn('GET /documents 200 12 ms')).toBe(true);
  expect(own.isOwn('GET /documents 200 12 ms')).toBe(true);
  expect(own.isOwn('GET /documents 200 12 ms')).toBe(false);
});
