/** What a page tells its server: the results of training, or the error. */
import { train } from './train.js';

export async function reportOf(chainrule) {
  try {
    const result = await train(chainrule);
    await tell({ ...result, isolated: globalThis.crossOriginIsolated, ...(await drawWhileTraining(chainrule)) });
  } catch (error) {
    await tell({ error: `${error.name}: ${error.message}` });
  }
}

export const tell = (result) => fetch('/report', { method: 'POST', body: JSON.stringify(result) });

/** Counts frames while a longer fit runs on the page's own thread, and the longest time that one of them was kept waiting. */
async function drawWhileTraining({ dense, digits, Network }) {
  const { train } = digits({ test: 0 });
  const network = await Network.create({
    input: [64],
    layers: [dense(256, { activation: 'relu' }), dense(256, { activation: 'relu' }), dense(10)],
    loss: 'softmaxCrossEntropy',
  });
  const frames = watchFrames();
  const { seconds } = await network.fit(train, { epochs: 50, batchSize: 64 });
  return { seconds, ...frames.stop() };
}

function watchFrames() {
  const times = [performance.now()];
  let handle = requestAnimationFrame(function draw(now) {
    times.push(now);
    handle = requestAnimationFrame(draw);
  });
  return {
    stop() {
      cancelAnimationFrame(handle);
      const gaps = times.slice(1).map((time, i) => time - times[i]);
      return { frames: gaps.length, longestGap: Math.max(...gaps, performance.now() - times[times.length - 1]) };
    },
  };
}
