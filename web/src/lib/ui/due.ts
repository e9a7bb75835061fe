import type { DueState } from '../state/types.ts';

/** How a date in each state is drawn; its words stand beside it. */
export const SHAPES: Readonly<Record<DueState, 'due' | 'met' | 'late'>> = {
  open: 'due',
  met: 'met',
  late: 'late',
  missed: 'late',
  lapsed: 'met',
  withheld: 'late',
  unreleased: 'late',
};
