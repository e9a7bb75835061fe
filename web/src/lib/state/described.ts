/** What an entry says, as the text of a file that leaves the device, in the language of whoever makes it. */
import type { Content } from '../protocol/content.ts';
import type { Disclosure } from '../protocol/records.ts';
import { LABELS } from '../protocol/room.ts';
import type { Say } from './export_words.ts';

/** Empty for what says nothing. */
export function describeContent(content: Content, say: Say): string {
  return [describeFacts(content, say), content.text].filter((part) => part !== null && part !== '').join('\n\n');
}

function describeFacts(content: Content, say: Say): string {
  switch (content.kind) {
    case 'feedback':
      return `${content.action}\n\n${content.grounds}`;
    case 'close':
    case 'reopen':
      return content.reason ?? '';
    case 'slots':
      return content.granted ? say('let-in', { name: content.granted.name }) : '';
    case 'entry':
      return describeEntry(content, say);
    case 'erase':
      return say('erase', { why: say(`ground-${content.ground ?? 'none'}`) });
    case 'open':
      return content.disclosure ? describeTold(content.disclosure, say) : '';
    case 'acknowledge':
    case 'extend':
    case 'decide':
      return '';
  }
}

function describeTold({ on, to, name }: Disclosure, say: Say): string {
  const day = on === null ? say('told-unknown') : say('told-day', { day: on });
  return say(name ? 'told-named' : 'told', { day, whom: say(`told-${to}`), name });
}

function describeEntry(content: Extract<Content, { kind: 'entry' }>, say: Say): string {
  const { notice, confirms, step, automatic, hold, lifts, disclosure: told, risk } = content;
  if (notice) {
    const known = LABELS.some((label) => label === notice.label);
    return say('let-in-room', { name: notice.name, room: known ? say(`room-${notice.label}`) : notice.label });
  }
  if (confirms) return say('confirmed');
  if (told) return describeTold(told, say);
  if (lifts) return say('lifted');
  if (hold) return say('hold', { what: say(`hold-${hold.type}`), reason: hold.reason });
  const said = risk ? say('risk', { level: say(`risk-${risk}`) }) : step ? say(`step-${step}`) : '';
  return automatic ? `${say('machine')} ${said}`.trim() : said;
}
