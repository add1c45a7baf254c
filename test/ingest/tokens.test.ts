import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getEncoding } from 'js-tiktoken';
import { describe, expect, it } from 'vitest';
import { estimateTokens } from '../../lambdas/ingest/tokens.ts';
import { describeWithData } from '../support/test-data.ts';

const encodings = [getEncoding('cl100k_base'), getEncoding('o200k_base')];

/** Tokens of a text by each vocabulary. */
const countTokens = (text: string) => encodings.map(encoding => encoding.encode(text, [], []).length);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Written for this test; each is repeated with other numbers up to more than 1,000 characters. */
const samples: Readonly<Record<string, string>> = {
  English:
    'Every employee may carry over up to five days of unused leave into the next year. Requests go to the line manager at least two weeks ahead; in urgent cases a phone call is enough, and the form follows later. Travel costs are refunded within thirty days once the receipts have been checked by the finance team. ',
  Vietnamese:
    'Mỗi nhân viên được chuyển tối đa năm ngày phép chưa dùng sang năm sau. Đơn xin nghỉ phải gửi cho quản lý trực tiếp trước ít nhất hai tuần; trong trường hợp khẩn cấp chỉ cần gọi điện thoại và bổ sung giấy tờ sau. Chi phí đi lại được hoàn trả trong vòng ba mươi ngày kể từ khi kiểm tra hóa đơn. ',
  Spanish:
    'Cada empleado puede trasladar hasta cinco días de vacaciones no disfrutadas al año siguiente. Las solicitudes se envían al responsable directo con al menos dos semanas de antelación; en casos urgentes basta una llamada y el formulario se entrega después. Los gastos de viaje se reembolsan en un plazo de treinta días. ',
  Chinese:
    '每位员工最多可以将五天未使用的年假转到下一年。申请应至少提前两周提交给直属主管；紧急情况下可以先打电话，之后再补交表格。差旅费用在财务部门核对收据之后三十天内报销。公司鼓励大家合理安排休息时间。',
  Japanese:
    '社員は未使用の有給休暇を最大五日まで翌年に繰り越すことができます。申請は少なくとも二週間前に直属の上司へ提出してください。緊急の場合は電話で連絡し、書類は後日提出します。出張費は領収書の確認後三十日以内に精算されます。',
  Russian:
    'Каждый сотрудник может перенести на следующий год не более пяти дней неиспользованного отпуска. Заявление подаётся непосредственному руководителю не позднее чем за две недели; в срочных случаях достаточно позвонить, а форму заполнить позже. Командировочные расходы возмещаются в течение тридцати дней. ',
  code: 'export async function readSettings(path: string): Promise<Settings> {\n  const text = await readFile(path, "utf8");\n  const parsed = settingsSchema.safeParse(JSON.parse(text));\n  if (!parsed.success) {\n    throw new Error("Settings in " + path + " are wrong: " + parsed.error.message);\n  }\n  return { ...defaultSettings, ...parsed.data };\n}\n\n',
  tables:
    'Region: Europe; Month: January; Orders: 1204; Revenue: 98,310.50; Change: -2.4%\nRegion: Asia Pacific; Month: February; Orders: 987; Revenue: 76,020.00; Change: 11.9%\nRegion: Latin America; Month: March; Orders: 455; Revenue: 31,877.25; Change: 0.3%\n',
};

/** At least 1,200 characters of a sample, numbered so that no two parts are the same. */
function longText(sample: string): string {
  let text = '';
  for (let number = 1; text.length < 1_200; number++) text += `${sample}${number}. `;
  return text;
}

describe('estimateTokens', () => {
  it.for(Object.entries(samples))('is within 15 % of the mean of two tokenizers for %s', ([, sample]) => {
    const text = longText(sample);
    const counts = countTokens(text);
    const estimate = estimateTokens(text);
    expect(estimate / mean(counts)).toBeGreaterThan(0.85);
    expect(estimate / mean(counts)).toBeLessThan(1.15);
    for (const count of counts) expect(estimate).toBeGreaterThan(count * 0.75);
  });

  it.for([
    [
      'Korean',
      '모든 직원은 사용하지 않은 휴가를 최대 오 일까지 다음 해로 넘길 수 있습니다. 신청서는 이 주 전에 제출해야 합니다. ',
    ],
    ['Thai', 'พนักงานทุกคนสามารถโอนวันลาที่ยังไม่ได้ใช้ไปปีถัดไปได้ไม่เกินห้าวัน กรุณายื่นคำขอล่วงหน้าอย่างน้อยสองสัปดาห์ '],
    [
      'Arabic',
      'يجوز لكل موظف ترحيل خمسة أيام من الإجازة غير المستخدمة إلى السنة التالية. تقدم الطلبات إلى المدير المباشر. ',
    ],
    ['Hindi', 'प्रत्येक कर्मचारी पाँच दिन तक की बची हुई छुट्टी अगले वर्ष ले जा सकता है। आवेदन दो सप्ताह पहले देना होगा। '],
    [
      'Greek',
      'Κάθε εργαζόμενος μπορεί να μεταφέρει έως πέντε ημέρες άδειας στο επόμενο έτος. Η αίτηση υποβάλλεται έγκαιρα. ',
    ],
    ['Hebrew', 'כל עובד רשאי להעביר עד חמישה ימי חופשה שלא נוצלו לשנה הבאה. הבקשה מוגשת למנהל הישיר שבועיים מראש. '],
    ['emoji', '🎉 🚀 😀 👍🏽 🇩🇪 👨‍👩‍👧 ✅ 🔥 '],
  ])('never falls short of either tokenizer by more than 25 %% for %s', ([, sample = '']) => {
    const text = longText(sample);
    for (const count of countTokens(text)) expect(estimateTokens(text)).toBeGreaterThan(count * 0.75);
  });

  it('is 0 for no text and at least 1 for any', () => {
    expect(estimateTokens('')).toBe(0);
    for (const text of ['a', '7', '.', '東', '😀', '\n']) expect(estimateTokens(text)).toBeGreaterThanOrEqual(1);
  });

  it('counts a text about as much as its parts', () => {
    const text = longText(samples.English ?? '');
    const parts = text.match(/.{1,200}/gs) ?? [];
    const sum = parts.reduce((total, part) => total + estimateTokens(part), 0);
    expect(Math.abs(sum - estimateTokens(text))).toBeLessThanOrEqual(parts.length * 2);
  });
});

describeWithData('estimateTokens on real paragraphs', folder => {
  const paragraphs = readFileSync(join(folder, 'qa/documents.jsonl'), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as { text: string; language: string });

  it.for(['en', 'vi', 'es', 'zh'])('is within 15 %% of the mean of two tokenizers for %s', language => {
    const text = paragraphs
      .filter(paragraph => paragraph.language === language)
      .map(paragraph => paragraph.text)
      .join('\n')
      .slice(0, 50_000);
    const counts = countTokens(text);
    const estimate = estimateTokens(text);
    expect(estimate / mean(counts)).toBeGreaterThan(0.85);
    expect(estimate / mean(counts)).toBeLessThan(1.15);
    for (const count of counts) expect(estimate).toBeGreaterThan(count * 0.75);
  });
});
