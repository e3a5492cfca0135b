// On a screen of 320 px nothing has to be scrolled sideways (WCAG 2.2, 1.4.10), nor with text twice
// as large.

/** The narrowest screen. */
const NARROWEST = 320;

/** What of a letter goes over the edge, with its pictures and without. */
export async function check(letter, reader) {
  const withPictures = await beyond(letter, reader, true);
  return [...withPictures, ...(await beyond(letter, reader, false))];
}

/** What of a page of the web goes over the edge. */
export function checkPage(page, reader) {
  return beyond(page, reader, true);
}

async function beyond({ html }, reader, pictures) {
  await reader.show(html, { width: NARROWEST, pictures });
  const shown = `${NARROWEST} px, pictures ${pictures ? 'on' : 'off'}`;
  const normal = await tooWide(reader.page);
  await reader.page.evaluate(enlarge, 2);
  const large = await tooWide(reader.page);
  return [...normal.map((what) => `${shown}: ${what}`), ...large.map((what) => `${shown}, text at 200 %: ${what}`)];
}

/** What lies beyond the sides of the window, whether or not one could scroll there. */
export function tooWide(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const beyond = ({ left, right }) => left < -1 || right > width + 1;
    const found = [];
    const { scrollWidth } = document.scrollingElement;
    if (scrollWidth > width) found.push(`scrolls to ${scrollWidth} px`);
    for (const image of document.images) {
      const box = image.getBoundingClientRect();
      if (beyond(box)) found.push(`img ${image.src.slice(0, 80)} from ${box.left} to ${box.right}`);
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(texts.currentNode);
      const box = [...range.getClientRects()].find(beyond);
      const text = texts.currentNode.data.trim();
      const hidden = texts.currentNode.parentElement.checkVisibility?.({ opacityProperty: true }) === false;
      if (box && text && !hidden) found.push(`"${text.slice(0, 60)}" from ${box.left} to ${box.right}`);
    }
    return found;
  });
}

/** Makes all text `times` as large, as the settings of mail programs on phones do. */
function enlarge(times) {
  const all = [...document.querySelectorAll('body, body *')];
  const sizes = all.map((element) => {
    const { fontSize, lineHeight } = getComputedStyle(element);
    return [element, parseFloat(fontSize), parseFloat(lineHeight)];
  });
  for (const [element, size, line] of sizes) {
    element.style.setProperty('font-size', `${size * times}px`, 'important');
    if (Number.isFinite(line)) element.style.setProperty('line-height', `${line * times}px`, 'important');
  }
}
