// A letter asks for nothing but its pictures, and nothing in it runs.

/** What the letter asks for, runs or carries that it may not. */
export async function check(letter, reader) {
  await reader.show(letter.html);
  const active = await reader.page.evaluate(() => {
    const elements = 'script, iframe, object, embed, form, input, button, link, base, video, audio, svg';
    const found = [...document.querySelectorAll(elements)].map((element) => `holds ${element.tagName.toLowerCase()}`);
    for (const element of document.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        if (name.startsWith('on')) found.push(`holds ${name}=`);
        if (/^\s*(javascript|data|vbscript):/i.test(value)) found.push(`holds ${name}=${value.slice(0, 40)}`);
      }
    }
    return found;
  });
  return [...reader.unrest, ...active];
}
