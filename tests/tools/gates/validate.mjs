// html-validate finds the letter's HTML clean.

import { HtmlValidate } from 'html-validate';

const PRESETS = ['html-validate:recommended', 'html-validate:document', 'html-validate:a11y'];

const ofLetters = new HtmlValidate({
  root: true,
  extends: PRESETS,
  rules: {
    // Mail programs drop style sheets; what is essential is inline.
    'no-inline-style': 'off',
    // Outlook on Windows reads widths, alignment and colours of cells only from attributes.
    'no-deprecated-attr': 'off',
    'no-conditional-comment': 'off',
    // The parser puts it in; a hundred layout tables need not carry it.
    'prefer-tbody': 'off',
    // The title is the subject, which editors write as long as they like.
    'long-title': 'off',
    // Mail programs drop elements that they do not know; roles on a `div` stay.
    'prefer-native-element': ['error', { exclude: ['article'] }],
  },
});

const ofPages = new HtmlValidate({
  root: true,
  extends: PRESETS,
  rules: {
    // Subjects and names of newsletters are as long as editors like.
    'long-title': 'off',
    // What can be ticked belongs together by its name.
    'form-dup-name': ['error', { shared: ['button', 'checkbox', 'radio', 'reset', 'submit'], allowArrayBrackets: false }],
    // The style sheet comes from where the page does.
    'require-sri': 'off',
  },
});

/** What html-validate has against the letter. */
export function check(letter) {
  return complaints(ofLetters, letter);
}

/** What html-validate has against a page of the web. */
export function checkPage(page) {
  return complaints(ofPages, page);
}

async function complaints(validator, { html, name }) {
  const { results } = await validator.validateString(html, name);
  return results.flatMap(({ messages }) => messages.map(({ ruleId, message, line, column }) => `${line}:${column} ${ruleId}: ${message}`));
}
