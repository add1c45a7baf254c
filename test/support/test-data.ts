import { resolve } from 'node:path';
import { describe, it } from 'vitest';

/** The folder of larger test data that `GROUNDWORK_TEST_DATA` names; undefined when it is not set. */
function testData(): string | undefined {
  const folder = process.env.GROUNDWORK_TEST_DATA;
  return folder ? resolve(folder) : undefined;
}

/** A suite on the larger test data: reported as skipped without the folder; with `CI=true` a failure. */
export function describeWithData(name: string, suite: (folder: string) => void): void {
  const folder = testData();
  if (folder !== undefined) {
    describe(name, () => suite(folder));
    return;
  }
  const label = `${name} (needs GROUNDWORK_TEST_DATA)`;
  if (process.env.CI !== 'true') {
    describe.skip(label, () => it('is skipped', () => undefined));
    return;
  }
  it(label, () => {
    throw new Error('GROUNDWORK_TEST_DATA is not set, and CI=true: name the folder of test data.');
  });
}
