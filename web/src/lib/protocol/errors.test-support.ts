import { PlaintError } from './errors.ts';

/** The code with which a call is refused. */
export async function catchCode(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof PlaintError) return error.code;
    throw error;
  }
  return 'nothing was refused';
}
