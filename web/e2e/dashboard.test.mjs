// All tests of the dashboard in one process: one browser and one server serve them all.

import './login.test.mjs';
import './pages.test.mjs';
import './numbers.test.mjs';
import './explore.test.mjs';
import './address.test.mjs';
import './languages.test.mjs';
import './hostile.test.mjs';
import './kept.test.mjs';
import './live.test.mjs';
import './connect.test.mjs';
import './schedules.test.mjs';
import './session.test.mjs';
import './visitor.test.mjs';
import './keyboard.test.mjs';
import './content.test.mjs';
import './concurrency.test.mjs';
import './help.test.mjs';
import './sessions_behind.test.mjs';
import './quality.test.mjs';
import './presence.test.mjs';
import './exclusions.test.mjs';
