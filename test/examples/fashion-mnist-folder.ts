import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BESIDE_THE_REPOSITORY = fileURLToPath(new URL('../../../shared/data/fashion-mnist', import.meta.url));

/** Where Fashion-MNIST is on this machine, if it is: too large to come with the package. */
export const fashionMnistFolder = [process.env.CHAINRULE_FASHION_MNIST, BESIDE_THE_REPOSITORY].find(
  (folder): folder is string => folder !== undefined && existsSync(folder),
);
