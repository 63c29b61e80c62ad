/** Tests apply any op by its name and compile with all passes: the whole table and the passes are there, whatever a test imports. */
import '../../src/compiler/all-passes.ts';
import '../../src/ops/table.ts';
