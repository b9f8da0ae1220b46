// Prints the C++ sources of the addon for binding.gyp: all that lie in the folders here, but for the code paths, which have
// compiler flags of their own and stand there.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const sources = readdirSync(here, { recursive: true })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => /\/.*\.cpp$/.test(name) && !/^(build|isa\/paths)\//.test(name))
  .sort();
console.log(sources.join('\n'));
