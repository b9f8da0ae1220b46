// The way of rows to a device: a few buffers that the host fills and the device copies from, in turn.
//
// `writeBuffer` would copy twice, and Dawn crashes where it is given shared memory, which is where rows of a kernel lie.
/// <reference types="@webgpu/types" />
import type { Matrix } from '../../tensor/matrix.js';

const usage = { mapWrite: 2, copySource: 4 } as const;

/** Buffers that take turns. */
const TURNS = 4;

/** Values of a row as the shaders have it: filled up with zeros to a multiple of four. */
export function paddedWidth(cols: number): number {
  return 4 * Math.ceil(cols / 4);
}

interface Turn {
  readonly buffer: GPUBuffer;
  /** Done when the host may write to it. */
  ready: Promise<unknown>;
}

export class Uploads {
  readonly #turns: Turn[] = [];
  #made = 0;

  /**
   * @param bytes of each buffer
   * @param within waits for a device, and throws where it fails
   */
  constructor(
    readonly device: GPUDevice,
    readonly bytes: number,
    readonly within: (done: Promise<unknown>) => Promise<unknown>,
  ) {}

  /** Copies rows `from … to)` to the start of a buffer, in the order of what is handed in before and after. */
  async rows(target: GPUBuffer, { data, cols }: Matrix, from: number, to: number): Promise<void> {
    const wide = paddedWidth(cols);
    const size = 4 * Math.max(wide, Math.floor(this.bytes / (4 * wide)) * wide);
    const step = size / (4 * wide);
    for (let at = from; at < to; at += step) {
      const end = Math.min(to, at + step);
      const turn = await this.#next(size);
      const length = 4 * wide * (end - at);
      const values = new Float32Array(turn.buffer.getMappedRange(0, length));
      if (wide === cols) values.set(data.subarray(at * cols, end * cols));
      else spread(values, wide, data.subarray(at * cols, end * cols), cols);
      turn.buffer.unmap();
      const encoder = this.device.createCommandEncoder();
      encoder.copyBufferToBuffer(turn.buffer, 0, target, 4 * wide * (at - from), length);
      this.device.queue.submit([encoder.finish()]);
      turn.ready = turn.buffer.mapAsync(usage.mapWrite);
      // Nobody may be waiting when the device is closed.
      turn.ready.catch(() => {});
      this.#turns.push(turn);
    }
  }

  /** A buffer that is mapped. */
  async #next(size: number): Promise<Turn> {
    const turn = this.#made < TURNS ? undefined : this.#turns.shift();
    if (turn && turn.buffer.size >= size) {
      await this.within(turn.ready);
      return turn;
    }
    turn?.buffer.destroy();
    if (!turn) this.#made++;
    const buffer = this.device.createBuffer({
      size: Math.max(size, this.bytes),
      usage: usage.mapWrite | usage.copySource,
      mappedAtCreation: true,
    });
    return { buffer, ready: Promise.resolve() };
  }
}

/** Rows of `cols` values to rows of `wide`. */
function spread(target: Float32Array, wide: number, values: Float32Array, cols: number): void {
  for (let at = 0, to = 0; at < values.length; at += cols, to += wide) {
    // A call costs as much as some dozens of values.
    if (cols > 64) target.set(values.subarray(at, at + cols), to);
    else for (let t = 0; t < cols; t++) target[to + t] = values[at + t];
    target.fill(0, to + cols, to + wide);
  }
}
