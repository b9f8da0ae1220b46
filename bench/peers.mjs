// The peers in their own Python process, which answers one request at a time.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Starts python3 with the peers; `versions` is empty where there is none. */
export async function startPeers(threads) {
  const script = fileURLToPath(new URL('./peers.py', import.meta.url));
  const limit = String(threads);
  const env = { ...process.env, OMP_NUM_THREADS: limit, OPENBLAS_NUM_THREADS: limit, MKL_NUM_THREADS: limit };
  const child = spawn('python3', [script, limit], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    return done ? undefined : JSON.parse(value);
  };
  const versions = (await answer()) ?? {};
  return {
    versions,
    /** Milliseconds that `peer` takes for one piece of `work`, and the processor time of its threads. */
    async time(peer, work, sizes, repeat, warm) {
      child.stdin.write(`${JSON.stringify({ peer, work, sizes, repeat, warm })}\n`);
      const reply = await answer();
      if (!reply || reply.error) throw new Error(reply?.error ?? 'the peers stopped');
      return { ms: reply.ms, cpuMs: reply.cpuMs };
    },
    stop: () => child.stdin.end(),
  };
}
