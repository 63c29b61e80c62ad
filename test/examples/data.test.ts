/** Every example of data and runs does what it says. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { main as duckdb } from '../../examples/duckdb.ts';
import { main as imageFolder } from '../../examples/image-folder.ts';
import { main as resume } from '../../examples/resume.ts';
import { main as server } from '../../examples/server.ts';
import { main as stream } from '../../examples/stream.ts';

beforeAll(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});
afterAll(() => {
  vi.restoreAllMocks();
});

it('resume: a run that was stopped ends with the bits of one that was not', async () => {
  const { steps, rest, isSame, accuracy } = await resume();
  expect(steps).toBe(200);
  expect(rest).toBe(250);
  expect(isSame).toBe(true);
  expect(accuracy).toBeGreaterThan(0.93);
});

it('stream: what is normal is learnt from a stream without end, and a fault stands out', async () => {
  const { losses, normal, fault } = await stream({ epochs: 3 });
  expect(losses.length).toBe(3);
  expect(losses[2]).toBeLessThan(losses[0] / 10);
  expect(fault).toBeGreaterThan(50 * normal);
});

it('server: answers while it trains, and refuses what does not fit', async () => {
  const { accuracy, answeredMeanwhile, refused } = await server();
  expect(answeredMeanwhile).toBeGreaterThan(0);
  expect(accuracy).toBeGreaterThan(0.93);
  expect(refused).toMatch(/expected shape \[rows, 64\], got \[1, 3\]/);
});

it('image folder: pictures in folders are classified', async () => {
  const { classes, accuracy } = await imageFolder(undefined, { count: 500, epochs: 8 });
  expect(classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  expect(accuracy).toBeGreaterThan(0.75);
});

it('duckdb: rents are learnt from a join', async () => {
  const { rent, loss } = await duckdb({ rows: 5000, epochs: 5 });
  expect(loss).toBeLessThan(0.03);
  expect(Math.abs(rent - 840)).toBeLessThan(40);
});
