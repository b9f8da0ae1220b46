// Several pieces of work at once: while one waits for a thread that has the last bit to do, others use the rest.

/** Runs all, so many at a time, and returns their results in order. The first failure is thrown once all that run have ended. */
export async function sideBySide<In, Out>(
  items: readonly In[],
  atOnce: number,
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const out: Out[] = new Array(items.length);
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const at = next++;
      try {
        out[at] = await work(items[at]);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = Array.from({ length: Math.min(atOnce, items.length) }, lane);
  await together(...lanes);
  return out;
}

/** Waits for all to end and returns their results; then throws what the first of them in this order threw. */
export async function together<Out extends readonly unknown[]>(
  ...running: { readonly [K in keyof Out]: Promise<Out[K]> }
): Promise<Out> {
  const ends = await Promise.allSettled(running);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return ends.map((end) => (end as PromiseFulfilledResult<unknown>).value) as unknown as Out;
}
