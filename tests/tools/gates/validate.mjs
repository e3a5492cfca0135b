// html-validate finds the letter's HTML clean.

import { HtmlValidate } from 'html-validate';

const validator = new HtmlValidate({
  root: true,
  extends: ['html-validate:recommended', 'html-validate:document', 'html-validate:a11y'],
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

/** What html-validate has against the letter. */
export async function check(letter) {
  const { results } = await validator.validateString(letter.html, letter.name);
  return results.flatMap(({ messages }) => messages.map(({ ruleId, message, line, column }) => `${line}:${column} ${ruleId}: ${message}`));
}
