/** What an entry says, as the text of a file that leaves the device; in English, as the command line writes it. */
import type { Content, Ground } from '../protocol/content.ts';
import type { Disclosure, HoldType } from '../protocol/records.ts';
import type { Step } from '../protocol/packs.ts';

const GROUNDS: Readonly<Record<Ground, string>> = {
  retention: 'the time for which it may be kept is over',
  irrelevant: 'it is manifestly not relevant',
  request: 'somebody it concerns asked for it and has a right to it',
  order: 'a court or an authority ordered it',
};
const STEPS: Readonly<Record<Step, string>> = {
  contact: 'The reporter was contacted.',
  'respondent-notice': 'The respondent was told.',
  'respondent-reply': 'The respondent answered.',
  inquiry: 'The inquiry is complete.',
  report: 'The report was made.',
  action: 'The organisation acted on the report.',
};
const TOLD: Readonly<Record<Disclosure['to'], string>> = {
  manager: 'a manager',
  hr: 'the personnel department',
  forum: 'a forum',
  police: 'the police',
  other: 'somebody else',
};
const HOLDS: Readonly<Record<HoldType, string>> = {
  external: 'an authority',
  interview: 'interviews',
  legal: 'nothing; but nothing may be erased',
};

/** Empty for what says nothing. */
export function describeContent(content: Content): string {
  return [describeFacts(content), content.text].filter((part) => part !== null && part !== '').join('\n\n');
}

function describeFacts(content: Content): string {
  switch (content.kind) {
    case 'feedback':
      return `${content.action}\n\n${content.grounds}`;
    case 'close':
    case 'reopen':
      return content.reason ?? '';
    case 'slots':
      return content.granted ? `${content.granted.name} was let in.` : '';
    case 'entry':
      return describeEntry(content);
    case 'erase':
      return `To be erased, because ${content.ground ? GROUNDS[content.ground] : 'another member asked for it'}.`;
    case 'open':
    case 'acknowledge':
    case 'extend':
    case 'decide':
      return '';
  }
}

function describeTold({ on, to, name }: Disclosure): string {
  const day = on === null ? 'on a day not known' : `on ${on}`;
  return `Claimed: told ${day} to ${TOLD[to]}${name ? ` (${name})` : ''}.`;
}

function describeEntry(content: Extract<Content, { kind: 'entry' }>): string {
  const { notice, confirms, step, automatic, hold, lifts, disclosure: told } = content;
  if (notice) return `${notice.name} was let into the ${notice.label} room.`;
  if (confirms) return 'The closing is confirmed.';
  if (told) return describeTold(told);
  if (lifts) return 'What the case waited for is over.';
  if (hold) return `The case waits for ${HOLDS[hold.type]}: ${hold.reason}`;
  const said = step ? STEPS[step] : '';
  return automatic ? `(written by a machine) ${said}`.trim() : said;
}
