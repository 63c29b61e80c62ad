/** A page that trains two epochs and hands its checkpoint on. */
import * as chainrule from 'chainrule';
import { trainOn } from './moved.js';
import { tell } from './report.js';

trainOn(chainrule, 2).then(tell, ({ name, message }) => tell({ error: `${name}: ${message}` }));
