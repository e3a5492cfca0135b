// No feature of HTML or CSS is in use that Gmail, Outlook, Apple Mail or Yahoo lacks, by the data
// of caniemail.com, but for the list in caniemail-allowed.json, where each has its reason; what a
// reason claims about the letter is looked up in it. What is in that list and no longer in use, or
// by now supported, has to leave it.

import { readFileSync } from 'node:fs';

import { caniemail, rawData } from 'caniemail';

const LIST = new URL('../caniemail-allowed.json', import.meta.url);

/** The list of what is allowed. */
export function allowed() {
  return JSON.parse(readFileSync(LIST, 'utf8'));
}

/**
 * Everything of all letters that `list` does not allow, and everything in `list` that nothing
 * needs: an array of `{ letter, what }`.
 */
export function check(letters, list = allowed()) {
  knowAllClients(list.clients);
  const entries = [...expand(list.lacking, 'none'), ...expand(list.partly, 'partial')];
  const findings = new Map();
  for (const letter of letters) {
    for (const { client, title, support } of issues(letter.html, list.clients)) {
      const entry = entries.find((one) => one.support === support && one.title === title && one.matches(client));
      if (entry) {
        entry.used = true;
        continue;
      }
      const verb = support === 'none' ? 'lacks' : 'has only in part';
        const what = `${client} ${verb}: ${title}`;
      findings.set(what, findings.get(what) ?? letter.name);
    }
    for (const what of brokenClaims(letter.html, list.partly)) findings.set(what, findings.get(what) ?? letter.name);
  }
  const unused = entries.filter(({ used }) => !used).map(({ title, pattern, support }) => ({
    letter: 'caniemail-allowed.json',
    what: `nothing needs the entry ${title} (${support}, ${pattern})`,
  }));
  return [...[...findings].map(([what, letter]) => ({ letter, what })), ...unused];
}

/** What the data says against one letter, each feature and client once. */
function issues(html, clients) {
  const found = new Map();
  const add = (result) => {
    for (const map of [result.issues.errors, result.issues.warnings]) {
      for (const [client, list] of map) {
        for (const { title, support } of list) found.set(`${client} ${title} ${support}`, { client, title, support });
      }
    }
  };
  add(caniemail({ clients, html }));
  // The package looks at a style sheet's outer rules only.
  for (const css of conditionalRules(html)) add(caniemail({ clients, css }));
  return found.values();
}

/**
 * What in the letter is not as a reason claims. A claim in `holds` is about a property or an
 * attribute (patterns, as all here): that it stands `only_on` some elements, or that its `value` is
 * of a kind, there where it stands `on` some. `inline` leaves style sheets out; a value like
 * `except` is fine.
 */
function brokenClaims(html, list) {
  const places = [...declarations(html), ...attributes(html)];
  return list.flatMap(({ feature, holds = [] }) => holds.flatMap((claim) => {
    const broken = places.filter((place) => isMeant(claim, place) && !isTrue(claim, place));
    return broken.map(({ element, name, value }) =>
      `not as the reason for ${feature} claims: ${element ?? 'style sheet'} ${name}: ${value.slice(0, 60)}`);
  }));
}

const whole = (pattern, text) => new RegExp(`^(?:${pattern})$`).test(text);

function isMeant(claim, { kind, name, element, value }) {
  return claim[kind] !== undefined && whole(claim[kind], name)
    && (element !== null || !(claim.inline || claim.on || claim.only_on))
    && (!claim.on || whole(claim.on, element))
    && (!claim.except || !whole(claim.except, value));
}

function isTrue(claim, { element, value }) {
  return (!claim.only_on || whole(claim.only_on, element)) && (!claim.value || whole(claim.value, value));
}

/** All declarations of styles: inline, and in style sheets without an element. */
function* declarations(html) {
  const split = (css) => css.split(';').map((one) => /^\s*([a-z-]+)\s*:\s*(.*?)\s*$/s.exec(one)).filter(Boolean);
  for (const { element, name, value } of attributes(html)) {
    if (name !== 'style') continue;
    for (const [, property, set] of split(value)) yield { kind: 'property', element, name: property, value: set };
  }
  for (const css of sheets(html)) {
    for (const [, body] of css.matchAll(/\{([^{}]*)\}/g)) {
      for (const [, property, set] of split(body)) yield { kind: 'property', element: null, name: property, value: set };
    }
  }
}

/** All attributes; values are in double quotes, as the templates write them. */
function* attributes(html) {
  for (const [, element, rest] of withoutComments(html).matchAll(/<([a-z][a-z0-9]*)((?:\s+[^\s"=<>]+(?:="[^"]*")?)*)\s*>/g)) {
    for (const [, name, value] of rest.matchAll(/([^\s"=]+)(?:="([^"]*)")?/g)) {
      yield { kind: 'attribute', element, name, value: value ?? '' };
    }
  }
}

const withoutComments = (html) => html.replace(/<!--.*?-->/gs, '');

/** The letter's style sheets, but for those that only Word sees. */
function sheets(html) {
  return [...withoutComments(html).matchAll(/<style[^>]*>(.*?)<\/style>/gs)].map(([, css]) => css);
}

/** What stands within the at-rules of the letter's style sheets. */
function conditionalRules(html) {
  return sheets(html).flatMap((css) => [...css.matchAll(/@[a-z-]+[^{}]*\{((?:[^{}]*\{[^{}]*\})*[^{}]*)\}/g)].map(([, inner]) => inner));
}

function expand(list, support) {
  return list.flatMap(({ feature, clients }) => clients.map((pattern) => {
    const matches = pattern.endsWith('*')
      ? (client) => client.startsWith(pattern.slice(0, -1))
      : (client) => client === pattern;
    return { title: feature, support, pattern, matches, used: false };
  }));
}

/** The package refuses features that were never tried in a client; that is "in part" here. */
function knowAllClients(clients) {
  const families = clients.map((client) => client.split('.')[0]);
  const platforms = {};
  for (const { stats } of rawData.data) {
    for (const family of families) platforms[family] = { ...platforms[family], ...stats[family] };
  }
  for (const { stats } of rawData.data) {
    for (const family of families) {
      stats[family] ??= {};
      for (const platform of Object.keys(platforms[family])) stats[family][platform] ??= { untried: 'u' };
    }
  }
}
