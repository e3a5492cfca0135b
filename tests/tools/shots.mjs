// Screenshots of letters.

import { join } from 'node:path';

/** A file name that says what is shown. */
export function nameOf({ letter, width, scheme, pictures }, type) {
  const shown = pictures ? 'pictures' : 'no-pictures';
  return `${letter.name}-${width}-${scheme}-${shown}.${type === 'jpeg' ? 'jpg' : type}`;
}

/** Takes the picture of the whole letter in `folder`, as `png` or `jpeg`, and says what it took. */
export async function take(shot, reader, folder, type) {
  const { letter, width, scheme, pictures } = shot;
  await reader.show(letter.html, { width, scheme, pictures });
  const file = nameOf(shot, type);
  const height = await reader.page.evaluate(() => document.documentElement.scrollHeight);
  const options = type === 'jpeg' ? { type, quality: 70 } : { type, optimizeForSpeed: true };
  await reader.page.screenshot({ path: join(folder, file), fullPage: true, ...options });
  return { file, letter: letter.name, width, scheme, pictures, height };
}
