// axe-core finds nothing serious or critical, by day and by night.

import axe from 'axe-core';

/** Rules about pages of a web site. A letter is shown inside one, whose landmarks are not ours. */
const NOT_OF_LETTERS = ['landmark-one-main', 'region'];

/** What axe-core has against the letter. */
export function check(letter, reader) {
  return byDayAndByNight(letter, reader, { disabled: NOT_OF_LETTERS });
}

/** What axe-core has against a page of the web. */
export function checkPage(page, reader) {
  return byDayAndByNight(page, reader, {});
}

async function byDayAndByNight({ html }, reader, rules) {
  const findings = [];
  for (const scheme of ['light', 'dark']) {
    await reader.show(html, { width: 600, scheme });
    for (const finding of await violations(reader.page, rules)) findings.push(`${scheme}: ${finding}`);
  }
  return findings;
}

/** Serious and critical violations of the page as it is: of `only` these rules, or of all but the
 * `disabled`. */
export async function violations(page, { only = null, disabled = [] }) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(runInPage, only, disabled);
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node}`));
}

async function runInPage(only, disabled) {
  const { violations } = await globalThis.axe.run(document, {
    resultTypes: ['violations'],
    rules: Object.fromEntries(disabled.map((id) => [id, { enabled: false }])),
    ...(only ? { runOnly: { type: 'rule', values: only } } : {}),
  });
  const said = (node) => `${node.target.join(' ')} ${node.html.slice(0, 120)}: ${node.failureSummary.split('\n').slice(1).join(';').trim()}`;
  return violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(said) }));
}
