// `reseed inspect` as a user runs it: text, JSON, what is stated where files leave it open, and exit codes.
import { describe, expect, it } from 'vitest';
import { cli } from './cli.js';

const peers = new URL('../fixtures/peers/', import.meta.url).pathname;
const open = `${peers}dictionary-learning/topk-without-config/ae.pt`;

describe('reseed inspect', () => {
  it('prints what each tensor was taken for', async () => {
    const { code, stdout } = await cli(
      'inspect',
      `${peers}gemma-scope/stored/layer_3/width_16k/average_l0_71`,
    );
    expect(code).toBe(0);
    expect(stdout).toContain('Gemma Scope SAE, jumprelu: ');
    expect(stdout).toMatch(/W_enc F32 \[8 × 24\] +encoder, one column a feature/);
  });

  it('writes only JSON to stdout where that is asked for', async () => {
    const { stdout } = await cli('inspect', `${peers}sae-lens/topk`, '--json', '-');
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'reseed/inspection/1', kind: 'sae', dSae: 24 });
  });

  it('says what is missing where the files leave it open, and takes it when it is stated', async () => {
    const left = await cli('inspect', open);
    expect(left.stdout.replace(/\s+/g, ' ')).toContain(
      'one of the two there, or --architecture topk or batchtopk',
    );
    const stated = await cli('inspect', open, '--architecture', 'topk');
    expect(stated.stdout).toContain('topk with k 5');
    const wrong = await cli('inspect', open, '--architecture', 'topk', '--k', '7');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('the file says otherwise than was stated; found 5; expected 7, as stated');
  });

  it('shows features at work on activations', async () => {
    const expected = `${peers}sae-lens/topk.expected.safetensors#x`;
    const { code, stdout } = await cli('inspect', `${peers}sae-lens/topk`, '--activations', expected);
    expect(code).toBe(0);
    expect(stdout).toMatch(/of 24 features fire \(/);
  });

  it('says why there is no SAE to encode activations, too', async () => {
    const x = `${peers}sae-lens/topk.expected.safetensors#x`;
    const { code, stderr } = await cli('inspect', open, '--activations', x);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /activations are for an SAE to encode; found no SAE: .*--architecture topk or batchtopk/,
    );
    const both = await cli('inspect', x, '--activations', x);
    expect(both.stderr).toContain('which holds activations');
  });

  it('ends with 3 for a path that is not there', async () => {
    const { code, stderr } = await cli('inspect', `${peers}nothing`);
    expect(code).toBe(3);
    expect(stderr).toMatch(/nothing: cannot read it: there is no such file/);
  });
});
