/** How entries change the deadlines of channels: versions only grow (spec/directory.md, "Fold"). */
import { encodeHex, equalBytes } from './bytes.ts';
import type { Channel } from './directory_contents.ts';
import type { DirectoryState } from './directory_state.ts';
import { VerificationError } from './errors.ts';
import { type Pack, computePackDigest } from './packs.ts';

type Packs = DirectoryState['packs'];

/** Checks that deadlines are newer than all of the same id that are listed or wait. Throws "directory-pack-version". */
export function checkPack(state: DirectoryState, { id, version }: Pack): void {
  const known = [...listKnown(state).values()];
  if (known.some((other) => other.id === id && other.version >= version)) {
    throw new VerificationError('directory-pack-version');
  }
}

/**
 * Checks that a channel names deadlines that are listed or wait: those it has, or the newest of their id.
 * Throws VerificationError "directory-pack", "directory-pack-version".
 */
export function checkChannel(state: DirectoryState, channel: Channel): void {
  const waiting = state.pending.flatMap(({ content }) =>
    content.type === 'channel' && content.channel.id === channel.id ? [content.channel] : [],
  );
  checkNewest(listKnown(state), waiting.at(-1) ?? state.channels.get(channel.id), channel);
}

/** The state with a channel; what waits behind it does not count yet. Throws as `checkChannel`. */
export function putChannel(state: DirectoryState, channel: Channel): DirectoryState {
  checkNewest(state.packs, state.channels.get(channel.id), channel);
  return { ...state, channels: new Map(state.channels).set(channel.id, channel) };
}

function checkNewest(packs: Packs, now: Channel | undefined, channel: Channel): void {
  const pack = packs.get(encodeHex(channel.pack));
  if (pack === undefined) throw new VerificationError('directory-pack');
  if (now !== undefined && equalBytes(now.pack, channel.pack)) return;
  const newer = [...packs.values()].some(({ id, version }) => id === pack.id && version > pack.version);
  if (newer) throw new VerificationError('directory-pack-version');
}

function listKnown(state: DirectoryState): Packs {
  const waiting = state.pending.flatMap(({ content }) => (content.type === 'pack' ? [content.pack] : []));
  return new Map([...state.packs, ...waiting.map((pack) => [encodeHex(computePackDigest(pack)), pack] as const)]);
}
