import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FORM_FILE, isOfEarlierForm, markForm } from '../../cli/index-form.ts';
import { openState } from '../../local/state.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'index-form-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fill = () => openState(folder).close();

describe('a state folder', () => {
  it('that is new, or not there, is of no earlier form', async () => {
    expect(await isOfEarlierForm(folder)).toBe(false);
    expect(await isOfEarlierForm(join(folder, 'none'))).toBe(false);
  });

  it('of this version is of its form', async () => {
    fill();
    await markForm(folder);
    expect(await isOfEarlierForm(folder)).toBe(false);
  });

  it('filled before forms were marked, or in another one, is of an earlier form', async () => {
    fill();
    expect(await isOfEarlierForm(folder)).toBe(true);
    writeFileSync(join(folder, FORM_FILE), '{"form": 1}');
    expect(await isOfEarlierForm(folder)).toBe(true);
  });
});
