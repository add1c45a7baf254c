import { describe, expect, it } from 'vitest';
import { embedText } from '../../local/bedrock/embedder.ts';
import { splitWords } from '../../local/bedrock/words.ts';

const DIMENSION = 1024;
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const closeness = (a: string, b: string) => dot(embedText(a, DIMENSION), embedText(b, DIMENSION));

/** Whether the first text is closer to the question than the others are. */
function expectClosest(question: string, [right = '', ...others]: readonly string[]) {
  for (const other of others) expect(closeness(question, right)).toBeGreaterThan(closeness(question, other));
}

describe('the local embedder', () => {
  it('always gives the same vector for the same text, of length 1', () => {
    const text = 'A bucket name has 3 to 63 characters.';
    expect(embedText(text, DIMENSION)).toEqual(embedText(text, DIMENSION));
    expect(Math.hypot(...embedText(text, 256))).toBeCloseTo(1, 9);
  });

  it('gives longer vectors to longer texts when they are not normalized', () => {
    expect(Math.hypot(...embedText('one bucket and another bucket', DIMENSION, false))).toBeGreaterThan(1.5);
  });

  it.each(['', '   ', '—…!', '🙂'])('gives %j a direction, too', text => {
    expect(Math.hypot(...embedText(text, DIMENSION))).toBeCloseTo(1, 9);
  });

  it('puts inflected words near each other', () => {
    expectClosest('How do I replicate objects?', ['Object replication', 'Object lifecycle', 'Bucket ownership']);
  });

  it('looks past function words', () => {
    expectClosest('What is the length of the key?', ['key length limits', 'What is the colour of the sky?']);
  });

  it('reads identifiers whole and in parts', () => {
    expectClosest('BlockPublicAcls', ['block public acls of the account', 'versioning of the account']);
    expectClosest('aws-node daemonset', ['The daemonset is named aws-node.', 'The daemonset is named kube-proxy.']);
    expectClosest('99.99 percent', ['up to 99.99 percent', 'up to 99.5 percent']);
  });

  it('meets words without their accents', () => {
    expectClosest('cau hinh mang', ['cấu hình mạng nội bộ', 'lịch sử thành phố']);
  });

  it.each([
    ['Vietnamese', 'Thủ đô của Kenya là gì?', ['Nairobi là thủ đô của Kenya.', 'Sông Nile chảy qua nhiều nước.']],
    ['Spanish', '¿Cuál es la capital de Kenia?', ['La capital de Kenia es Nairobi.', 'El río Nilo cruza el desierto.']],
    ['Chinese', '肯尼亚的首都是哪里？', ['内罗毕是肯尼亚的首都。', '尼罗河流经许多国家。']],
    ['Japanese', 'ケニアの首都はどこですか', ['ナイロビはケニアの首都です。', 'ナイル川は多くの国を流れます。']],
    ['Thai', 'เมืองหลวงของเคนยาคืออะไร', ['ไนโรบีเป็นเมืองหลวงของเคนยา', 'แม่น้ำไนล์ไหลผ่านหลายประเทศ']],
    ['Arabic', 'ما هي عاصمة كينيا؟', ['نيروبي هي عاصمة كينيا.', 'يمر نهر النيل عبر دول كثيرة.']],
  ])('works in %s', (_, question, texts) => {
    expectClosest(question, texts);
  });

  it('finds the one paragraph among long ones that speaks of the question', () => {
    const filler = (subject: string) => `${subject} needs care. `.repeat(150);
    const paragraph = `${filler('The network')}A pod gets its address from the aws-node daemonset. ${filler('The cluster')}`;
    const others = ['The storage', 'The control plane', 'The image'].map(
      subject => filler(subject) + filler('The network'),
    );
    expectClosest('Which daemonset gives a pod its address?', [paragraph, ...others]);
  });
});

describe('splitWords', () => {
  it('gives the place of each word as it is written', () => {
    const text = 'Use ﬁle BlockPublicAcls now';
    const words = splitWords(text);
    expect(words.map(word => word.text)).toEqual(['use', 'file', 'blockpublicacls', 'block', 'public', 'acls', 'now']);
    expect(text.slice(words[1]?.start, words[1]?.end)).toBe('ﬁle');
  });
});
