// The shaders: lengths of rows, products of a strip with a block, the limits of its rows and columns, and the pairs that reach them.
//
// One strip of A [R × d] against one block of B [G × d], feature-major as they come, each row filled up with zeros to quads, four values.
// The products stay on the device, in one buffer [R × stride], stride being G filled up likewise. All loops have bounds known from
// the uniform; reads past an end are cut off. Limits are finite numbers: WGSL lets a compiler assume that there is no infinity.

/**
 * Rows and columns of a tile of products, and the depth that is loaded at a time. Twice the depth would fit as well, but drivers that clear
 * a workgroup's memory word by word (SwiftShader) take three times as long to compile it.
 */
export const TILE = 128;
const DEPTH = 8;
const QUADS = DEPTH / 4;

/** Threads that load for A, and as many for B: four rows and one quad each. */
const LOADERS = (TILE * QUADS) / 4;

/** Threads that look through one row, and how many values each of them keeps. */
const SEARCHERS = 64;
const KEPT = 8;

/** The largest m that `rowLimits` can serve: any more, and the values that are kept do not suffice. */
export const MOST = SEARCHERS * KEPT;

/** Below every value that is compared, and what is added to a limit that nothing reaches. */
export const NEVER = 1e30;

/** Workgroups side by side where there is one a row. */
export const ABREAST = 2 ** 15;

/** Columns that a workgroup of `listing` looks at. */
export const COLUMNS = 64;

/** Columns that a workgroup of `columnLimits` looks at, and threads that share one. */
export const NARROW = 32;
const SLICES = 4;

/** Words of the uniform. */
export const SHAPE_WORDS = 12;

const shape = /* wgsl */ `
struct Shape {
  rows: u32, cols: u32, quads: u32, stride: u32,
  m: u32, bySize: u32, both: u32, columns: u32,
  capacity: u32, side: u32, relative: f32, absolute: f32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
`;

/**
 * Upper bounds of the lengths of rows, 0 only for a row of zeros, and of all rows so far the longest and the largest value:
 * tops[side], tops[side + 1], in bits, which are in the order of the sizes. A workgroup a row. Values come as bits, since a float32
 * that is below 2⁻¹²⁶ may become 0.
 */
export const lengths = /* wgsl */ `${shape}
@group(0) @binding(1) var<storage, read> rows: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> norms: array<f32>;
@group(0) @binding(3) var<storage, read_write> tops: array<atomic<u32>, 4>;

var<workgroup> sums: array<f32, ${SEARCHERS}>;
var<workgroup> largest: atomic<u32>;

@compute @workgroup_size(${SEARCHERS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.y * ${ABREAST}u + group.x;
  if (row >= shape.rows) { return; }
  var sum = vec4f();
  var top = vec4u();
  for (var t = thread; t < shape.quads; t += ${SEARCHERS}u) {
    let bits = rows[row * shape.quads + t];
    let x = bitcast<vec4f>(bits);
    sum += x * x;
    top = max(top, bits & vec4u(0x7fffffffu));
  }
  sums[thread] = (sum.x + sum.y) + (sum.z + sum.w);
  atomicMax(&largest, max(max(top.x, top.y), max(top.z, top.w)));
  for (var n = ${SEARCHERS / 2}u; n > 0u; n /= 2u) {
    workgroupBarrier();
    if (thread < n) { sums[thread] += sums[thread + n]; }
  }
  workgroupBarrier();
  if (thread > 0u) { return; }
  let most = atomicLoad(&largest);
  let bound = sqrt(1.09 * sums[0] + f32(4u * shape.quads) * ${2 ** -123}f);
  let norm = select(bound, 0.0, most == 0u);
  norms[row] = norm;
  atomicMax(&tops[shape.side], bitcast<u32>(norm));
  atomicMax(&tops[shape.side + 1u], most);
}
`;

/** Loads four rows from \`first\` on of one quad of the depth into x0 … x3, zeros past the ends. */
const fetched = (from: string, first: string, end: string): string =>
  [0, 1, 2, 3]
    .map(
      (r) =>
        `x${r} = vec4f(); if (t < shape.quads && ${first} + ${r}u < ${end}) { x${r} = ${from}[(${first} + ${r}u) * shape.quads + t]; }`,
    )
    .join('\n      ');

/** Writes x0 … x3 with rows and depth exchanged. */
const stored = (tile: string): string =>
  [...'xyzw']
    .map((c, n) => `${tile}[at + ${(n * TILE) / 4}u] = vec4f(x0.${c}, x1.${c}, x2.${c}, x3.${c});`)
    .join(' ');

/** Eight rows of the tile and two quads of its columns: what a thread sums. */
const eight = [0, 1, 2, 3, 4, 5, 6, 7];

