import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Color = readonly [number, number, number];
type Matrix = readonly [Color, Color, Color];

const css = readFileSync(new URL('../style/tokens.css', import.meta.url), 'utf8');

/** Eyes without the red cones and without the green ones: Machado, Oliveira and Fernandes 2009, severity 1, linear RGB. */
const EYES: Record<string, Matrix> = {
  'all cones': [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

/** The least distance in OKLab: a step that is seen side by side is 0.02. */
const APART = 0.11;
const FROM_BACKGROUND = 0.25;
/** What WCAG asks of graphics. */
const CONTRAST = 3;

const linear = (part: number) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
const fromHex = (hex: string): Color => {
  const part = (from: number) => linear(Number.parseInt(hex.slice(from, from + 2), 16) / 255);
  return [part(1), part(3), part(5)];
};
const times = (rows: Matrix, [r, g, b]: Color): Color => {
  const part = (row: Color) => row[0] * r + row[1] * g + row[2] * b;
  return [part(rows[0]), part(rows[1]), part(rows[2])];
};
const seen = (eyes: Matrix, color: Color): Color => {
  const within = (part: number) => Math.min(1, Math.max(0, part));
  const [r, g, b] = times(eyes, color);
  return [within(r), within(g), within(b)];
};

function okLab(color: Color): Color {
  const [l, m, s] = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    color,
  );
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    [Math.cbrt(l), Math.cbrt(m), Math.cbrt(s)],
  );
}

const distance = (one: Color, other: Color) => Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
const luminance = ([r, g, b]: Color) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

function themeNamed(name: string): { palette: string[]; surface: string } {
  const [, rules = ''] = css.split(`[data-theme='${name}'] {`);
  const [own = ''] = rules.split('}');
  const token = (key: string) => new RegExp(`--${key}: (#[0-9a-f]{6});`).exec(own)?.[1] ?? '';
  return {
    palette: [...own.matchAll(/--chart-\d+: (#[0-9a-f]{6});/g)].map(([, hex = '']) => hex),
    surface: token('surface'),
  };
}

describe('colours of series', () => {
  for (const theme of ['light', 'dark']) {
    const { palette, surface } = themeNamed(theme);

    it(`are all there in the ${theme} theme`, () => expect(palette).toHaveLength(8));

    for (const [eyes, matrix] of Object.entries(EYES)) {
      it(`are apart in the ${theme} theme for eyes with ${eyes}: two lines of a chart were one`, () => {
        const labs = palette.map((hex) => okLab(seen(matrix, fromHex(hex))));
        const background = okLab(seen(matrix, fromHex(surface)));
        const close = labs.flatMap((one, place) => [
          ...labs.slice(place + 1).flatMap((other, more) => {
            const apart = distance(one, other);
            return apart < APART ? [`${palette[place]} ${palette[place + 1 + more]}: ${apart.toFixed(3)}`] : [];
          }),
          ...(distance(one, background) < FROM_BACKGROUND ? [`${palette[place]} on ${surface}`] : []),
        ]);
        expect(close).toEqual([]);
      });
    }

    it(`are seen on the surface of the ${theme} theme`, () => {
      const back = luminance(fromHex(surface));
      const faint = palette.filter((hex) => {
        const [low, high] = [back, luminance(fromHex(hex))].sort((a, b) => a - b) as [number, number];
        return (high + 0.05) / (low + 0.05) < CONTRAST;
      });
      expect(faint).toEqual([]);
    });
  }
});
