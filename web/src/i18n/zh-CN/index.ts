import { ads } from './ads';
import { catalogue } from './catalogue';
import { columns } from './columns';
import { concurrency } from './concurrency';
import { connect } from './connect';
import { content } from './content';
import { diagnoses } from './diagnoses';
import { faults } from './faults';
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

export default {
  ads,
  catalogue,
  columns,
  concurrency,
  connect,
  content,
  diagnoses,
  faults,
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
