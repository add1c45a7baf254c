import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText } from '../../lambdas/ingest/clean.ts';

describe('cleanText', () => {
  it.for([
    ['composes letters and their marks', 're\u0301sume\u0301', 'résumé'],
    ['takes ligatures apart', 'e\ufb03cient \ufb01les', 'efficient files'],
    ['reads full width and half width as usual', 'ＡＢＣ１２ ｶﾞｲﾄﾞ', 'ABC12 ガイド'],
    ['reads Arabic as drawn as written', '\ufee3\ufeae\ufea3\ufe92\ufe8e', 'مرحبا'],
    ['reads radicals and mathematical letters', '\u2f08\u2f12 𝐁𝐨𝐥𝐝', '人力 Bold'],
    ['removes soft hyphens', 'docu\u00adment', 'document'],
    ['removes zero-width characters and byte order marks', '\ufeffpass\u200bword\u2060', 'password'],
    ['removes bidi overrides', 'Invoice \u202efdp.exe\u202c is due', 'Invoice fdp.exe is due'],
    ['removes tags that nobody sees', 'ok\u{e0041}\u{e0042}', 'ok'],
    ['removes terminal escapes whole', '\u001b[31mRed alert\u001b[0m\u0007', 'Red alert'],
    ['parts words at NULs', 'Alpha\0Beta', 'Alpha Beta'],
    ['folds every kind of space', 'a \t\u00a0\u2003\u3000b', 'a b'],
    ['knows every kind of line break', 'a\r\nb\rc\u2028d\u0085e', 'a\nb\nc\nd\ne'],
    ['keeps at most one blank line', 'a\n \n\t\n\nb', 'a\n\nb'],
    ['trims lines and ends', '  a  \n  b  ', 'a\nb'],
    ['removes halves of surrogate pairs', 'a\ud800b 😀', 'ab 😀'],
    ['removes joiners between Latin letters', 'pay\u200dpal', 'paypal'],
  ])('%s', ([, text = '', cleaned]) => {
    expect(cleanText(text)).toBe(cleaned);
  });

  it('keeps the joiners that Persian words and emoji are made of', () => {
    const text = 'می‌خواهم 👨‍👩‍👧';
    expect(cleanText(text)).toBe(text);
  });

  it('keeps compatibility characters that a quote needs', () => {
    expect(cleanText('10² m² ½ ™ H₂O ① 你好，（世界）！')).toBe('10² m² ½ ™ H₂O ① 你好，（世界）！');
  });

  it('keeps the indentation of code, and nothing at the ends of lines', () => {
    expect(cleanText('\nif (a) {\n  b();  \n\tc(a,  b);\n}\n', 'keep')).toBe('if (a) {\n  b();\n\tc(a,  b);\n}');
  });

  it('changes nothing in what it has cleaned', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('fold' as const, 'keep' as const), (text, layout) => {
        const cleaned = cleanText(text, layout);
        expect(cleanText(cleaned, layout)).toBe(cleaned);
      }),
    );
  });
});
