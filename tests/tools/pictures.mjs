// Pictures for letters that name them `https://pictures.example.org/NAME-WIDTHxHEIGHT.jpg`: a small
// landscape whose hour and hills follow from its name, always the same for the same name.

/** Where the pictures of the gallery's letters lie. */
export const HOST = 'https://pictures.example.org/';

/** The sky from top to bottom, the sun, and the hills from far to near. */
const HOURS = [
  ['#7fb2d9', '#e9f1f2', '#fffdf3', '#9db8b0', '#6d9384', '#3f6557'],
  ['#5a6ea6', '#f3c9a4', '#fff0d0', '#b48c9c', '#7c5f80', '#463a5c'],
  ['#f2a65e', '#fbe6bd', '#fff8e2', '#c98b62', '#935c4b', '#573a3a'],
  ['#3f6f8f', '#c5dde0', '#f4fbf7', '#7fa3ae', '#4f7a8b', '#2d5061'],
  ['#8fa7c4', '#f4e3dc', '#fff7ea', '#b9b39a', '#8a8a63', '#55603f'],
];

/** The picture under `url`, as SVG. */
export function picture(url) {
  const [, name, width, height] = /\/([^/]*?)-(\d+)x(\d+)\.\w+$/.exec(url) ?? [null, url, 1200, 800];
  const next = numbers(name);
  const w = Number(width);
  const h = Number(height);
  if (name.includes('logo')) return logo(w, h);
  const [high, low, light, ...colours] = HOURS[Math.floor(next() * HOURS.length)];
  const sun = [w * (0.15 + 0.7 * next()), h * (0.2 + 0.25 * next()), h * (0.07 + 0.08 * next())];
  const hills = colours.map((colour, n) => hill(w, h, h * (0.55 + 0.15 * n), next, colour));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">
    <defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="${high}"/>
    <stop offset="0.7" stop-color="${low}"/></linearGradient></defs>
    <rect width="${w}" height="${h}" fill="url(#s)"/>
    <circle cx="${sun[0]}" cy="${sun[1]}" r="${sun[2]}" fill="${light}"/>
    ${hills.join('')}</svg>`;
}

function hill(w, h, top, next, colour) {
  const points = Array.from({ length: 6 }, (_, n) => [(w * n) / 5, top - h * 0.22 * next()]);
  let path = `M0 ${h}L${points[0].join(' ')}`;
  for (let n = 1; n < points.length; n += 1) {
    const middle = (points[n - 1][0] + points[n][0]) / 2;
    path += `C${middle} ${points[n - 1][1]} ${middle} ${points[n][1]} ${points[n].join(' ')}`;
  }
  return `<path d="${path}L${w} ${h}Z" fill="${colour}"/>`;
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
