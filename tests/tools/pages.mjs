// Judges what is no letter: `node pages.mjs FOLDER RESULT.json`.
//
// `index.json` in FOLDER lists pages of the web (`page`), which are held to all that pages are held
// to, and other mails (`mail`), which are held to what letters are. Those that are not `thorough`
// meet only the gates where languages differ. `style.css` there is the pages'.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { launch, Reader } from './browser.mjs';
import * as axe from './gates/axe.mjs';
import * as bare from './gates/bare.mjs';
import * as quiet from './gates/quiet.mjs';
import * as validate from './gates/validate.mjs';
import * as width from './gates/width.mjs';
import { read } from './letters.mjs';

const GATES = {
  mail: { validate: validate.check, width: width.check },
  page: { validate: validate.checkPage, width: width.checkPage },
};
const THOROUGH = {
  mail: { axe: axe.check, bare: bare.check, quiet: quiet.check },
  page: { axe: axe.checkPage },
};

const [folder, result] = process.argv.slice(2);
const browser = await launch();
try {
  const reader = await Reader.open(browser);
  reader.styles = readFileSync(join(folder, 'style.css'), 'utf8');
  const documents = [];
  for (const one of read(folder)) {
    const findings = [];
    const gates = { ...GATES[one.kind], ...(one.thorough ? THOROUGH[one.kind] : {}) };
    for (const [gate, check] of Object.entries(gates)) {
      for (const what of await check(one, reader)) findings.push(`${gate}: ${what}`);
    }
    if (one.kind === 'page') findings.push(...reader.unrest);
    documents.push({ name: one.name, kind: one.kind, findings });
  }
  writeFileSync(result, `${JSON.stringify(documents, null, 1)}\n`);
} finally {
  await browser.close();
}