const multiplied = eight
  .map((r) => {
    const x = `a${r >> 2}.${'xyzw'[r & 3]}`;
    return `s${r} += ${x} * b0; z${r} += ${x} * b1;`;
  })
  .join('\n        ');

/**
 * C = A·Bᵀ, a workgroup of 256 threads a tile, 8 × 8 products a thread; then less the price, of the size where asked. Four rows and four
 * values of the depth are loaded by one thread and turned over in its registers, while the products of the depth before
 * them are summed. Groups of four rows change places by their quad (\`^ swap\`), so that threads which store side by side meet
 * different banks.
 */
export const products = /* wgsl */ `${shape}
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read> price: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> c: array<vec4f>;

var<workgroup> tileA: array<vec4f, ${(TILE * DEPTH) / 4}>;
var<workgroup> tileB: array<vec4f, ${(TILE * DEPTH) / 4}>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let loadsA = thread < ${LOADERS}u;
  let loadsB = !loadsA && thread < ${2 * LOADERS}u;
  let quad = thread % ${QUADS}u;
  let place = (thread % ${LOADERS}u) / ${QUADS}u;
  let at = quad * ${TILE}u + (place ^ (quad * ${8 / QUADS}u));
  let ofA = group.y * ${TILE}u + 4u * place;
  let ofB = group.x * ${TILE}u + 4u * place;
  let down = thread / 16u;
  let across = thread % 16u;
  var x0 = vec4f(); var x1 = vec4f(); var x2 = vec4f(); var x3 = vec4f();
  ${eight.map((r) => `var s${r} = vec4f(); var z${r} = vec4f();`).join('\n  ')}
  // Once more than there are steps: the first loads alone, the last sums alone.
  for (var t0 = 0u; t0 < shape.quads + ${QUADS}u; t0 += ${QUADS}u) {
    if (t0 > 0u) {
      if (loadsA) { ${stored('tileA')} }
      if (loadsB) { ${stored('tileB')} }
    }
    workgroupBarrier();
    let t = t0 + quad;
    if (loadsA) {
      ${fetched('a', 'ofA', 'shape.rows')}
    }
    if (loadsB) {
      ${fetched('b', 'ofB', 'shape.cols')}
    }
    if (t0 > 0u) {
      for (var step = 0u; step < ${DEPTH}u; step++) {
        let swap = (step / 4u) * ${8 / QUADS}u;
        let atA = step * ${TILE / 4}u + (down ^ swap);
        let atB = step * ${TILE / 4}u + (across ^ swap);
        let a0 = tileA[atA]; let a1 = tileA[atA + ${TILE / 8}u];
        let b0 = tileB[atB]; let b1 = tileB[atB + ${TILE / 8}u];
        ${multiplied}
      }
    }
    workgroupBarrier();
  }
  let wide = shape.stride / 4u;
  let bySize = shape.bySize == 1u;
  let j0 = group.x * ${TILE / 4}u + across;
  let j1 = j0 + 16u;
  ${eight
    .map((r) => {
      const row = `group.y * ${TILE}u + ${r < 4 ? 0 : TILE / 2}u + 4u * down + ${r & 3}u`;
      const put = (v: string, j: string) =>
        `if (${j} < wide) { c[i * wide + ${j}] = select(${v}, abs(${v}), bySize) - price[${j}]; }`;
      return `{ let i = ${row}; if (i < shape.rows) { ${put(`s${r}`, 'j0')} ${put(`z${r}`, 'j1')} } }`;
    })
    .join('\n  ')}
}
`;

/**
 * limits[0][i] = max(itself, the m-th largest value of row i), limits[1][i] the same of sizes where both are asked for. A workgroup
 * a row; each thread keeps the best of its columns, and what the m-th largest of all kept values is, is found bit by bit. Values
 * that no thread kept can only make the limit lower, which leaves nothing out.
 */
