import type { Desk, DeskSession, WorkOptions } from '../lib/state/types.ts';

/** How a member proves who she is: a form makes one, the page hands it the desk. Words are the first way. */
export type SignInWay = (desk: Desk, options: WorkOptions) => Promise<DeskSession>;
