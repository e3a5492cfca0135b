// The letters to judge: a folder that the gallery's generator wrote.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The letters that `index.json` in `folder` lists, each with its name and HTML. */
export function read(folder) {
  const entries = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
  if (entries.length === 0) throw new Error(`${folder} holds no letters`);
  return entries.map((entry) => ({
    ...entry,
    name: entry.file.replace(/\.html$/, ''),
    html: readFileSync(join(folder, entry.file), 'utf8'),
  }));
}
