// Compares two checkpoints in a thread of its own: reads the files, computes, and tells how far it is.
import { compareDecoders } from '../../../../src/compare/compare-decoders.js';
import { ReseedError } from '../../../../src/errors.js';
import type { OpenedSae } from '../../../../src/sae/read-sae.js';
import type { ComparisonAnswer, ComparisonPart, ComparisonQuestion, ReadAs } from '../comparison.js';
import { openDropped } from './dropped-checkpoint.js';
import { kernelHere } from './kernel-here.js';

const tell = (answer: ComparisonAnswer): void => postMessage(answer);

addEventListener('message', async ({ data }: MessageEvent<ComparisonQuestion>) => {
  try {
    tell({ done: await answerOf(data) });
  } catch (error) {
    tell({ problem: problemOf(error) });
  }
});

async function answerOf({ a, b, names: [nameA, nameB], by }: ComparisonQuestion) {
  const start = performance.now();
  let part: ComparisonPart = 'reading';
  tell({ part, share: 0 });
  const first = await openDropped(a);
  tell({ part, share: 0.5 });
  const second = await openDropped(b);
  const { kernel, words } = await kernelHere({
    by,
    onLine: (line) => tell({ line }),
    onShare: (share) => {
      // Only one pass of this part is over all pairs.
      if (part === 'best matches') tell({ part, share });
    },
  });
  const found = await compareDecoders(
    { id: nameA, decoder: first.sae.decoder },
    { id: nameB, decoder: second.sae.decoder },
    kernel,
    {
      onProgress: (next, share) => {
        part = next;
        tell({ part, ...(share === undefined ? {} : { share }) });
      },
    },
  );
  const seconds = (performance.now() - start) / 1000;
  return { ...found, readAs: [readAs(first), readAs(second)] as const, by: words(), seconds };
}

function readAs({ origin, assumptions }: OpenedSae): ReadAs {
  return {
    format: origin.format,
    assumptions: assumptions.map(({ of, taken, because }) => `${of}: ${taken} (${because})`),
  };
}

function problemOf(error: unknown): string {
  if (error instanceof ReseedError) return error.message;
  if (error instanceof RangeError) return `They do not fit into the memory of this page: ${error.message}`;
  return `Something went wrong here: ${error instanceof Error ? error.message : String(error)}`;
}
