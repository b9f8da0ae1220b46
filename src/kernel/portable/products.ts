// Dot products between the rows of two matrices, in tiles: the inner loop of matching and of encoding.
//
// out[i][j] = Σ_t a[i][t]·b[j][t] in float64 and in a fixed order, so that the result does not depend on how the
// work is cut. `laneProducts` sums in eight lanes, t mod 8, each ascending in t, and then the lanes in order, which
// the native kernel can follow with vectors; `rowProducts` sums t = 0, 1, …. Rows are packed four by four,
// [panel][d][4] in float64, and a tile of 4 × 4 sums is kept in registers: 8 loads for 16 multiply-adds, some four
// times the rate of single dot products in V8.

/** Rows in a panel. */
export const PANEL = 4;

/** Lanes of a sum. */
export const LANES = 8;

/** Number of rows that n rows take when packed: n rounded up to whole panels. */
export function packedRows(n: number): number {
  return Math.ceil(n / PANEL) * PANEL;
}

/**
 * Packs rows `from … from+n)` of `m` (width d) into panels; the rows that fill the last panel are 0.
 * @param out [packedRows(n) × d]
 */
export function packRows(m: Float32Array, from: number, n: number, d: number, out: Float64Array): void {
  pack(m, from, n, d, 1, out);
}

/** The same for `laneProducts`: lane after lane, t = 0, 8, 16, …, then 1, 9, …. */
export function packLanes(m: Float32Array, from: number, n: number, d: number, out: Float64Array): void {
  pack(m, from, n, d, LANES, out);
}

function pack(m: Float32Array, from: number, n: number, d: number, lanes: number, out: Float64Array): void {
  for (let i = 0; i < packedRows(n); i++) {
    let at = (i - (i % PANEL)) * d + (i % PANEL);
    for (let lane = 0; lane < lanes; lane++) {
      for (let t = lane; t < d; t += lanes) {
        out[at] = i < n ? m[(from + i) * d + t] : 0;
        at += PANEL;
      }
    }
  }
}

/**
 * Products of all rows of two packed blocks.
 * @param rows @param cols packed row counts, multiples of PANEL
 * @param out row-major [rows × cols]
 */
export function rowProducts(
  a: Float64Array,
  rows: number,
  b: Float64Array,
  cols: number,
  d: number,
  out: Float64Array,
): void {
  products(a, rows, b, cols, d, 1, out);
}

/** The same of rows packed by `packLanes`. */
export function laneProducts(
  a: Float64Array,
  rows: number,
  b: Float64Array,
  cols: number,
  d: number,
  out: Float64Array,
): void {
  products(a, rows, b, cols, d, LANES, out);
}

function products(
  a: Float64Array,
  rows: number,
  b: Float64Array,
  cols: number,
  d: number,
  lanes: number,
  out: Float64Array,
): void {
  out.fill(0, 0, rows * cols);
  for (let i = 0; i < rows; i += PANEL) {
    for (let j = 0; j < cols; j += PANEL) {
      let from = 0;
      for (let lane = 0; lane < lanes; lane++) {
        const depth = Math.ceil((d - lane) / lanes);
        tile(a, i * d + from * PANEL, b, j * d + from * PANEL, depth, out, i * cols + j, cols);
        from += depth;
      }
    }
  }
}

/** Adds one tile of products to `out`. */
function tile(
  a: Float64Array,
  p: number,
  b: Float64Array,
  q: number,
  depth: number,
  out: Float64Array,
  at: number,
  stride: number,
): void {
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  let s20 = 0;
  let s21 = 0;
  let s22 = 0;
  let s23 = 0;
  let s30 = 0;
  let s31 = 0;
  let s32 = 0;
  let s33 = 0;
  for (let t = 0; t < depth; t++) {
    const y0 = b[q];
    const y1 = b[q + 1];
    const y2 = b[q + 2];
    const y3 = b[q + 3];
    const x0 = a[p];
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    const x1 = a[p + 1];
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
    const x2 = a[p + 2];
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
    s23 += x2 * y3;
    const x3 = a[p + 3];
    s30 += x3 * y0;
    s31 += x3 * y1;
    s32 += x3 * y2;
    s33 += x3 * y3;
    p += PANEL;
    q += PANEL;
  }
  out[at] += s00;
  out[at + 1] += s01;
  out[at + 2] += s02;
  out[at + 3] += s03;
  at += stride;
  out[at] += s10;
  out[at + 1] += s11;
  out[at + 2] += s12;
  out[at + 3] += s13;
  at += stride;
  out[at] += s20;
  out[at + 1] += s21;
  out[at + 2] += s22;
  out[at + 3] += s23;
  at += stride;
  out[at] += s30;
  out[at + 1] += s31;
  out[at + 2] += s32;
  out[at + 3] += s33;
}
