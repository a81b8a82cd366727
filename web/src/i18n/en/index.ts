import { ads } from './ads';
import { catalogue } from './catalogue';
import { concurrency } from './concurrency';
import { connect } from './connect';
import { content } from './content';
import { diagnoses } from './diagnoses';
import { filters } from './filters';
import { help } from './help';
import { kept } from './kept';
import { live } from './live';
import { login } from './login';
import { overview } from './overview';
import { quality } from './quality';
import { sessions } from './sessions';
import { shell } from './shell';
import { sides } from './sides';
import { sql } from './sql';

/** All texts, by area; English is what the other languages are checked against. */
export default {
  ads,
  catalogue,
  concurrency,
  connect,
  content,
  diagnoses,
  filters,
  help,
  kept,
  live,
  login,
  overview,
  quality,
  sessions,
  shell,
  sides,
  sql,
};
