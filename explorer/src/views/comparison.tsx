// Two checkpoints compared here, in the browser: drop them, and scores and partners are computed without being sent anywhere.
import { type DragEvent, useState } from 'react';
import type { ComputeChoice, DroppedFile } from '../data/comparison.js';
import { chosenFiles, droppedFiles } from '../parts/dropped-files.js';
import { percent, plural } from '../parts/format.js';
import { type Choice, Switch } from '../parts/switch.js';
import { useComparison } from '../state/comparison.js';
import { useKnown, useSession } from '../state/session.js';
import { ComparedFeatures } from './compared-features.js';
import { ComparedScores } from './compared-scores.js';

const choices: readonly Choice<ComputeChoice>[] = [
  { id: 'auto', label: 'Automatic', title: 'A GPU by WebGPU where the browser offers one, else the CPU' },
  { id: 'webgpu', label: 'WebGPU', title: 'WebGPU, also where it is computed on the CPU' },
  { id: 'cpu', label: 'CPU', title: 'JavaScript, whatever there is' },
];

export function Comparison() {
  const session = useSession();
  const { folder } = useKnown();
  const { files, done } = useComparison(session.comparison);
  return (
    <div className="views comparison">
      <section className="panel" aria-labelledby="compare-here">
        <header className="panel-head">
          <div>
            <h2 id="compare-here">Compare two files here</h2>
            <p className="note">
              Two SAEs by their decoders. The files are read and compared within this page: nothing is sent.
            </p>
          </div>
          {folder?.empty !== true && (
            <div className="actions">
              <button
                type="button"
                className="icon"
                aria-label="Back to the folder"
                title="Back to the folder"
                onClick={() => session.address.go({ open: undefined })}
              >
                ×
              </button>
            </div>
          )}
        </header>
        <div className="drop-zones">
          <DropZone side={0} title="First SAE" files={files[0]} />
          <DropZone side={1} title="Second SAE" files={files[1]} />
        </div>
        <p className="note">
          A file of weights (.safetensors, .pt, .npz, or a decoder as .npy) and the settings beside it
          (cfg.json, config.json …), or the folder of both.
        </p>
        <CompareLine />
        <Progress />
      </section>
      {done && <ComparedScores done={done} />}
      {done && <ComparedFeatures done={done} />}
    </div>
  );
}

/** Starts a comparison and ends one, and says what computes it. */
function CompareLine() {
  const { comparison } = useSession();
  const { files, by, running } = useComparison(comparison);
  const ready = files.every((some) => some.length > 0);
  return (
    <div className="compare-line">
      <button
        type="button"
        className="quiet"
        disabled={!ready || running !== undefined}
        onClick={() => comparison.compare()}
      >
        Compare
      </button>
      <Switch
        legend="Computed by"
        choices={choices}
        chosen={by}
        choose={(choice) => comparison.choose(choice)}
      />
      {running && (
        <button type="button" className="quiet" onClick={() => comparison.cancel()}>
          Cancel
        </button>
      )}
    </div>
  );
}

const partWords = {
  reading: 'Reading the files',
  'best matches': 'Best partners of all features',
  'one-to-one partners': 'One-to-one partners',
  'levels of chance': 'Levels of chance',
} as const;

/** How far a comparison is, and what there is to say of the last. */
function Progress() {
  const { running, lines, problem, cancelled } = useComparison(useSession().comparison);
  return (
    <>
      {running && (
        <p className="waiting compare-progress" role="status">
          <span>
            {partWords[running.part]}
            {running.share !== undefined && `: ${percent(running.share)}`}
          </span>
          <progress
            aria-label={partWords[running.part]}
            max={1}
            {...(running.share === undefined ? {} : { value: running.share })}
          />
        </p>
      )}
      {cancelled && (
        <p className="waiting" role="status">
          Cancelled.
        </p>
      )}
      {lines.map((line) => (
        <p key={line} className="note compared-line" role="status">
          {line}
        </p>
      ))}
      {problem !== undefined && (
        <p role="alert" className="problem">
          {problem}
        </p>
      )}
    </>
  );
}

interface DropZoneProps {
  readonly side: 0 | 1;
  readonly title: string;
  readonly files: readonly DroppedFile[];
}

function DropZone({ side, title, files }: DropZoneProps) {
  const { comparison } = useSession();
  const [over, setOver] = useState(false);
  const put = (some: readonly DroppedFile[]) => some.length > 0 && comparison.put(side, some);
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void droppedFiles(event.dataTransfer).then(put);
  };
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  return (
    <fieldset
      className={`drop-zone${over ? ' over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <legend>{title}</legend>
      {files.length > 0 ? (
        <p className="dropped">
          {files
            .slice(0, 4)
            .map(({ path }) => path)
            .join(', ')}
          {files.length > 4 && ' …'}{' '}
          <small>
            {plural(files.length, 'file')}, {size(bytes)}
          </small>
        </p>
      ) : (
        <p className="empty">Drop a file or a folder here</p>
      )}
      <label className="quiet file">
        Choose files
        <input
          type="file"
          multiple
          aria-label={`Files of the ${title.toLowerCase().replace('sae', 'SAE')}`}
          onChange={({ target }) => {
            put(chosenFiles(target.files ?? []));
            // The same files may be chosen again.
            target.value = '';
          }}
        />
      </label>
    </fieldset>
  );
}

function size(bytes: number): string {
  if (bytes < 1e3) return plural(bytes, 'byte');
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
