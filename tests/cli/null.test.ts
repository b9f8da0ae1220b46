// `reseed null` from the outside: exact and drawn levels, JSON alone on stdout, and wrong arguments.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { cli, cliScript, startCli } from './cli.js';

describe('reseed null', () => {
  it('prints the exact level, its band, and a check that was drawn', async () => {
    const { code, stdout } = await cli('null', '--d-model', '128', '--d-sae', '1024', '--draws', '4');
    expect(code).toBe(0);
    const [exact, band, check] = stdout.split('\n');
    expect(exact).toMatch(/^decoder\.max {2}0\.2988 {2}exact; d_model 128, d_sae 1024$/);
    expect(band).toMatch(/^band +0\.29\d\d to 0\.30\d\d /);
    const [, mean, error] = /^check +(0\.\d{4}) {2}drawn, ± ([\d.]+), 4 pairs$/.exec(check)!;
    expect(Math.abs(Number(mean) - 0.2988)).toBeLessThan(5 * Number(error) + 1e-4);
  });

  it('says so where there is no formula', async () => {
    const args = ['--d-model', '12', '--d-sae', '24', '--d-sae-b', '12', '--metric', 'decoder.matched'];
    const { code, stdout } = await cli('null', ...args, '--draws', '6');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^decoder\.matched {2}0\.\d{4} {2}sampled, ± 0\.\d+, 6 pairs; .*d_sae 24 and 12\n/,
    );
    expect(stdout).not.toContain('check');
  });

  it('writes only JSON to stdout with --json -, the same for the same seed', async () => {
    const run = async (seed: string) => {
      const args = ['--d-model', '16', '--d-sae', '24', '--draws', '3', '--seed', seed, '--json', '-'];
      const { code, stdout } = await cli('null', ...args);
      expect(code).toBe(0);
      return JSON.parse(stdout);
    };
    const level = await run('5');
    expect(level).toMatchObject({
      dModel: 16,
      dSae: 24,
      seed: 5,
      metric: 'decoder.max',
      null: { kind: 'random-directions', exact: true },
      check: { of: 'pairs', draws: 3 },
    });
    expect(await run('5')).toEqual(level);
    const other = await run('6');
    expect(other.null.mean).toBe(level.null.mean);
    expect(other.check.mean).not.toBe(level.check.mean);
  });

  it.each([
    [['--d-model', '128'], /required option '--d-sae <f>' not specified/],
    [['--d-model', '0', '--d-sae', '8'], /whole number of at least 1/],
    [['--d-model', '1.5', '--d-sae', '8'], /whole number of at least 1/],
    [['--d-model', '8', '--d-sae', '8', '--metric', 'nonsense'], /Allowed choices are decoder\.max, /],
    [['--d-model', '8', '--d-sae', '8', '--metric', 'activation.max'], /Allowed choices/],
    [['--d-model', '8', '--d-sae', '8', '--metric', 'subspace.8'], /no subspace of that size/],
    [['--d-model', '8', '--d-sae', '8', '--json', 'x.json'], /Expected -/],
  ])('ends %j with exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await cli('null', ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
  });
});

it('a reader that goes away before the end is no error', async () => {
  const { child, finished } = startCli(['null', '--d-model', '16', '--d-sae', '32']);
  child.stdout?.destroy();
  const { code, stderr } = await finished;
  expect(code).toBe(0);
  expect(stderr).not.toContain('EPIPE');
});

it.runIf(existsSync('/dev/full'))('output that cannot be written is an error of its own', async () => {
  const full = await open('/dev/full', 'w');
  const child = spawn(process.execPath, [cliScript, 'doctor'], { stdio: ['ignore', full.fd, 'pipe'] });
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  const [code] = await once(child, 'close');
  await full.close();
  expect(code).toBe(3);
  expect(errors).toContain('reseed: standard output: ENOSPC');
});
