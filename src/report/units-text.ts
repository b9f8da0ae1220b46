// What `reseed status` prints: a line for each kind of unit, who is at work, and what failed.
import type { UnitsStatus, WaveStatus } from './units-status.js';

/** What units of a kind do. */
export const unitWords: Readonly<Record<string, string>> = {
  train: 'SAEs to train',
  pairs: 'pairs to measure',
  null: 'nulls to draw',
  group: 'groups to measure',
};

export function statusText({ folder, waves, running, failures }: UnitsStatus): string {
  const lines = [folder, ''];
  for (const wave of waves) lines.push(waveLine(wave));
  if (running.length > 0) {
    lines.push('', 'At work:');
    for (const { label, host, pid, seconds, share } of running) {
      const far = share === undefined ? '' : `, ${Math.floor(100 * share)} %`;
      lines.push(`  ${label}: process ${pid} of ${host}, for ${Math.round(seconds)} s${far}`);
    }
  }
  if (failures.length > 0) {
    lines.push('', 'Failed:');
    for (const { label, host, tries, final, message } of failures) {
      lines.push(
        `  ${label}, ${final ? 'for good' : 'to be tried again'} after ${tries} on ${host}: ${message}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

function waveLine({ kind, units, done, running, failed }: WaveStatus): string {
  const parts = [
    `${done} of ${units} done`,
    ...(running > 0 ? [`${running} at work`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return `  ${(unitWords[kind] ?? kind).padEnd(18)} ${parts.join(', ')}`;
}
