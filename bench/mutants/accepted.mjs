// What is told at the end: the survivors, and for each folder how many were killed.
//
// Survivors that no test can kill stand in accepted.yaml, by file, line of source and what is put in, each with the reason.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const goal = 0.9;

function readAccepted() {
  const text = readFileSync(new URL('./accepted.yaml', import.meta.url), 'utf8');
  return new Set(
    (parse(text) ?? []).flatMap(({ file, line, mutants }) =>
      mutants.map((change) => `${file} | ${line} | ${change}`),
    ),
  );
}

/** Prints it; whether every folder is at least at the goal, and no mutant is accepted that a test kills. */
export function report(asked, chosen, progress) {
  const accepted = readAccepted();
  const isAccepted = ({ key }) => accepted.has(key);
  const isKilled = ({ key }) => progress.killed(key);
  for (const one of chosen.filter((mutant) => !isKilled(mutant) && !isAccepted(mutant))) {
    const unseen = progress.outcomes.has(one.key) ? '' : '  (no test reaches it)';
    console.log(`${one.file}:${one.line}  ${one.from} → ${one.to}${unseen}`);
  }
  const stale = chosen.filter((one) => isKilled(one) && isAccepted(one));
  for (const { file, line, from, to } of stale)
    console.log(`${file}:${line}  ${from} → ${to}  (accepted, yet killed)`);
  console.log('\n| | mutants | killed | accepted | survive | score |\n| --- | --- | --- | --- | --- | --- |');
  const scores = asked.map((path) => {
    const here = chosen.filter(({ file }) => file === path || file.startsWith(`${path}/`));
    const killed = here.filter(isKilled).length;
    const fine = here.filter((one) => !isKilled(one) && isAccepted(one)).length;
    const score = killed / (here.length - fine);
    const left = here.length - killed - fine;
    console.log(
      `| ${path} | ${here.length} | ${killed} | ${fine} | ${left} | ${(100 * score).toFixed(1)} % |`,
    );
    return score;
  });
  return stale.length === 0 && scores.every((score) => score >= goal);
}
