/**
 * Signs that a text was written to steer a language model rather than to inform a reader. Such text is stored and cited
 * like any other; the signs go with its chunk, so that the answering side can mark it or leave it out.
 *
 * Plain patterns, in the languages that are most written, tuned to find attacks in running text without finding prose
 * about them too often. They catch the careless and the usual; what the answering side does to be safe must not rest on
 * them.
 */
export type Suspicion =
  /** Asks to set instructions aside, to show them, or to answer in a given way. */
  | 'instruction-override'
  /** Imitates the turns, tags or calls of a conversation with a model. */
  | 'role-marker'
  /** The file holds such text where a reader does not see it; it is not in any chunk. */
  | 'hidden-text'
  /** An address that would carry the question or the answer away, or a link that runs a script. */
  | 'exfiltration-link'
  /** Characters that nobody sees spell something, or turn the order of letters around. */
  | 'invisible-characters';

/** @returns each sign once; none for almost every text */
export function suspicionsIn(text: string): Suspicion[] {
  const found: Suspicion[] = [];
  if (triggers.test(text)) {
    for (const [suspicion, patterns] of Object.entries(patternsOf)) {
      if (patterns.some(pattern => pattern.test(text))) found.push(suspicion as Suspicion); // the keys of `patternsOf`
    }
  }
  return found;
}

/** What text that a reader does not see (comments, hidden elements, addresses) says about its document. */
export function suspicionsInUnseen(text: string): Suspicion[] {
  const found = suspicionsIn(text);
  const isLink = (suspicion: Suspicion) => suspicion === 'exfiltration-link';
  const hidden = found.some(suspicion => !isLink(suspicion)) || addressed.test(text) ? (['hidden-text'] as const) : [];
  return [...hidden, ...found.filter(isLink)];
}

/**
 * What text holds that cleaning takes out. Lone zero-width spaces are usual (between Thai words, in long names), flags of
 * regions are spelled in tag characters, and marks of direction belong to Arabic and Hebrew.
 */
export function suspicionsInRaw(text: string): Suspicion[] {
  if (!mayHide.test(text)) return [];
  const tags = text.replace(/\u{1f3f4}[\u{e0020}-\u{e007f}]+/gu, '').match(/[\u{e0020}-\u{e007f}]/gu)?.length ?? 0;
  const spelled = tags >= 4 || /[\u200b-\u200d\u2060-\u2064\ufeff]{8,}/.test(text);
  return spelled || /[\u202d\u202e]/.test(text) ? ['invisible-characters'] : [];
}

const mayHide = /[\u200b-\u200d\u202d\u202e\u2060-\u2064\ufeff\u{e0020}-\u{e007f}]/u;

/** In a comment or hidden element, speaking to the model at all is a sign. */
const addressed = /\b(assistant|chatbot|language model|LLM|AI)\s*[:,]/i;

/** One of these stems is in every text that a pattern below finds: a quick look spares most texts the rest. */
const triggers = new RegExp(
  [
    'ignor|disregard|forget|overrid|bypass|you are now|you must now|maintenance mode|developer mode|jailbreak',
    'assistant|chatbot|language model|to the ai|system\\s*:|system>|instructions|system prompt|tool[ _-]?call',
    'every question|all questions|any answer|when you (?:answer|reply|respond)|do not cite',
    'im_start|\\[inst|<<sys|javascript:|data:text|!\\[|https?://\\S*(?:question|prompt|answer|conversation)',
    'olvid|descart|caso omiso|oublie|compte des|vergiss|missacht|desconsidere|esque[çc]a|dimentica|negeer|vergeet',
    'bỏ qua|phớt lờ|quên|忽略|无视|無視|忘记|忘記|不要理会|不要遵守|忘れ|무시|잊|игнорир|забудь|не обращай',
    'تجاهل|انس|अनदेखा|नज़रअंदाज़|yok say|unut|görmezden',
  ].join('|'),
  'iu',
);

const gap = '[^.!?。！？\\n]';
const instructions = 'instructions?|rules?|prompts?|guidelines|directives|commands';
const previous =
  'previous|prior|earlier|above|preceding|foregoing|existing|original|your|system|all (?:of )?(?:the|your|these|those)|any';

