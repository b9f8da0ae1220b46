// A WebGPU device with the screen's pipelines: buffers, dispatches, reading back, and what can go wrong with a driver.
/// <reference types="@webgpu/types" />
import { columnLimits, lengths, listing, products, rowLimits } from './shaders.js';
import { Uploads } from './uploads.js';

/** Bit flags of the specification; a browser has them as globals, a package for Node may not. */
export const usage = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 } as const;
const mapRead = 1;

export type PipelineName = 'lengths' | 'products' | 'rowLimits' | 'columnLimits' | 'listing';

const sources: Readonly<Record<PipelineName, string>> = {
  lengths,
  products,
  rowLimits,
  columnLimits,
  listing,
};

export interface DeviceOptions {
  /** Milliseconds that a piece of work may take before the driver counts as hung. */
  readonly patience?: number;
  /** Bytes of the largest buffer, rows of a strip, and pairs of a list: less than the adapter allows where memory is short. */
  readonly largest?: number;
  readonly strip?: number;
  readonly list?: number;
  /** Bytes that rows are copied in at a time, and pairs that are read back at once with their number. */
  readonly upload?: number;
  readonly eager?: number;
}

/** A part of a buffer, in bytes. */
export interface Part {
  readonly buffer: GPUBuffer;
  readonly at?: number;
}

export interface Commands {
  /** Buffers are bound in the order of the shader, the uniform first. */
  dispatch(name: PipelineName, buffers: readonly GPUBuffer[], groups: readonly [number, number]): void;
  copy(from: Part, to: Part, bytes: number): void;
  submit(): void;
}

/** A device that has compiled the shaders. */
export class ScreenDevice {
  readonly #pipelines: Readonly<Record<PipelineName, GPUComputePipeline>>;
  readonly #fault: Promise<never>;
  /** The way of rows to buffers. */
  readonly uploads: Uploads;
  #fail: (error: Error) => void = () => {};

  private constructor(
    readonly device: GPUDevice,
    pipelines: Readonly<Record<PipelineName, GPUComputePipeline>>,
    readonly options: Required<DeviceOptions>,
  ) {
    this.#pipelines = pipelines;
    this.uploads = new Uploads(device, options.upload, (done) => this.#within(done));
    this.#fault = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // Nobody may be waiting when it fails.
    this.#fault.catch(() => {});
    device.lost.then(({ message, reason }) => this.#fail(new Error(`device lost: ${message || reason}`)));
    device.addEventListener('uncapturederror', (event) => {
      this.#fail(new Error((event as GPUUncapturedErrorEvent).error.message));
    });
  }

  /** @throws Error where the adapter gives no device, or a shader does not compile on it */
  static async open(adapter: GPUAdapter, options: DeviceOptions = {}): Promise<ScreenDevice> {
    const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
    const device = await adapter.requestDevice({
      requiredLimits: { maxStorageBufferBindingSize, maxBufferSize },
    });
    const made = await Promise.all(
      Object.entries(sources).map(async ([name, code]) => {
        const module = device.createShaderModule({ code, label: name });
        const pipeline = await device.createComputePipelineAsync({
          layout: 'auto',
          compute: { module, entryPoint: 'main' },
          label: name,
        });
        return [name, pipeline] as const;
      }),
    );
    const pipelines = Object.fromEntries(made) as Record<PipelineName, GPUComputePipeline>;
    const largest = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    return new ScreenDevice(device, pipelines, {
      patience: 60_000,
      largest,
      strip: 4096,
      list: 2 ** 20,
      upload: 2 ** 23,
      eager: 2 ** 20,
      ...options,
    });
  }

  buffer(bytes: number, flags: number): GPUBuffer {
    return this.device.createBuffer({ size: Math.max(16, Math.ceil(bytes / 4) * 4), usage: flags });
  }

  /** @param at in bytes */
  write(buffer: GPUBuffer, at: number, values: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): void {
    this.device.queue.writeBuffer(buffer, at, values);
  }

  /** Work to be handed in at once: it runs in this order. */
  commands(): Commands {
    const encoder = this.device.createCommandEncoder();
    return {
      dispatch: (name, buffers, [x, y]) => {
        const pipeline = this.#pipelines[name];
        const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.setBindGroup(
          0,
          this.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }),
        );
        pass.dispatchWorkgroups(x, y);
        pass.end();
      },
      copy: (from, to, bytes) =>
        encoder.copyBufferToBuffer(from.buffer, from.at ?? 0, to.buffer, to.at ?? 0, bytes),
      submit: () => this.device.queue.submit([encoder.finish()]),
    };
  }

  /**
   * What `pick` takes from a readable buffer when the work before it is done; the values are there during the call alone.
   * @throws Error for a fault of the device, or none in time
   */
  async read<T>(buffer: GPUBuffer, bytes: number, pick: (values: Uint32Array) => T): Promise<T> {
    await this.#within(buffer.mapAsync(mapRead, 0, bytes));
    const picked = pick(new Uint32Array(buffer.getMappedRange(0, bytes)));
    buffer.unmap();
    return picked;
  }

  async #within(done: Promise<unknown>): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hung = new Promise<never>((_, reject) => {
      const late = () => reject(new Error(`no answer for ${this.options.patience / 1000} s`));
      timer = setTimeout(late, this.options.patience);
    });
    try {
      await Promise.race([done, this.#fault, hung]);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.device.destroy();
  }
}
