/** A page that trains while it keeps drawing; tells the server that it came from. */
import * as chainrule from 'chainrule';
import { reportOf } from './report.js';

reportOf(chainrule);
