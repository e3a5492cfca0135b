// Makes the small pictures of docs/gallery.md: `node sheet.mjs LETTERS docs/gallery`.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { launch, Reader } from './browser.mjs';
import { read } from './letters.mjs';

/** What is shown: a letter, and who reads it. */
const SHOWN = [
  ['classic-en-normal', { width: 600 }],
  ['classic-ka-normal', { width: 600, scheme: 'dark' }],
  ['classic-hy-normal', { width: 375 }],
  ['classic-ru-normal', { width: 600, pictures: false }],
  ['compact-en-normal', { width: 600, scheme: 'dark' }],
  ['compact-az-normal', { width: 600 }],
  ['compact-ar-normal', { width: 600 }],
  ['compact-ka-twenty-stories', { width: 375, scheme: 'dark' }],
  ['text-first-en-normal', { width: 600 }],
  ['text-first-hy-normal', { width: 600, scheme: 'dark' }],
  ['text-first-ar-normal', { width: 375 }],
  ['text-first-ru-long-titles', { width: 375 }],
];

/** The part of a letter that is shown, and how large, in pixels. */
const [HEIGHT, SCALE] = [900, 0.6];

const [folder, out] = process.argv.slice(2);
const letters = new Map(read(folder).map((letter) => [letter.name, letter]));
mkdirSync(out, { recursive: true });
const browser = await launch();
try {
  const reader = await Reader.open(browser);
  for (const [name, settings] of SHOWN) {
    const { width, scheme = 'light', pictures = true } = settings;
    await reader.show(letters.get(name).html, { ...settings, height: HEIGHT, scale: SCALE });
    const path = join(out, `${name}-${width}-${scheme}${pictures ? '' : '-no-pictures'}.jpg`);
    await reader.page.screenshot({ path, type: 'jpeg', quality: 78 });
    console.log(`${path}: ${readFileSync(path).length} bytes`);
  }
} finally {
  await browser.close();
}
