// What a unit of a folder is done by: a study's by the study, a comparison's by the SAEs that its command names.
import type { Kernel } from '../kernel/interface.js';
import type { StudyFolder } from '../study/folder.js';
import type { CompareJob, Job } from '../study/units/job.js';
import type { OpenedStudy } from '../study/units/study-units.js';
import type { DoUnit } from '../study/units/work-on-unit.js';

/** @throws what opening the study throws */
export function openWork({ what }: Job, folder: StudyFolder, kernel: Kernel): DoUnit {
  if (what.kind === 'compare') return pairOfCommand(what, folder, kernel);
  // Opened once for all units of this process.
  let opened: Promise<OpenedStudy> | undefined;
  return async (unit, own, hooks) => {
    const { openStudyJob, runStudyUnit } = await import('../study/units/study-units.js');
    opened ??= openStudyJob(what, folder);
    return runStudyUnit(await opened, folder, unit, own, { kernel, ...hooks });
  };
}

function pairOfCommand(what: CompareJob, folder: StudyFolder, kernel: Kernel): DoUnit {
  return async (unit, _, hooks) => {
    const { measureComparedPairs } = await import('./compare-units.js');
    return measureComparedPairs(what, folder, unit, { kernel, ...hooks });
  };
}