const patternsOf: Record<'instruction-override' | 'role-marker' | 'exfiltration-link', readonly RegExp[]> = {
  'instruction-override': [
    new RegExp(
      `\\b(?:ignore|disregard|forget|override|bypass)\\b (?:all |any |every |the |these |of )*(?:${previous})\\b${gap}{0,30}\\b(?:${instructions})\\b`,
      'i',
    ),
    new RegExp(
      `\\b(?:print|reveal|show|output|repeat|disclose|leak|send)\\b${gap}{0,20}\\b(?:your|the system)\\b${gap}{0,25}\\b(?:instructions|prompt)\\b`,
      'i',
    ),
    new RegExp(
      `\\byou (?:are|must|will|should) now\\b${gap}{0,40}\\b(?:mode|unrestricted|jailbroken|DAN|assistant|pirate)\\b`,
      'i',
    ),
    new RegExp(
      `\\b(?:reply|respond|answer)\\b${gap}{0,20}\\b(?:every|all|any) questions?\\b${gap}{0,20}\\b(?:with|by|in)\\b`,
      'i',
    ),
    /\b(?:any|every|each|your) (?:answer|reply|response) must (?:cite|say|state|include|end|begin|start)\b/i,
    new RegExp(
      `\\bwhen you (?:answer|reply|respond)\\b${gap}{0,20}\\b(?:add|include|insert|append|always|say|use|show|embed)\\b`,
      'i',
    ),
    /\bdo not (?:cite|mention|name) (?:any |the |your |this )*(?:sources?|document|instruction)/i,
    /\b(?:note|message|instructions?|attention|important)\b[^.\n]{0,20}\b(?:to|for) (?:the |any |all |every )?(?:AI|assistants?|chatbots?|language models?|LLMs?)\b\s*[:,-]/i,
    /\b(?:ignora|ignore|olvida|olvide|descarta|descarte|haz caso omiso)\b[^.\n]{0,40}\b(?:instrucciones|reglas|indicaciones|órdenes)\b/i,
    /\b(?:ignore[zr]?|oublie[zr]?|ne tiens pas compte|ne tenez pas compte)\b[^.\n]{0,40}\b(?:instructions|consignes|règles|directives) (?:précédentes|antérieures|ci-dessus|données|initiales)/i,
    /\b(?:ignoriere?n?|vergiss|vergessen Sie|missachte?n?)\b[^.\n]{0,40}\b(?:Anweisungen|Regeln|Vorgaben|Instruktionen|Befehle)\b/i,
    /\b(?:ignore|esqueça|desconsidere)\b[^.\n]{0,40}(?:instruções|regras|orientações)/i,
    /\b(?:ignora|dimentica|trascura)\b[^.\n]{0,40}\b(?:istruzioni|regole|indicazioni)\b/i,
    /\b(?:negeer|vergeet)\b[^.\n]{0,40}\b(?:instructies|regels|opdrachten)\b/i,
    /(?:bỏ qua|phớt lờ|quên)[^.\n]{0,30}(?:hướng dẫn|chỉ dẫn|chỉ thị|quy tắc|mệnh lệnh)/i,
    /(?:忽略|无视|無視|忘记|忘記|不要理会|不要遵守)[^。\n]{0,15}(?:指令|指示|规则|規則|提示|说明|說明|命令)/,
    /(?:指示|命令|ルール|プロンプト|規則)[^。\n]{0,12}(?:無視|忘れ)/,
    /(?:지시|명령|규칙|프롬프트)[^.\n]{0,15}(?:무시|잊)/,
    /(?:игнорируй|забудь|не обращай внимания)[^.\n]{0,40}(?:инструкц|правил|указани|команд)/i,
    /(?:تجاهل|انس)[^.\n]{0,30}(?:التعليمات|الأوامر|القواعد|تعليمات)/,
    /(?:निर्देश|नियम)[^।\n]{0,30}(?:अनदेखा|नज़रअंदाज़)/,
    /(?:talimat|kural|yönerge)[^.\n]{0,30}(?:yok say|unut|görmezden)/i,
  ],
  'role-marker': [
    /<\|(?:im_start|im_end|system|user|assistant|end_of_text|eot_id)\|?>|\[\/?INST\]|<<\/?SYS>>/i,
    /<\/?system>\s*\S/i,
    /(?:^|[\n.!?"])\s*assistant\s*:\s*\S/i,
    /\buser\s*:[^\n]{1,200}\bassistant\s*:/i,
    /(?:^|[\n.!?"])\s*system\s*:\s*(?:you|ignore|disregard|forget|act|print|reveal|reply|respond|answer|say|do not|never|always)\b/i,
    /\b(?:tool|function)[ _-]?call\s*:\s*\w+\s*\(/i,
  ],
  'exfiltration-link': [
    /!?\[[^\]\n]{0,200}\]\(\s*(?:javascript|data:text\/html)/i,
    /(?:^|\s)javascript:[^\s]*\(/i,
    /https?:\/\/\S{0,300}[?&=/][^\s&]{0,40}(?:PUT_|INSERT_|YOUR_|THE_|\{\{?|%7B|\[|<)[^\s&]{0,30}(?:question|prompt|answer|conversation|history|message|secret)/i,
  ],
};
