// The peers in their own Python process, which answers one request at a time.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** An interpreter that has the peers. */
export const python = process.env.PYTHON ?? 'python3';

/** What keeps the peers to AVX2, as on a machine that has no more. */
const onlyAvx2 = {
  OPENBLAS_CORETYPE: 'Haswell',
  MKL_ENABLE_INSTRUCTIONS: 'AVX2',
  ATEN_CPU_CAPABILITY: 'avx2',
  ONEDNN_MAX_CPU_ISA: 'AVX2',
};

/** So many threads, and the instructions that the peers take on this machine by themselves, or AVX2. */
export function peerEnvironment(threads, instructions = 'own') {
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...env } = process.env;
  const limit = String(threads);
  return {
    ...env,
    ...(instructions === 'avx2' ? onlyAvx2 : {}),
    OMP_NUM_THREADS: limit,
    OPENBLAS_NUM_THREADS: limit,
    MKL_NUM_THREADS: limit,
  };
}

/** Starts Python with the peers; `versions` and `runs` (how each of them runs) are empty where there is none. */
export async function startPeers(threads, instructions) {
  const script = fileURLToPath(new URL('./peers.py', import.meta.url));
  const child = spawn(python, [script, String(threads)], {
    env: peerEnvironment(threads, instructions),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    return done ? undefined : JSON.parse(value);
  };
  const { versions = {}, runs = {} } = (await answer()) ?? {};
  return {
    versions,
    runs,
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
