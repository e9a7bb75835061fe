/** A real server with one invented organisation, started from the Python side, that stops when its standard input closes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = resolve(import.meta.dirname, '../../../..');

export interface Served {
  readonly url: string;
  /** The members' words by first name. */
  readonly words: Readonly<Record<string, string>>;
  /** Lets another key sign receipts; done once clients know it. */
  readonly changeReceiptKey: () => Promise<void>;
  /** Lets the eight days pass by which one that withholds is behind. */
  readonly letPass: () => Promise<void>;
  /** Suspends a member, by first name; done once clients know it. */
  readonly suspend: (name: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * With `forgetful`, one that promises to log what it is sent, and logs nothing of it; with `withholding`, one that hands out no held slot and
 * begins eight days ago.
 */
export async function serveWorld(...how: ('forgetful' | 'withholding')[]): Promise<Served> {
  const python = spawn(resolve(ROOT, '.venv/bin/python'), ['-m', 'tests.support.serve_world', ...how], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const line = await readLine(python);
  const { url, words } = JSON.parse(line) as Pick<Served, 'url' | 'words'>;
  const tell = async (what: string) => {
    const answered = readLine(python);
    python.stdin.write(`${what}\n`);
    await answered;
  };
  const stop = () =>
    new Promise<void>((done) => {
      python.once('exit', () => {
        done();
      });
      python.stdin.end();
    });
  const suspend = (name: string) => tell(`suspend ${name}`);
  return { url, words, changeReceiptKey: () => tell('change'), letPass: () => tell('pass'), suspend, stop };
}

function readLine(python: ChildProcess & { stdout: NodeJS.ReadableStream }): Promise<string> {
  return new Promise((done, refuse) => {
    createInterface(python.stdout).once('line', done);
    python.once('exit', (code) => {
      refuse(new Error(`the server ended with ${String(code)}`));
    });
  });
}

/** More than a test has time for; ticks take a second, stretch where the machine is busy, and keys travel by coin flips. */
const TRIES = 480;

/** Asks again and again until `find` finds something. */
export async function eventually<Found>(find: () => Promise<Found | null>): Promise<Found> {
  for (let i = 0; i < TRIES; i++) {
    const found = await find();
    if (found !== null) return found;
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error('it never happened');
}
