// Judges letters: `node judge.mjs LETTERS OUT [--matrix]`.
//
// LETTERS is a folder that the gallery's generator wrote. A sample of it, or with --matrix all, is
// put before each gate and photographed to OUT/shots. OUT/result.json says how many letters each gate
// looked at and what it found.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { launch, Reader } from './browser.mjs';
import * as axe from './gates/axe.mjs';
import * as bare from './gates/bare.mjs';
import * as quiet from './gates/quiet.mjs';
import * as support from './gates/support.mjs';
import * as validate from './gates/validate.mjs';
import * as width from './gates/width.mjs';
import { read } from './letters.mjs';
import * as pairs from './pairs.mjs';
import * as shots from './shots.mjs';

/** Pages at work at once: the browser draws one while others load. */
const READERS = 3;

const { positionals: [folder, out], values: { matrix } } = parseArgs({
  allowPositionals: true,
  options: { matrix: { type: 'boolean' } },
});
if (!folder || !out) throw new Error('node judge.mjs LETTERS OUT [--matrix]');

const wanted = matrix ? pairs.matrix(read(folder)) : pairs.sample(read(folder));
const letters = [...new Set(wanted.map(({ letter }) => letter))];
mkdirSync(join(out, 'shots'), { recursive: true });
const browser = await launch();
const readers = await Promise.all(Array.from({ length: READERS }, () => Reader.open(browser)));

/** Does `work` for all of `items`, each with one of the readers. */
async function each(items, work) {
  const results = new Array(items.length);
  let next = 0;
  await Promise.all(readers.map(async (reader) => {
    while (next < items.length) {
      const at = next;
      next += 1;
      results[at] = await work(items[at], reader);
    }
  }));
  return results;
}

/** What `work` returns, with the seconds that it took. */
async function timed(name, work) {
  const started = performance.now();
  const value = await work();
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  console.error(`${name}: ${seconds} s`);
  return { seconds, ...value };
}

try {
  const gates = {};
  for (const [name, gate] of Object.entries({ axe, bare, quiet, validate, width })) {
    gates[name] = await timed(name, async () => {
      const found = await each(letters, (letter, reader) => gate.check(letter, reader));
      const findings = found.flatMap((list, at) => list.map((what) => ({ letter: letters[at].name, what })));
      return { checked: found.length, findings };
    });
  }
  gates.support = await timed('support', async () => ({ checked: letters.length, findings: support.check(letters) }));
  const type = matrix ? 'jpeg' : 'png';
  const screenshots = await timed('screenshots', async () => ({
    taken: await each(wanted, (shot, reader) => shots.take(shot, reader, join(out, 'shots'), type)),
  }));
  const report = { browser: await browser.version(), letters: letters.length, gates, screenshots };
  writeFileSync(join(out, 'result.json'), `${JSON.stringify(report, null, 1)}\n`);
} finally {
  await browser.close();
}
