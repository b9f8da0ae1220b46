// Everything whose results are kept between runs by an explicit version, and the files behind each.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plantedVersion } from '../../src/activations/planted.js';
import { transformerVersion } from '../../src/activations/transformer/capture.js';
import { measuringVersions } from '../../src/evidence/versions.js';
import { kernelVersions } from '../../src/kernel/versions.js';
import { nullModels } from '../../src/metrics/nulls/registry.js';
import { metrics } from '../../src/metrics/registry.js';
import { loopVersion } from '../../src/study/training-versions.js';
import { architectures } from '../../src/training/architectures/registry.js';
import { recipes } from '../../src/training/recipes/registry.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Versioned {
  readonly name: string;
  readonly version: number;
  /** From the root of the repository, sorted. */
  readonly files: readonly string[];
}

export function versioned(): Versioned[] {
  const kernel = Object.entries(kernelVersions).map(([name, version]) => {
    const [portable, native] = kernelFiles[name as keyof typeof kernelVersions];
    return of(`kernel ${name}`, version, [
      ...portable.map((file) => `src/kernel/portable/${file}.ts`),
      ...native.map((file) => `kernel/${file}`),
    ]);
  });
  return [
    ...kernel,
    ...metrics.map(({ id, version }) => of(`metric ${id}`, version, [metricFile(id)])),
    ...nullModels.map(({ kind, version }) => of(`null ${kind}`, version, [`src/metrics/nulls/${kind}.ts`])),
    of('evidence', measuringVersions.evidence, [
      'src/evidence/examine.ts',
      'src/evidence/trajectory.ts',
      'src/evidence/truth.ts',
    ]),
    of('features', measuringVersions.features, ['src/features/feature-stability.ts']),
    ...Object.values(recipes).map(({ name, version }) =>
      of(`recipe ${name}`, version, [`src/training/recipes/${name}.ts`]),
    ),
    ...Object.values(architectures).map(({ name, version }) =>
      of(`architecture ${name}`, version, [`src/training/architectures/${name}.ts`]),
    ),
    of('training loop', loopVersion, ['src/training/loop.ts', 'src/study/trainer.ts']),
    of('planted worlds', plantedVersion, ['src/activations/planted.ts']),
    of('transformer activations', transformerVersion, ['src/activations/transformer/capture.ts']),
  ];
}

/** SHA-256 of the files without their comments and spaces, which change nothing. */
export function contentOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/(^|\s)\/\/[^\n]*/g, '')
      .replace(/\s+/g, '');
    hash.update(file).update(text);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Entry files of the operations: of the portable kernel, and of the addon. What they import or include is behind them. */
const kernelFiles: Record<keyof typeof kernelVersions, readonly [readonly string[], readonly string[]]> = {
  bestMatches: [['match', 'best'], ['matching/match.cpp']],
  coFiring: [['co-firing'], ['codes/co-firing.cpp']],
  assign: [['assign'], ['assignment/assign.cpp']],
  assignCodes: [['assign', 'co-firing'], ['assignment/assign.cpp']],
  topSubspace: [['spectrum'], ['spectrum/eigen.cpp', 'spectrum/gram.cpp']],
  gram: [['gram'], ['spectrum/gram.cpp']],
  encode: [
    ['encode', 'dense'],
    ['top-k/encode.cpp', 'dense/select.cpp'],
  ],
  trainTopK: [['train'], ['top-k/train.cpp']],
  trainDense: [['dense'], ['dense/train.cpp']],
};

/** Files that compute nothing, or whose operations have versions of their own. */
const elsewhere = /^src\/(kernel\/|errors\.ts|keep\.ts|formats\/|version\.ts)/;

function metricFile(id: string): string {
  const own = `src/metrics/${id.replaceAll('.', '-')}.ts`;
  // Metrics that differ by a number share a file.
  return existsSync(join(root, own)) ? own : `src/metrics/${id.split('.')[0]}.ts`;
}

function of(name: string, version: number, entries: readonly string[]): Versioned {
  const found = new Set<string>();
  const visit = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    for (const next of importsOf(file)) {
      const inKernel = file.startsWith('src/kernel/') || file.startsWith('kernel/');
      if (inKernel || !elsewhere.test(next)) visit(next);
    }
  };
  for (const entry of entries) visit(entry);
  return { name, version, files: [...found].sort() };
}

/** The files that a file imports; of C++ the headers that it includes, and the sources of their names. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const paths = file.endsWith('.ts')
    ? [...text.matchAll(/^(?:import|export) (?!type )[^'"]*?from '(\.[^']+)'/gms)].map((m) => m[1])
    : [...text.matchAll(/^#include "([^"]+)"/gm)].flatMap((m) => [m[1], m[1].replace(/\.h$/, '.cpp')]);
  return paths.flatMap((path) => {
    const near = relative(root, normalize(join(root, dirname(file), path))).replace(/\.js$/, '.ts');
    const candidates = [near, `kernel/${path}`];
    return candidates.find((one) => existsSync(join(root, one))) ?? [];
  });
}

/** Every null and metric has the file that its name says. */
export function filesOf(folder: string): string[] {
  return readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'));
}
