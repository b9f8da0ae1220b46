// The process that reads damaged files: started when needed, killed where it hangs, started again where it crashed.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Outcome {
  /** `fault` is what must not be: a crash, a hang, another error than those for users, too much time or memory. */
  readonly ending: 'read' | 'refused' | 'fault';
  /** The error's, or what the fault is. */
  readonly message: string;
  /** Time of the processor, and bytes of arrays, of the dearest step. */
  readonly milliseconds: number;
  readonly bytes: number;
}

/** A crash for want of memory is one at this heap, in MiB: values beside tensors may take 64. */
const heap = 256;
export interface ReaderOptions {
  /** Path of the module that opens files, in place of the built one. */
  readonly module?: string;
  /** Milliseconds by the clock, which other work slows down; the reader itself minds the time of the processor. */
  readonly patience?: number;
}

export class ReaderProcess {
  private child: ChildProcess | undefined;
  private errors = '';
  private readonly patience: number;

  constructor(private readonly options: ReaderOptions = {}) {
    this.patience = options.patience ?? 20_000;
  }

  /** Has a file read. */
  read(file: string): Promise<Outcome> {
    const child = this.child ?? this.start();
    return new Promise((resolve) => {
      const done = (outcome: Outcome): void => {
        clearTimeout(timer);
        child.removeAllListeners('message').removeAllListeners('close');
        resolve(outcome);
      };
      const fault = (message: string): void => {
        this.stop();
        done({ ending: 'fault', message, milliseconds: 0, bytes: 0 });
      };
      const late = `no answer within ${this.patience / 1000} s`;
      const timer = setTimeout(() => fault(late), this.patience);
      child.on('message', (answer) => done(answer as Outcome));
      child.on('close', (code, signal) =>
        fault(`it ended with ${signal ?? code}: ${this.errors.slice(-2000)}`),
      );
      child.send(file);
    });
  }

  stop(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }

  private start(): ChildProcess {
    const program = fileURLToPath(new URL('reader.mjs', import.meta.url));
    this.errors = '';
    this.child = fork(program, this.options.module === undefined ? [] : [this.options.module], {
      execArgv: [`--max-old-space-size=${heap}`],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child.stderr?.on('data', (text) => {
      this.errors += text;
    });
    return this.child;
  }
}
