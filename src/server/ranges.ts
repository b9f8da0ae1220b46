// Answers with a file or a part of it (RFC 9110, one range), in pieces, so that no answer is held in memory whole.
import type { OpenFile } from './explored-folder.js';

const pieceBytes = 2 ** 20;

export interface Part {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** The part that a Range header asks for; undefined for all of it, `none` where there are no such bytes. */
export function partOf(header: string | undefined, bytes: number): Part | undefined | 'none' {
  const asked = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  // What is no single range of bytes may be ignored.
  if (!asked || (asked[1] === '' && asked[2] === '')) return undefined;
  const [, from, to] = asked;
  if (from === '') {
    const length = Math.min(bytes, Number(to));
    return length === 0 ? 'none' : { start: bytes - length, end: bytes };
  }
  const start = Number(from);
  const end = to === '' ? bytes : Math.min(bytes, Number(to) + 1);
  return start < end && start < bytes ? { start, end } : 'none';
}

/** @param type media type @param headers others to send along */
export function fileResponse(
  file: OpenFile,
  type: string,
  asked: { readonly range?: string | undefined; readonly known?: string | undefined; readonly head: boolean },
  headers: Readonly<Record<string, string>> = {},
): Response {
  // The page may keep a file as long as it asks whether it is still the same.
  const all = { ...headers, 'accept-ranges': 'bytes', etag: file.tag, 'cache-control': 'no-cache' };
  if (asked.known === file.tag && asked.range === undefined) {
    return new Response(null, { status: 304, headers: all });
  }
  const part = partOf(asked.range, file.bytes);
  if (part === 'none') {
    return new Response(null, { status: 416, headers: { ...all, 'content-range': `bytes */${file.bytes}` } });
  }
  const { start, end } = part ?? { start: 0, end: file.bytes };
  return new Response(asked.head ? null : pieces(file, start, end), {
    status: part ? 206 : 200,
    headers: {
      ...all,
      'content-type': type,
      'content-length': String(end - start),
      ...(part ? { 'content-range': `bytes ${start}-${end - 1}/${file.bytes}` } : {}),
    },
  });
}

function pieces(file: OpenFile, start: number, end: number): ReadableStream<Uint8Array> {
  let at = start;
  return new ReadableStream({
    async pull(controller) {
      if (at >= end) return controller.close();
      const bytes = await file.read(at, Math.min(end, at + pieceBytes));
      // A file that became shorter: what was promised cannot be sent.
      if (bytes.length === 0) return controller.error(new Error('the file changed while it was read'));
      at += bytes.length;
      controller.enqueue(bytes);
    },
  });
}
