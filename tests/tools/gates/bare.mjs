// Mail programs drop style sheets, and put what `body` holds into a page of their own. The letter
// is whole without: the same text, the same links, no scrolling sideways, colours that are read.

import { violations } from './axe.mjs';
import { tooWide } from './width.mjs';

/** What is lost without style sheets, head and body. */
export async function check(letter, reader) {
  await reader.show(letter.html);
  const dressed = await reader.page.evaluate(contentInPage);
  const bare = await reader.page.evaluate(undress);
  await reader.show(bare);
  const findings = [];
  const left = await reader.page.evaluate(contentInPage);
  if (left.styles > 0) findings.push('a style sheet is left: this check would prove nothing');
  if (left.text !== dressed.text) findings.push(`the text differs ${difference(dressed.text, left.text)}`);
  const [before, after] = [dressed.links.join('\n'), left.links.join('\n')];
  if (before !== after) findings.push(`the links differ ${difference(before, after)}`);
  if (dressed.links.length === 0) findings.push('no links at all');
  findings.push(...(await tooWide(reader.page)));
  findings.push(...(await violations(reader.page, { only: ['color-contrast'] })));
  return findings.map((finding) => `without style sheets: ${finding}`);
}

/** What a reader sees and can follow. */
function contentInPage() {
  return {
    styles: document.querySelectorAll('style, link[rel~=stylesheet]').length,
    text: document.body.innerText.replace(/\s+/g, ' ').trim(),
    links: [...document.links].map((link) => `${link.innerText.replace(/\s+/g, ' ').trim()} <${link.href}>`),
  };
}

/** The letter as such a mail program shows it. */
function undress() {
  const copy = new DOMParser().parseFromString(document.documentElement.outerHTML, 'text/html');
  for (const style of copy.querySelectorAll('style, link')) style.remove();
  for (const element of copy.body.querySelectorAll('[class]')) element.removeAttribute('class');
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Mail</title></head><body><div>${copy.body.innerHTML}</div></body></html>`;
}

function difference(before, after) {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at += 1;
  const around = (text) => JSON.stringify(text.slice(Math.max(0, at - 20), at + 60));
  return `at ${at}: ${around(before)} became ${around(after)}`;
}
