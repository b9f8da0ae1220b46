// What a file or folder turned out to be, for a terminal.
import { basename, relative } from 'node:path';
import { saeSources } from '../sae/open-sae.js';
import type {
  ActivationsInspection,
  FolderInspection,
  InspectedFile,
  Inspection,
  SaeInspection,
  SaeSummary,
  TensorsInspection,
} from './inspection.js';
import { count, percent, plain, plural } from './number-format.js';
import { aligned, type Paint, painter, wrap } from './text-layout.js';

export interface InspectionTextOptions {
  /** Mark words with ANSI colours; off by default. */
  readonly colour?: boolean;
  /** Columns that no sentence goes beyond, 80 by default. */
  readonly width?: number;
}

/** The text, with a newline at its end. */
export function renderInspection(
  inspection: Inspection,
  { colour = false, width = 80 }: InspectionTextOptions = {},
): string {
  const paint = painter(colour);
  const blocks = blocksOf(inspection, paint, width).filter((lines) => lines.length > 0);
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function blocksOf(inspection: Inspection, paint: Paint, width: number): string[][] {
  switch (inspection.kind) {
    case 'sae':
      return saeBlocks(inspection, paint, width);
    case 'activations':
      return activationBlocks(inspection, paint, width);
    case 'tensors':
      return tensorBlocks(inspection, paint, width);
    case 'folder':
    case 'several':
      return folderBlocks(inspection, paint, width);
  }
}

function saeBlocks(sae: SaeInspection, paint: Paint, width: number): string[][] {
  const { dSae, dModel, dOut, k, transcoder } = sae;
  const shape = `${plural(dSae, 'feature')} that read ${plural(dModel, 'dimension')}${dOut === undefined ? '' : ` and write ${count(dOut)}`}`;
  const kind = `${transcoder ? 'transcoder' : 'SAE'}, ${sae.architecture}${k === undefined ? '' : ` with k ${plain(k)}`}`;
  const seed = sae.origin.initSeed;
  const place = [placeOf(sae), ...(seed === undefined ? [] : [`init seed ${seed}`])]
    .filter(Boolean)
    .join(', ');
  return [
    [
      paint('bold', sae.path),
      ...wrap(`${titleOf(sae.format)} ${kind}: ${shape}.`, width, '  '),
      ...(place ? [`  ${place}`] : []),
      `  ${containerOf(sae)}`,
    ],
    [
      paint('bold', 'Taken as'),
      ...aligned(
        sae.assumptions.map(({ of, taken, because }) => [
          of,
          taken,
          because === titleOf(sae.format) ? '' : `(${because})`,
        ]),
        { numbersFrom: 3 },
      ),
    ],
    weightLines(sae, paint, width),
    usageLines(sae, paint, width),
  ];
}

function weightLines(sae: SaeInspection, paint: Paint, width: number): string[] {
  const { weights, numerics, deadByNorm } = sae;
  if (!numerics) {
    return wrap(
      `${paint('bold', 'Weights')} were not read, because they are large; --full reads them.`,
      width,
    );
  }
  const counts = [
    `${count(numerics.nan)} NaN`,
    `${count(numerics.inf)} infinite`,
    `${plural(numerics.zeroFeatures, 'decoder row')} of length 0`,
    `${count(deadByNorm ?? 0)} shorter than 0.01`,
  ];
  const bad = numerics.nan + numerics.inf > 0;
  return [
    paint('bold', 'Weights'),
    ...(weights
      ? aligned(
          [
            ['', 'mean', 'SD', 'row length', 'its SD', 'shortest', 'longest'],
            [
              'decoder',
              ...[
                weights.decoder.mean,
                weights.decoder.std,
                weights.decoder.normMean,
                weights.decoder.normStd,
                weights.decoder.normMin,
                weights.decoder.normMax,
              ].map(plain),
            ],
            ['encoder', plain(weights.encoder.mean), plain(weights.encoder.std)],
          ],
          { numbersFrom: 1 },
        )
      : []),
    `  ${bad ? paint('red', `${counts.join(', ')}.`) : `${counts.join(', ')}.`}`,
  ];
}

function usageLines({ usage, dSae }: SaeInspection, paint: Paint, width: number): string[] {
  if (!usage) return [];
  const explained =
    usage.explainedVariance === undefined
      ? ''
      : ` They explain ${percent(usage.explainedVariance)} of the variance.`;
  return [
    paint('bold', `On ${plural(usage.rows, 'row')} of activations`),
    ...wrap(
      `${count(usage.live)} of ${plural(dSae, 'feature')} fire (${percent(usage.live / dSae)}), ${plain(usage.l0)} at a time.${explained}`,
      width,
      '  ',
    ),
  ];
}

function activationBlocks(
  { path, tensor, rows, dModel, sample, ...file }: ActivationsInspection,
  paint: Paint,
  width: number,
): string[][] {
  const { distinctRows, mean, std, normMean, nan, inf } = sample;
  const of = sample.rows < rows ? `Of ${plural(sample.rows, 'row')} spread over the file` : 'Of all rows';
  const distinct = distinctRows === undefined ? '' : `${count(distinctRows)} are distinct; `;
  const broken = nan + inf > 0 ? ` Among them are ${count(nan)} NaN and ${count(inf)} infinite.` : '';
  return [
    [
      paint('bold', path),
      `  activations: ${plural(rows, 'row')} of ${plural(dModel, 'dimension')} (tensor ${tensor})`,
      `  ${containerOf(file)}`,
    ],
    wrap(
      `${of}, ${distinct}entries have mean ${plain(mean)} and SD ${plain(std)}, rows a mean length of ${plain(normMean)}.${broken}`,
      width,
    ),
  ];
}

function tensorBlocks(
  { path, problem, ...file }: TensorsInspection,
  paint: Paint,
  width: number,
): string[][] {
  return [
    [paint('bold', path), `  ${containerOf(file)}`, ...tensorTable(file.tensors)],
    wrap(`No SAE: ${problem.replace(`${path}: `, '')}.`, width),
  ];
}

/** Tensors that are listed one by one. */
const mostListed = 40;

function tensorTable(tensors: InspectedFile['tensors']): string[] {
  const rows = tensors
    .slice(0, mostListed)
    .map(({ name, dtype, shape }) => [name, dtype, `[${shape.join(' × ')}]`]);
  const more = tensors.length - mostListed;
  return [...aligned(rows, { numbersFrom: 3 }), ...(more > 0 ? [`  … and ${count(more)} more`] : [])];
}

function folderBlocks(
  { kind, path, saes, groups, others }: FolderInspection,
  paint: Paint,
  width: number,
): string[][] {
  const header = ['', 'format', 'architecture', 'd', 'features', 'k', 'place', 'init seed'];
  const rows = saes.map((sae) => [
    kind === 'several' ? sae.path.slice(path.length) : relative(path, sae.path) || '.',
    titleOf(sae.format),
    sae.architecture,
    count(sae.dModel),
    count(sae.dSae),
    sae.k === undefined ? '' : plain(sae.k),
    placeOf(sae),
    sae.origin.initSeed === undefined ? '' : String(sae.origin.initSeed),
  ]);
  const [head, ...lines] = aligned([header, ...rows], { numbersFrom: 8 });
  return [
    [paint('bold', path), `  ${plural(saes.length, 'SAE')}`],
    saes.length > 0 ? [paint('dim', head), ...lines] : [],
    groups.length > 0
      ? [
          paint('bold', 'Differ in their seed at most, so they can be compared'),
          ...groups.map((paths) => {
            const all = kind === 'several' && paths.length === saes.length + others.length;
            return `  reseed compare ${all ? path : paths.join(' ')}`;
          }),
        ]
      : [],
    others.length > 0
      ? [
          paint(
            'bold',
            kind === 'several'
              ? `${plural(others.length, 'SAE')} that cannot be read as ${others.length === 1 ? 'it stands' : 'they stand'}`
              : `${plural(others.length, 'file')} of weights that ${others.length === 1 ? 'is' : 'are'} no SAE`,
          ),
          ...others.slice(0, mostListed).flatMap(({ problem }) => wrap(problem, width, '  ')),
        ]
      : [],
  ];
}

function placeOf({ hookName, origin }: SaeSummary): string {
  const { layer, site } = origin;
  const parts = [
    hookName,
    layer === undefined || hookName?.includes(`.${layer}.`) ? undefined : `layer ${layer}`,
    site,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function containerOf({
  file,
  container,
  bytes,
}: Pick<InspectedFile, 'file' | 'container' | 'bytes'>): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${container}, ${plain(bytes / 2 ** (10 * power))} ${units[power]} (${basename(file)})`;
}

function titleOf(format: string): string {
  return saeSources.find(({ id }) => id === format)?.title ?? format;
}
