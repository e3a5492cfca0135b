// Shows that each gate finds what it is there for: `node damaged.mjs LETTERS RESULT.json`.
//
// One letter is damaged in one way after the other. The gate has to be content with the letter as it
// was and to name the damage afterwards.

import { writeFileSync } from 'node:fs';

import { launch, Reader } from './browser.mjs';
import * as axe from './gates/axe.mjs';
import * as bare from './gates/bare.mjs';
import * as quiet from './gates/quiet.mjs';
import * as support from './gates/support.mjs';
import * as validate from './gates/validate.mjs';
import * as width from './gates/width.mjs';
import { read } from './letters.mjs';

/** Puts `html` at the end of what the letter shows. */
const add = (html) => (letter) => letter.replace('</body>', `${html}</body>`);
const drop = (pattern) => (letter) => letter.replace(pattern, '');
const style = (css) => (letter) => letter.replace('</head>', `<style>${css}</style></head>`);

/** Gate, damage, and what the gate has to say. */
const DAMAGES = [
  [axe, 'a picture without alternative text', add('<img src="https://pictures.example.org/x-10x10.jpg">'), /image-alt/],
  [axe, 'a link without words', add('<a href="https://example.org/"></a>'), /link-name/],
  [axe, 'no language', drop(/(?<=<html) lang="[^"]*"/), /html-has-lang/],
  [axe, 'pale text', add('<p style="color:#bbb;background:#fff">Pale</p>'), /light: color-contrast/],
  [axe, 'text that only the night makes pale', (letter) => style('@media (prefers-color-scheme:dark){.night{background-color:#222!important}}')(add('<p class="night" style="color:#333;background-color:#fff">Night</p>')(letter)), /dark: color-contrast/],
  [validate, 'a picture without alternative text', add('<img src="x.png">'), /h37/],
  [validate, 'an element in the wrong place', add('<p><div>x</div></p>'), /close-order|permitted|no-implicit-close/],
  [validate, 'a heading too deep', add('<h6>x</h6>'), /heading-level/],
  [validate, 'an id twice', add('<p id="a">x</p><p id="a">y</p>'), /no-dup-id/],
  [width, 'a table of fixed width', add('<table width="500"><tr><td>x</td></tr></table>'), /scrolls to/],
  [width, 'a picture of fixed width', add('<img src="https://pictures.example.org/x-500x10.jpg" alt="x" width="500" height="10">'), /scrolls to|img/],
  [width, 'a picture that is too wide only while it is not loaded', add('<table><tr><td><img src="https://pictures.example.org/x-500x10.jpg" alt="A long text" width="500" height="10" style="display:block;width:500px;max-width:100%"></td></tr></table>'), /pictures off: scrolls/],
  [width, 'a word that only large text makes too long', add(`<p style="font-size:16px;word-break:normal;overflow-wrap:normal">${'m'.repeat(19)}</p>`), /text at 200 %/],
  [width, 'text to the left of the window', add('<p style="position:absolute;left:-90px">Gone</p>'), /"Gone"/],
  [bare, 'text that a style sheet shows', (letter) => style('.later{display:block!important}')(add('<p class="later" style="display:none">Later</p>')(letter)), /the text differs/],
  [bare, 'a link that a style sheet shows', (letter) => style('.later{display:block!important}')(add('<p class="later" style="display:none"><a href="https://example.org/">Later</a></p>')(letter)), /the links differ|the text differs/],
  [bare, 'a width that a style sheet mends', (letter) => style('.wide{width:100%!important}')(add('<table class="wide" style="width:900px"><tr><td>x</td></tr></table>')(letter)), /scrolls to/],
  [bare, 'a colour that a style sheet mends', (letter) => style('.pale{color:#000!important}')(add('<p class="pale" style="color:#bbb;background-color:#fff">Pale</p>')(letter)), /color-contrast/],
  [quiet, 'a picture of someone else', add('<img src="https://tracker.example.com/1.gif" alt="">'), /asks for image/],
  [quiet, 'a font from outside', (letter) => style('@font-face{font-family:f;src:url(https://fonts.example.com/f.woff2)}p{font-family:f!important}')(letter), /asks for font/],
  [quiet, 'a script', add('<script>alert(1)</script>'), /a script ran: alert 1/],
  [quiet, 'a handler', add('<p onclick="x()">x</p>'), /holds onclick/],
  [quiet, 'a form', add('<form action="https://example.org/"><input name="a"></form>'), /holds form/],
  [quiet, 'an address that runs', add('<a href="javascript:x()">x</a>'), /holds href=javascript/],
  [supportOf(), 'flex', add('<div style="display:flex">x</div>'), /outlook\.windows lacks: display:flex/],
  [supportOf(), 'a grid within a condition', style('@media (min-width:1px){p{display:grid}}'), /lacks: display:grid/],
  [supportOf(), 'a form', add('<form></form>'), /lacks: <form> element/],
  [supportOf(), 'a background picture', add('<p style="background-image:url(x.png)">x</p>'), /lacks: background-image/],
  [supportOf(), 'room around a link', add('<a href="https://example.org/" style="padding:4px 8px">x</a>'), /the reason for padding claims: a padding/],
  [supportOf(), 'a negative margin in a style sheet', style('p{margin:-4px 0}'), /the reason for margin claims: style sheet/],
  [supportOf({ feature: 'display:grid', clients: ['outlook.windows'] }), 'an entry that nothing needs', (letter) => letter, /nothing needs the entry display:grid/],
];

/** The gate of caniemail for one letter of many, with one entry more in its list after the damage. */
function supportOf(entry) {
  const list = support.allowed();
  // One letter does not need all that all letters need.
  const only = (findings) => findings.filter(({ what }) => !what.startsWith('nothing needs')).map(({ what }) => what);
  let damaged = false;
  return {
    check(letter) {
      const lacking = entry && damaged ? [...list.lacking, entry] : list.lacking;
      damaged = true;
      const findings = support.check([letter], { ...list, lacking });
      return entry ? findings.map(({ what }) => what).filter((what) => what.includes(entry.feature)) : only(findings);
    },
  };
}

const [folder, result] = process.argv.slice(2);
const letter = read(folder).find(({ look, language, variant }) => look === 'classic' && language === 'en' && variant === 'normal');
if (!letter) throw new Error('no letter of look classic, language en, variant normal');
const browser = await launch();
try {
  const reader = await Reader.open(browser);
  const twins = [];
  for (const [gate, damage, work, expected] of DAMAGES) {
    const html = work(letter.html);
    const before = await gate.check(letter, reader);
    const after = await gate.check({ ...letter, html }, reader);
    twins.push({ damage, before, after, named: after.some((finding) => expected.test(finding)), expected: String(expected) });
  }
  writeFileSync(result, `${JSON.stringify(twins, null, 1)}\n`);
} finally {
  await browser.close();
}
