// What giving a study's work out would come to, for a terminal.
import { count, plural } from './number-format.js';
import { bytesText, timeText } from './study-plan-text.js';
import { aligned } from './text-layout.js';
import type { UnitsPlan } from './units-plan.js';
import { unitWords } from './units-text.js';

/** The text, with a newline at its end. */
export function renderUnitsPlan({ executor, cpus, inWaves, waves, times }: UnitsPlan): string {
  const all = waves.reduce((sum, { units }) => sum + units, 0);
  if (all === 0) return `There is nothing left to give out by ${executor}.\n`;
  const head = ['wave', 'units', 'time of all', 'longest', 'memory', 'read', 'written'];
  const rows = waves.map((wave) => [
    unitWords[wave.kind] ?? wave.kind,
    count(wave.units),
    timeText(wave.work),
    timeText(wave.longest),
    bytesText(wave.memory),
    bytesText(wave.reads),
    bytesText(wave.writes),
  ]);
  const told = times.map(({ nodes, seconds }) => `${timeText(seconds)} on ${count(nodes)}`);
  const order = inWaves ? ', one wave after another' : '';
  return `${[
    `By ${executor}: ${plural(all, 'unit')} of ${plural(cpus, 'processor')}${order}.`,
    ...aligned([head, ...rows], { numbersFrom: 1 }),
    `About ${told.join(', ')} at a time.`,
  ].join('\n')}\n`;
}
