// The shaders: products of a strip with a block, the limits of its rows and columns, and the pairs that reach them.
//
// One strip of A [R × d] against one block of B [G × d], feature-major as they come. The products stay on the device, in one
// buffer [R × G]. All loops have bounds known from the uniform; reads past an end are cut off. Limits are finite numbers: WGSL
// lets a compiler assume that there is no infinity.

/** Rows and columns of a tile of products, and the depth that is loaded at a time. */
export const TILE = 64;
const DEPTH = 16;

/** Threads that look through one row for its limits, and how many values each of them keeps. */
const SEARCHERS = 64;
const KEPT = 8;

/** The largest m that `rowLimits` can serve: any more, and the values that are kept do not suffice. */
export const MOST = SEARCHERS * KEPT;

/** Below every value that is compared, and what is added to a limit that nothing reaches. */
export const NEVER = 1e30;

const shape = /* wgsl */ `
struct Shape {
  rows: u32, cols: u32, depth: u32, m: u32,
  bySize: u32, both: u32, capacity: u32, columns: u32,
}
@group(0) @binding(0) var<uniform> shape: Shape;
`;

/** C = A·Bᵀ, a workgroup of 16 × 16 threads a tile, 4 × 4 products a thread; then less the price, of the size where asked. */
export const products = /* wgsl */ `${shape}
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> price: array<f32>;
@group(0) @binding(4) var<storage, read_write> c: array<f32>;

var<workgroup> tileA: array<f32, ${TILE * DEPTH}>;
var<workgroup> tileB: array<f32, ${TILE * DEPTH}>;

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u) {
  let row0 = group.y * ${TILE}u;
  let col0 = group.x * ${TILE}u;
  let thread = local.y * 16u + local.x;
  var sums: array<vec4f, 4>;
  for (var t0 = 0u; t0 < shape.depth; t0 += ${DEPTH}u) {
    for (var e = thread; e < ${TILE * DEPTH}u; e += 256u) {
      let t = t0 + e % ${DEPTH}u;
      let i = row0 + e / ${DEPTH}u;
      let j = col0 + e / ${DEPTH}u;
      let at = (e % ${DEPTH}u) * ${TILE}u + e / ${DEPTH}u;
      var x = 0.0;
      var y = 0.0;
      if (t < shape.depth && i < shape.rows) { x = a[i * shape.depth + t]; }
      if (t < shape.depth && j < shape.cols) { y = b[j * shape.depth + t]; }
      tileA[at] = x;
      tileB[at] = y;
    }
    workgroupBarrier();
    for (var t = 0u; t < ${DEPTH}u; t++) {
      let atA = t * ${TILE}u + local.y * 4u;
      let atB = t * ${TILE}u + local.x * 4u;
      let y = vec4f(tileB[atB], tileB[atB + 1u], tileB[atB + 2u], tileB[atB + 3u]);
      sums[0] += tileA[atA] * y;
      sums[1] += tileA[atA + 1u] * y;
      sums[2] += tileA[atA + 2u] * y;
      sums[3] += tileA[atA + 3u] * y;
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < 4u; r++) {
    let i = row0 + local.y * 4u + r;
    if (i >= shape.rows) { continue; }
    for (var s = 0u; s < 4u; s++) {
      let j = col0 + local.x * 4u + s;
      if (j >= shape.cols) { continue; }
      let v = sums[r][s];
      c[i * shape.cols + j] = select(v, abs(v), shape.bySize == 1u) - price[j];
    }
  }
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

fn limitOf(row: u32, thread: u32, bySize: bool) -> f32 {
  var kept: array<u32, ${KEPT}>;
  for (var j = thread; j < shape.cols; j += ${SEARCHERS}u) {
    let v = c[row * shape.cols + j];
    var key = ordered(select(v, abs(v), bySize));
    for (var s = 0u; s < ${KEPT}u; s++) {
      let lower = min(kept[s], key);
      kept[s] = max(kept[s], key);
      key = lower;
    }
  }
  var best = 0u;
  for (var bit = 0u; bit < 32u; bit++) {
    let tried = best | (0x80000000u >> bit);
    if (thread == 0u) { atomicStore(&reached, 0u); }
    workgroupBarrier();
    var own = 0u;
    for (var s = 0u; s < ${KEPT}u; s++) { own += select(0u, 1u, kept[s] >= tried); }
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
  let row = group.x;
  if (row >= shape.rows) { return; }
  let byValue = limitOf(row, local.x, false);
  if (local.x == 0u) { limits[row] = max(limits[row], byValue); }
  if (shape.both == 0u) { return; }
  let bySize = limitOf(row, local.x, true);
  if (local.x == 0u) { limits[shape.rows + row] = max(limits[shape.rows + row], bySize); }
}
`;

/** The same for columns with m = 2: a thread a column, limits [2][cols]. */
export const columnLimits = /* wgsl */ `${shape}
@group(0) @binding(1) var<storage, read> c: array<f32>;
@group(0) @binding(2) var<storage, read_write> limits: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let j = id.x;
  if (j >= shape.cols) { return; }
  var byValue = vec2f(-${NEVER}f);
  var bySize = vec2f(-${NEVER}f);
  for (var i = 0u; i < shape.rows; i++) {
    let v = c[i * shape.cols + j];
    byValue = vec2f(max(byValue.x, v), max(byValue.y, min(byValue.x, v)));
    let s = abs(v);
    bySize = vec2f(max(bySize.x, s), max(bySize.y, min(bySize.x, s)));
  }
  limits[j] = max(limits[j], byValue.y);
  limits[shape.cols + j] = max(limits[shape.cols + j], bySize.y);
}
`;

/**
 * Lists the pairs (row, column) that reach a limit less its slack. hits[0] counts them, all of them; those past the capacity are
 * not written.
 */
export const listing = /* wgsl */ `${shape}
@group(0) @binding(1) var<storage, read> c: array<f32>;
@group(0) @binding(2) var<storage, read> rowLimits: array<f32>;
@group(0) @binding(3) var<storage, read> rowSlack: array<f32>;
@group(0) @binding(4) var<storage, read> colLimits: array<f32>;
@group(0) @binding(5) var<storage, read> colSlack: array<f32>;
@group(0) @binding(6) var<storage, read_write> count: atomic<u32>;
@group(0) @binding(7) var<storage, read_write> hits: array<vec2u>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let j = id.x;
  let i = id.y;
  if (j >= shape.cols || i >= shape.rows) { return; }
  let v = c[i * shape.cols + j];
  let slack = rowSlack[i];
  var hit = v >= rowLimits[i] - slack;
  let s = abs(v);
  if (shape.both == 1u) { hit = hit || s >= rowLimits[shape.rows + i] - slack; }
  if (shape.columns == 1u) {
    let across = colSlack[j];
    hit = hit || v >= colLimits[j] - across || s >= colLimits[shape.cols + j] - across;
  }
  if (!hit) { return; }
  let at = atomicAdd(&count, 1u);
  if (at < shape.capacity) { hits[at] = vec2u(i, j); }
}
`;
