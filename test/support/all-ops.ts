/** Tests apply any op by its name: the whole table is there, whatever a test imports. */
import '../../src/ops/table.ts';
