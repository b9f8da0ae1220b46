// Where the bytes of a Parquet file come from: the server, by ranges, or an array that is in memory already.
import type { AsyncBuffer } from 'hyparquet';

/** As it can be sent to a worker. */
export type ByteSource = { readonly url: string; readonly bytes: number } | { readonly data: ArrayBuffer };

/** Ranges that are asked for one after the other come from one request of this size. */
const ahead = 4 * 2 ** 20;

export function openBytes(source: ByteSource): AsyncBuffer {
  if ('data' in source) {
    const { data } = source;
    return { byteLength: data.byteLength, slice: (start, end) => data.slice(start, end) };
  }
  const { url, bytes } = source;
  let held: { readonly start: number; readonly end: number; readonly data: Promise<ArrayBuffer> } | undefined;
  return {
    byteLength: bytes,
    async slice(given, until = bytes) {
      const start = given < 0 ? Math.max(0, bytes + given) : given;
      const end = Math.min(until, bytes);
      if (!held || start < held.start || end > held.end) {
        const to = Math.min(bytes, Math.max(end, start + ahead));
        held = { start, end: to, data: range(url, start, to) };
      }
      const { start: from, data } = held;
      return (await data).slice(start - from, end - from);
    },
  };
}

async function range(url: string, start: number, end: number): Promise<ArrayBuffer> {
  const answer = await fetch(url, { headers: { range: `bytes=${start}-${end - 1}` } });
  if (!answer.ok) throw new Error(`${url}: the server answers ${answer.status}`);
  return answer.arrayBuffer();
}
