// Makes a page of all screenshots and findings: `node page.mjs OUT`, where OUT is what judge.mjs
// wrote. Says what was found; the exit status is 1 if anything was.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [out] = process.argv.slice(2);
const { browser, letters, gates, screenshots } = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'));

const escape = (text) => String(text).replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
const findings = Object.entries(gates).flatMap(([gate, found]) => found.findings.map((finding) => ({ gate, ...finding })));

const sections = group(screenshots.taken);

function group(shots) {
  const groups = new Map();
  for (const shot of shots) groups.set(shot.letter, [...(groups.get(shot.letter) ?? []), shot]);
  return groups;
}

function figure({ file, width, scheme, pictures, height }) {
  const words = `${width} px, ${scheme}${pictures ? '' : ', no pictures'}`;
  return `<figure data-setting="${escape(words)}"><a href="shots/${escape(file)}"><img loading="lazy" src="shots/${escape(file)}" alt="${escape(words)}" width="${width}" height="${height}"></a><figcaption>${escape(words)}</figcaption></figure>`;
}

const sums = Object.entries(gates).map(([gate, { checked, findings: found, seconds }]) =>
  `<tr><th>${gate}</th><td>${checked} letters</td><td>${found.length} findings</td><td>${seconds} s</td></tr>`);
const list = findings.map(({ gate, letter, what }) => `<li>${escape(gate)}: <a href="#${escape(letter)}">${escape(letter)}</a> ${escape(what)}</li>`);
const shown = [...sections].map(([letter, shots]) =>
  `<section id="${escape(letter)}"><h2><a href="letters/${escape(letter)}.html">${escape(letter)}</a></h2><div>${shots.map(figure).join('')}</div></section>`);

writeFileSync(join(out, 'index.html'), `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Letters</title><style>
body{font:16px/1.5 system-ui,sans-serif;margin:24px;background:#eee}
section>div{display:flex;gap:12px;overflow-x:auto;align-items:flex-start}
figure{margin:0;flex:none}figure img{width:200px;height:auto;max-height:640px;object-fit:cover;object-position:top;border:1px solid #bbb}
td,th{padding:0 16px 0 0;text-align:left}label{position:sticky;top:0;display:block;background:#eee;padding:8px 0}
</style></head><body><h1>${letters} letters, ${screenshots.taken.length} screenshots</h1>
<p>${escape(browser)}, ${screenshots.seconds} s</p><table>${sums.join('')}</table><ul>${list.join('')}</ul>
<label>Show only letters and settings with these words: <input id="words" placeholder="classic-ka 320 dark"></label>
${shown.join('\n')}
<script>
words.oninput = () => {
  const wanted = words.value.split(' ');
  for (const section of document.querySelectorAll('section')) {
    let any = false;
    for (const figure of section.querySelectorAll('figure')) {
      const text = section.id + ' ' + figure.dataset.setting;
      figure.hidden = !wanted.every((word) => text.includes(word));
      any ||= !figure.hidden;
    }
    section.hidden = !any;
  }
};
</script></body></html>
`);

for (const { gate, letter, what } of findings) console.log(`${gate}: ${letter}: ${what}`);
const counts = Object.entries(gates).map(([gate, { checked, findings: found }]) => `${gate} ${found.length} of ${checked}`);
console.log(`${letters} letters, ${screenshots.taken.length} screenshots; findings: ${counts.join(', ')}`);
console.log(`see ${join(out, 'index.html')}`);
process.exitCode = findings.length > 0 ? 1 : 0;
