// Which letters are shown in which settings: all, or a sample in which every value of every factor
// meets every value of every other.

/** What letters differ in. */
export const LETTERS = ['look', 'language', 'variant'];

/** What readers differ in. */
export const SETTINGS = {
  width: [320, 375, 600, 1024],
  scheme: ['light', 'dark'],
  pictures: [true, false],
};

const settings = SETTINGS.width.flatMap((width) => SETTINGS.scheme.flatMap((scheme) =>
  SETTINGS.pictures.map((pictures) => ({ width, scheme, pictures }))));

/** Every letter in every setting. */
export function matrix(letters) {
  return letters.flatMap((letter) => settings.map((setting) => ({ letter, ...setting })));
}

/** Some of all, chosen greedily, so that every pair of values is in at least one. */
export function sample(letters) {
  const candidates = matrix(letters).map((shot) => ({ shot, pairs: pairs(shot) }));
  const open = new Set(candidates.flatMap((candidate) => candidate.pairs));
  const gain = ({ pairs }) => pairs.filter((pair) => open.has(pair)).length;
  const chosen = [];
  while (open.size > 0) {
    const best = candidates.reduce((one, other) => (gain(other) > gain(one) ? other : one));
    best.pairs.forEach((pair) => open.delete(pair));
    chosen.push(best.shot);
  }
  return chosen;
}

function pairs(shot) {
  const values = [
    ...LETTERS.map((factor) => `${factor}=${shot.letter[factor]}`),
    ...Object.keys(SETTINGS).map((setting) => `${setting}=${shot[setting]}`),
  ];
  return values.flatMap((one, at) => values.slice(at + 1).map((other) => `${one} ${other}`));
}
