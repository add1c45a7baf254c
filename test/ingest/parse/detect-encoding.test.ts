import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../lambdas/ingest/parse/decode-text.ts';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';
import { describeWithData } from '../../support/test-data.ts';
import { canEncode, encodeText } from './encode-text.ts';

/** Sentences as they stand in the rules of a company; the first one of each language is short. */
const sentences: Readonly<Record<string, readonly string[]>> = {
  Japanese: [
    '会議室のご案内',
    '東京都千代田区の会議室は午前九時に開きます。',
    '本規程は、従業員の出張に関する取扱いについて定めるものである。宿泊費は一泊につき一万二千円を上限とする。',
    'コピー機の使い方：ふたを開けて、原稿を置いてください。',
    'パスワードは90日ごとに変更してください（8文字以上）。',
  ],
  'simplified Chinese': [
    '办公时间',
    '会议室上午九点开放，请提前预订。',
    '本规定适用于公司全体员工。出差住宿费用每晚不超过四百元，超出部分由个人承担。',
    '第3条 员工每年享有15天带薪年假，须提前两周申请。',
  ],
  'traditional Chinese': [
    '辦公時間公告',
    '會議室上午九點開放，請提前預訂。',
    '本規定適用於公司全體員工。出差住宿費用每晚不超過四百元，超出部分由個人承擔。',
  ],
  Korean: [
    '회의실 안내문',
    '회의실은 오전 아홉 시에 열립니다.',
    '이 규정은 임직원의 출장에 관한 사항을 정한다. 숙박비는 일박에 십이만 원을 한도로 한다.',
  ],
  Russian: [
    'Комната для совещаний открывается в девять утра.',
    'Настоящие правила распространяются на всех сотрудников компании и регулируют порядок командировок.',
  ],
  'Western European': [
    'café',
    'Öffnungszeiten: täglich ab 8 Uhr – 5 €.',
    'Die Küche öffnet täglich um neun Uhr – auch für Gäste. Bitte die Türen schließen!',
    'Le bureau ouvre à neuf heures, même en été. Les frais d’hôtel sont remboursés jusqu’à 120 € par nuitée.',
    'La reunión será mañana a las diez; ¿quién traerá el café y los señalizadores?',
    'Mötet börjar klockan tio på måndag. Glöm inte att låsa dörren när du går hem på kvällen.',
    'Não há mais vagas: a inscrição terminou às dezoito horas, segundo a direção.',
    '“naïve” — it’s £5',
  ],
};

const encodings: readonly (readonly [language: string, encoding: string])[] = [
  ['Japanese', 'shift_jis'],
  ['Japanese', 'euc-jp'],
  ['simplified Chinese', 'gb18030'],
  ['traditional Chinese', 'big5'],
  ['Korean', 'euc-kr'],
  ['Russian', 'windows-1251'],
  ['Russian', 'koi8-r'],
  ['Western European', 'windows-1252'],
];

const cases = encodings.flatMap(([language, encoding]) =>
  (sentences[language] ?? []).map(text => [encoding, text] as const),
);

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

describe('decodeText', () => {
  it.for(cases)('tells %s: %s', ([encoding, text]) => {
    expect(decodeText(encodeText(text, encoding))).toEqual({ text, encoding });
  });

  it.for(encodings)('tells a long text in %s as %s, also behind much that is ASCII', ([language, encoding]) => {
    const text = `${'plain words\n'.repeat(10_000)}${(sentences[language] ?? []).join('\n').repeat(50)}`;
    expect(decodeText(encodeText(text, encoding))).toEqual({ text, encoding });
  });

  it.for(Object.keys(sentences))('reads %s in UTF-16 without a mark', language => {
    const text = (sentences[language] ?? []).join('\r\n').repeat(3);
    expect(decodeText(Buffer.from(text, 'utf16le'))).toEqual({ text, encoding: 'utf-16le' });
    expect(decodeText(utf16be(text))).toEqual({ text, encoding: 'utf-16be' });
  });

  it('keeps any mixture of lines in one encoding apart from the others', () => {
    fc.assert(
      fc.property(
        fc
          .constantFrom(...encodings)
          .chain(([language, encoding]) =>
            fc.tuple(
              fc.constant(encoding),
              fc.array(fc.constantFrom(...(sentences[language] ?? []).slice(1)), { minLength: 1, maxLength: 5 }),
              fc.constantFrom('\n', '\r\n', ' ', ' 12.5 / '),
            ),
          ),
        ([encoding, lines, separator]) => {
          const text = lines.join(separator);
          expect(decodeText(encodeText(text, encoding)).text).toBe(text);
        },
      ),
    );
  });

  it('reads a text whose last character is cut off', () => {
    const bytes = encodeText('会議室は午前九時に開きます。会議室は午前九時に開きます。', 'shift_jis');
    expect(decodeText(bytes.subarray(0, -1)).encoding).toBe('shift_jis');
  });

  it('reads a table in Shift-JIS by its columns', async () => {
    const csv = encodeText('都市,宿泊費\n東京,12000\n大阪,10000\n', 'shift_jis');
    expect((await parse(csv, 'rates.csv')).blocks.map(block => block.text)).toEqual([
      '都市; 宿泊費',
      '都市: 東京; 宿泊費: 12000',
      '都市: 大阪; 宿泊費: 10000',
    ]);
  });
});

describeWithData('encodings of real text', folder => {
  const paragraphs = readFileSync(join(folder, 'qa/documents.jsonl'), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as { language: string; text: string });

  it.for([
    ['en', 'windows-1252'],
    ['es', 'windows-1252'],
    ['zh', 'gb18030'],
    ['zh', 'big5'],
  ])('tells every paragraph in %s as %s', ([language, encoding = '']) => {
    const texts = paragraphs
      .filter(paragraph => paragraph.language === language)
      .map(({ text }) => within(text, encoding));
    expect(texts.length).toBeGreaterThan(10);
    for (const text of texts) expect(decodeText(encodeText(text, encoding)).text).toBe(text);
  });
});

/** Without the few characters that the encoding lacks. */
const within = (text: string, encoding: string) =>
  Array.from(text)
    .filter(character => canEncode(character, encoding))
    .join('');
