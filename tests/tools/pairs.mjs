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

/**
 * Some of all, chosen greedily, so that every pair of values is in at least one. Where several are
 * as good, the one whose pairs were seen least is taken: settings stay evenly spread.
 */
export function sample(letters) {
  const candidates = matrix(letters).map((shot) => ({ shot, pairs: pairs(shot) }));
  const seen = new Map(candidates.flatMap((candidate) => candidate.pairs.map((pair) => [pair, 0])));
  const rank = ({ pairs }) => {
    const times = pairs.map((pair) => seen.get(pair));
    return [times.filter((n) => n === 0).length, -times.reduce((sum, n) => sum + n, 0)];
  };
  const chosen = [];
  while ([...seen.values()].includes(0)) {
    let [best, most] = [null, [0, 0]];
    for (const candidate of candidates) {
      const [gain, spread] = rank(candidate);
      if (gain > most[0] || (gain === most[0] && gain > 0 && spread > most[1])) [best, most] = [candidate, [gain, spread]];
    }
    best.pairs.forEach((pair) => seen.set(pair, seen.get(pair) + 1));
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
