/** As page.js, with the kernels inside the script. */
import * as chainrule from 'chainrule/inline';
import { reportOf } from './report.js';

reportOf(chainrule);
