// Where in a file of nested names a state dict stands, and what stands around it.
//
// `encoder.weight` may be called `module.encoder.weight`, in a model that wraps another, or `state_dict/encoder.weight`,
// in a dict within a dict.
import type { PlainMap, PlainValue, TensorFile } from '../formats/tensor-file.js';

/** What stands before a tensor of one of these names, '' where nothing does; each once, in the order of the file. */
export function prefixesOf({ tensors }: TensorFile, names: readonly string[]): string[] {
  const prefixes = new Set<string>();
  for (const full of tensors.keys()) {
    for (const name of names) {
      if (!full.endsWith(name)) continue;
      const prefix = full.slice(0, full.length - name.length);
      if (/(?:^|[./])$/.test(prefix)) prefixes.add(prefix);
    }
  }
  return [...prefixes];
}

/** The values by name; none where there is no map. */
export function mapOf(value: PlainValue | undefined): PlainMap {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMap ? (value as PlainMap) : {};
}
