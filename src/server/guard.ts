// What every request must fulfil, and what every answer forbids: only this page, from this machine, may talk to the server.
//
// Another page in the same browser can send requests to a loopback address; its Origin gives it away. A name that an attacker
// points at 127.0.0.1 (DNS rebinding) is the page's own origin; its Host gives it away.
import type { MiddlewareHandler } from 'hono';

export const loopback = '127.0.0.1';

/** Pages of this machine, at any port: those of a notebook among them. */
const thisMachine = [loopback, 'localhost'].flatMap((name) => [`http://${name}:*`, `https://${name}:*`]);

const policy = (style: string, frames = "'none'"): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${style}`,
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frames}`,
  ].join('; ');

/** Of the page: nothing inline, nothing from elsewhere. */
export const pagePolicy = policy('');

/** Of the page where it may be shown in a frame. */
export const framedPolicy = policy('', thisMachine.join(' '));

/** Of report.html, which has its styles in it and no script. */
export const reportPolicy = policy(" 'unsafe-inline'").replace("script-src 'self'", "script-src 'none'");

const answerHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': pagePolicy,
  'cross-origin-opener-policy': 'same-origin',
  // With the one above it isolates the page, which so has memory that its threads share.
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/**
 * @param port which the server listens at, once it does
 * @param framed whether pages of this machine may show the page in a frame: to open it there is all that they may
 */
export function guard(
  port: () => number,
  token: string,
  { framed = false }: { readonly framed?: boolean } = {},
): MiddlewareHandler {
  const headers = framed ? { ...answerHeaders, 'content-security-policy': framedPolicy } : answerHeaders;
  return async (context, next) => {
    const { method } = context.req;
    const names = [`${loopback}:${port()}`, `localhost:${port()}`];
    const refuse = (text: string, status: 403 | 405) => context.text(`${text}\n`, status, answerHeaders);
    if (!names.includes(context.req.header('host') ?? '')) return refuse('not a name of this server', 403);
    const origin = context.req.header('origin');
    if (origin !== undefined && !names.includes(origin.replace(/^http:\/\//, ''))) {
      return refuse('not from the page of this server', 403);
    }
    const site = context.req.header('sec-fetch-site');
    const opened =
      framed &&
      context.req.path === '/' &&
      context.req.header('sec-fetch-mode') === 'navigate' &&
      context.req.header('sec-fetch-dest') === 'iframe';
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opened) {
      return refuse('not from the page of this server', 403);
    }
    const reads = method === 'GET' || method === 'HEAD';
    if (!reads && method !== 'PUT') return refuse('this server is read', 405);
    if (!reads && context.req.header('x-reseed-token') !== token) return refuse('no token to write', 403);
    await next();
    for (const [name, value] of Object.entries(headers)) {
      if (!context.res.headers.has(name)) context.res.headers.set(name, value);
    }
  };
}
