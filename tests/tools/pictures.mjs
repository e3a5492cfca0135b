// Pictures for letters that name them `https://pictures.example.org/NAME-WIDTHxHEIGHT.jpg`: a small
// landscape whose colours and hills follow from its name, always the same for the same name.

/** Where the pictures of the gallery's letters lie. */
export const HOST = 'https://pictures.example.org/';

/** The picture under `url`, as SVG. */
export function picture(url) {
  const [, name, width, height] = /\/([^/]*?)-(\d+)x(\d+)\.\w+$/.exec(url) ?? [null, url, 1200, 800];
  const next = numbers(name);
  const w = Number(width);
  const h = Number(height);
  if (name.includes('logo')) return logo(w, h);
  const hue = Math.floor(next() * 360);
  const sun = [w * (0.15 + 0.7 * next()), h * (0.2 + 0.25 * next()), h * (0.07 + 0.08 * next())];
  const hills = [0, 1, 2].map((n) => hill(w, h, h * (0.5 + 0.15 * n), next, hue + 20 * n, 52 - 13 * n));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">
    <defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="hsl(${hue + 190},55%,62%)"/>
    <stop offset="1" stop-color="hsl(${hue + 150},70%,86%)"/></linearGradient></defs>
    <rect width="${w}" height="${h}" fill="url(#s)"/>
    <circle cx="${sun[0]}" cy="${sun[1]}" r="${sun[2]}" fill="hsl(${hue + 140},90%,94%)"/>
    ${hills.join('')}</svg>`;
}

function hill(w, h, top, next, hue, light) {
  const points = Array.from({ length: 6 }, (_, n) => [(w * n) / 5, top - h * 0.22 * next()]);
  let path = `M0 ${h}L${points[0].join(' ')}`;
  for (let n = 1; n < points.length; n += 1) {
    const middle = (points[n - 1][0] + points[n][0]) / 2;
    path += `C${middle} ${points[n - 1][1]} ${middle} ${points[n][1]} ${points[n].join(' ')}`;
  }
  return `<path d="${path}L${w} ${h}Z" fill="hsl(${hue},38%,${light}%)"/>`;
}

function logo(w, h) {
  const bars = [0.18, 0.42, 0.66].map((y, n) =>
    `<rect x="${h * 1.15}" y="${h * y}" width="${(w - h * 1.2) * (1 - 0.2 * n)}" height="${h * 0.13}" fill="#8a8178"/>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">
    <circle cx="${h / 2}" cy="${h / 2}" r="${h * 0.42}" fill="#9a2617"/>
    <path d="M${h * 0.33} ${h * 0.7}V${h * 0.3}L${h * 0.67} ${h * 0.7}V${h * 0.3}" fill="none" stroke="#fff"
      stroke-width="${h * 0.09}"/>${bars.join('')}</svg>`;
}

/** Numbers from 0 to 1 that follow from `seed` (FNV-1a, then xorshift). */
function numbers(seed) {
  let state = 0x811c9dc5;
  for (const character of seed) state = Math.imul(state ^ character.codePointAt(0), 0x01000193);
  state ||= 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
