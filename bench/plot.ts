/** Curves of time against size: exponents, and pictures with both axes logarithmic, where proportional growth is a straight line. */

export interface Point {
  readonly size: number;
  /** Microseconds of a step. */
  readonly us: number;
  /** Floating-point operations of a step. */
  readonly flop: number;
  readonly gflops: number;
}

export interface Plot {
  readonly name: string;
  readonly description: string;
  readonly points: readonly Point[];
}

/** b of time ≈ a · xᵇ, by least squares of the logarithms. */
export function exponent(points: readonly Point[], of: (point: Point) => number): number {
  const pairs = points.map((point) => [Math.log(of(point)), Math.log(point.us)]);
  const [x, y] = [0, 1].map((i) => pairs.reduce((sum, pair) => sum + pair[i], 0) / pairs.length);
  const covariance = pairs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return covariance / pairs.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

const PANEL = { width: 420, height: 300, margin: 50, columns: 2 };

/** A panel for each curve, as an SVG. */
export function plots(all: readonly Plot[]): string {
  const rows = Math.ceil(all.length / PANEL.columns);
  const panels = all.map((plot, i) => panel(plot, (i % PANEL.columns) * PANEL.width, Math.floor(i / PANEL.columns) * PANEL.height));
  const box = `0 0 ${PANEL.columns * PANEL.width} ${rows * PANEL.height}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}"><rect width="100%" height="100%" fill="white"/>${panels.join('')}</svg>\n`;
}

function panel({ name, description, points }: Plot, left: number, top: number): string {
  const { width, height, margin } = PANEL;
  const range = (figures: readonly number[]) => [Math.log(Math.min(...figures)), Math.log(Math.max(...figures))];
  const [x0, x1] = range(points.map(({ size }) => size));
  const [y0, y1] = range(points.map(({ us }) => us));
  const x = (size: number) => left + margin + ((Math.log(size) - x0) / (x1 - x0)) * (width - 2 * margin);
  const y = (us: number) => top + height - margin - ((Math.log(us) - y0) / (y1 - y0)) * (height - 2 * margin);
  const marks = points.flatMap(({ size, us, gflops }) => [
    `<circle cx="${x(size).toFixed(1)}" cy="${y(us).toFixed(1)}" r="3"><title>${size}: ${us} µs, ${gflops} GFLOP/s</title></circle>`,
    `<text x="${x(size).toFixed(1)}" y="${top + height - margin + 16}" text-anchor="middle">${size}</text>`,
    `<text x="${x(size).toFixed(1)}" y="${(y(us) - 8).toFixed(1)}" text-anchor="middle">${us < 1000 ? Math.round(us) : `${(us / 1000).toFixed(1)}k`}</text>`,
  ]);
  const line = points.map(({ size, us }) => `${x(size).toFixed(1)},${y(us).toFixed(1)}`).join(' ');
  const title = `<text x="${left + width / 2}" y="${top + 20}" text-anchor="middle" font-size="12">µs a step by ${name}: ${description}</text>`;
  return `<g font-size="9" font-family="sans-serif">${title}<polyline points="${line}" fill="none" stroke="black"/>${marks.join('')}</g>`;
}
