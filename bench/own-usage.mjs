// Loaded before a program (node --import): when it ends, writes what it used to the file that OWN_USAGE names.
import { readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Of this program alone; maxRSS counts the process that started it, too. */
function peakBytes() {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

if (isMainThread) {
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    const usage = { cpuSeconds: (user + system) / 1e6, peakBytes: peakBytes() };
    writeFileSync(process.env.OWN_USAGE, JSON.stringify(usage));
  });
}