export const rowLimits = /* wgsl */ `${shape}
@group(0) @binding(1) var<storage, read> c: array<f32>;
@group(0) @binding(2) var<storage, read_write> limits: array<f32>;

var<workgroup> reached: atomic<u32>;

// Unsigned numbers in the order of the floats.
fn ordered(v: f32) -> u32 {
  let bits = bitcast<u32>(v);
  return select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
}
fn number(key: u32) -> f32 {
  return bitcast<f32>(select(~key, key & 0x7fffffffu, (key & 0x80000000u) != 0u));
}

fn offered(kept: ptr<function, array<u32, ${KEPT}>>, v: f32) {
  var key = ordered(v);
  for (var s = 0u; s < ${KEPT}u; s++) {
    let lower = min((*kept)[s], key);
    (*kept)[s] = max((*kept)[s], key);
    key = lower;
  }
}

fn limitOf(kept: ptr<function, array<u32, ${KEPT}>>, thread: u32) -> f32 {
  var best = 0u;
  for (var bit = 0u; bit < 32u; bit++) {
    let tried = best | (0x80000000u >> bit);
    if (thread == 0u) { atomicStore(&reached, 0u); }
    workgroupBarrier();
    var own = 0u;
    for (var s = 0u; s < ${KEPT}u; s++) { own += select(0u, 1u, (*kept)[s] >= tried); }
    if (own > 0u) { atomicAdd(&reached, own); }
    workgroupBarrier();
    let count = atomicLoad(&reached);
    workgroupBarrier();
    if (count >= shape.m) { best = tried; }
  }
  return number(max(best, ordered(-${NEVER}f)));
}

@compute @workgroup_size(${SEARCHERS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let row = group.y * ${ABREAST}u + group.x;
  if (row >= shape.rows) { return; }
  var values: array<u32, ${KEPT}>;
  var sizes: array<u32, ${KEPT}>;
  for (var j = local.x; j < shape.cols; j += ${SEARCHERS}u) {
    let v = c[row * shape.stride + j];
    offered(&values, v);
    if (shape.both == 1u) { offered(&sizes, abs(v)); }
  }
  let byValue = limitOf(&values, local.x);
  if (local.x == 0u) { limits[row] = max(limits[row], byValue); }
  if (shape.both == 0u) { return; }
  let bySize = limitOf(&sizes, local.x);
  if (local.x == 0u) { limits[shape.rows + row] = max(limits[shape.rows + row], bySize); }
}
`;

/** The same for columns with m = 2, limits [2][cols]: a few threads a column, each with some of its rows. */
export const columnLimits = /* wgsl */ `${shape}
@group(0) @binding(1) var<storage, read> c: array<f32>;
@group(0) @binding(2) var<storage, read_write> limits: array<f32>;

// The two best by value and the two best by size of each thread but the first.
var<workgroup> found: array<vec4f, ${NARROW * (SLICES - 1)}>;

fn better(best: vec2f, v: f32) -> vec2f {
  return vec2f(max(best.x, v), max(best.y, min(best.x, v)));
}

@compute @workgroup_size(${NARROW}, ${SLICES})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let j = id.x;
  var byValue = vec2f(-${NEVER}f);
  var bySize = vec2f(-${NEVER}f);
  if (j < shape.cols) {
    for (var i = local.y; i < shape.rows; i += ${SLICES}u) {
      let v = c[i * shape.stride + j];
      byValue = better(byValue, v);
      bySize = better(bySize, abs(v));
    }
  }
  if (local.y > 0u) { found[(local.y - 1u) * ${NARROW}u + local.x] = vec4f(byValue, bySize); }
  workgroupBarrier();
  if (local.y > 0u || j >= shape.cols) { return; }
  for (var s = 0u; s < ${SLICES - 1}u; s++) {
    let other = found[s * ${NARROW}u + local.x];
    byValue = better(better(byValue, other.x), other.y);
    bySize = better(better(bySize, other.z), other.w);
  }
  limits[j] = max(limits[j], byValue.y);
  limits[shape.cols + j] = max(limits[shape.cols + j], bySize.y);
}
`;

/**
 * Lists the pairs (row, column) that reach a limit less the slack of bound.ts. It counts them, all of them; those past the capacity are
 * not written. A row of zeros lists nothing by its own right.
 */
export const listing = /* wgsl */ `${shape}
@group(0) @binding(1) var<storage, read> c: array<f32>;
@group(0) @binding(2) var<storage, read> rowLimits: array<f32>;
@group(0) @binding(3) var<storage, read> rowNorms: array<f32>;
@group(0) @binding(4) var<storage, read> colLimits: array<f32>;
@group(0) @binding(5) var<storage, read> colNorms: array<f32>;
@group(0) @binding(6) var<storage, read> tops: array<f32, 4>;
@group(0) @binding(7) var<storage, read_write> count: atomic<u32>;
@group(0) @binding(8) var<storage, read_write> hits: array<vec2u>;

@compute @workgroup_size(${COLUMNS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let j = id.x;
  let i = id.y;
  if (j >= shape.cols || i >= shape.rows) { return; }
  let v = c[i * shape.stride + j];
  let s = abs(v);
  var hit = false;
  if (rowNorms[i] > 0.0) {
    let slack = shape.relative * (rowNorms[i] * tops[2]) + shape.absolute;
    hit = v >= rowLimits[i] - slack;
    if (shape.both == 1u) { hit = hit || s >= rowLimits[shape.rows + i] - slack; }
  }
  if (shape.columns == 1u && colNorms[j] > 0.0) {
    let slack = shape.relative * (colNorms[j] * tops[0]) + shape.absolute;
    hit = hit || v >= colLimits[j] - slack || s >= colLimits[shape.cols + j] - slack;
  }
  if (!hit) { return; }
  let at = atomicAdd(&count, 1u);
  if (at < shape.capacity) { hits[at] = vec2u(i, j); }
}
`;
