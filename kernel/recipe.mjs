// What binding.gyp says the addon is made of, for those who compile it without gyp.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const kernelFolder = fileURLToPath(new URL('.', import.meta.url));

/**
 * The addon for a CPU architecture as Node names it ("x64"); sources and folders are relative to binding.gyp.
 * @returns {{ defines: string[], includes: string[], units: { source: string, flags: string[] }[] }}
 */
export function recipeFor(arch) {
  const text = readFileSync(`${kernelFolder}binding.gyp`, 'utf8');
  const gyp = JSON.parse(text.replace(/^\s*#.*$/gm, ''));
  const flagsOf = (list = []) =>
    list.flatMap((flag) => {
      const name = /^<@\((\w+)\)$/.exec(flag)?.[1];
      return name ? gyp.variables[name] : [flag];
    });
  /** What the script of `<!@(node script)` prints, line by line; anything else as it is. */
  const listed = (value) => {
    const script = /^<!@\(node (\S+)\)$/.exec(value)?.[1];
    if (!script) return [value];
    return execFileSync(process.execPath, [script], { cwd: kernelFolder, encoding: 'utf8' })
      .trim()
      .split('\n');
  };
  const evaluated = (value) =>
    value.replace(/<!\(node -p "([^"]+)"\)/, (_, expression) =>
      execFileSync(process.execPath, ['-p', expression], { cwd: kernelFolder, encoding: 'utf8' }).trim(),
    );
  const common = flagsOf(gyp.target_defaults.cflags_cc);
  const [addon] = gyp.targets;
  const paths = gyp.conditions
    .filter(([condition]) => condition === `arch=='${arch}'`)
    .flatMap(([, { targets }]) => targets);
  return {
    defines: addon.defines.map(evaluated),
    includes: [...gyp.target_defaults.include_dirs, ...addon.include_dirs].map(evaluated),
    units: [addon, ...paths].flatMap(({ sources, cflags_cc }) =>
      sources.flatMap(listed).map((source) => ({ source, flags: [...common, ...flagsOf(cflags_cc)] })),
    ),
  };
}
