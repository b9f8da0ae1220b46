// Progress for people: a bar that redraws itself on a terminal, one line per change elsewhere. For programs: JSON lines.
import type { WriteStream } from 'node:tty';
import type { Listener, StudyEvent } from '../compare/progress.js';
import { messageForm, messageLine } from './message-form.js';

export interface ProgressView {
  readonly listen: Listener;
  /** Says what is being done now, where nobody knows how much there is to do. */
  status(text: string): void;
  /** Prints a line that stays. */
  line(text: string): void;
  /** Clears a bar that is still drawn. */
  end(): void;
}

/** Seconds between two lines of the same stage where there is no terminal. */
const quietSeconds = 10;
const barWidth = 24;

export function showProgress(stream: WriteStream): ProgressView {
  if (messageForm() === 'json') return tellProgress(stream);
  let drawn = false;
  let lastLine = Number.NEGATIVE_INFINITY;
  const end = (): void => {
    if (drawn) stream.write('\r\x1b[K');
    drawn = false;
  };
  const line = (text: string): void => {
    end();
    stream.write(`${text}\n`);
  };
  const show = (text: string, now: boolean): void => {
    if (stream.isTTY) {
      stream.write(`\r\x1b[K${text.slice(0, (stream.columns || 80) - 1)}`);
      drawn = true;
    } else if (now || performance.now() - lastLine > 1000 * quietSeconds) {
      lastLine = performance.now();
      stream.write(`${text}\n`);
    }
  };
  const listen = (event: StudyEvent): void => {
    // Each epoch is told as progress, too.
    if (event.type === 'epoch') return;
    if (event.type !== 'progress') {
      line(event.type === 'note' ? event.text : `${event.stage}: ${event.detail}`);
      lastLine = performance.now();
      return;
    }
    show(describe(event), event.done === event.total);
  };
  return { listen, status: (text) => show(text, false), line, end };
}

/** Every event as it comes: who reads them decides what to show. */
function tellProgress(stream: WriteStream): ProgressView {
  const listen = (event: StudyEvent): void => {
    stream.write(messageLine({ ...event }));
  };
  return {
    listen,
    status: (text) => stream.write(messageLine({ type: 'status', text })),
    line: (text) => stream.write(messageLine({ type: 'note', text })),
    end: () => {},
  };
}

function describe({
  stage,
  item,
  done,
  total,
  secondsLeft,
}: Extract<StudyEvent, { type: 'progress' }>): string {
  const filled = Math.round((barWidth * done) / total);
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
  const left = secondsLeft === undefined || done === total ? '' : `, ${duration(secondsLeft)} left`;
  return `${stage} ${bar} ${Math.floor((100 * done) / total)} %${left} · ${item}`;
}

/** Seconds as people say them. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
