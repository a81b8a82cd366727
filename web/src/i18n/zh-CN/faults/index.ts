import { collection } from './collection';
import { kept } from './kept';
import { queries } from './queries';
import { schedules } from './schedules';
import { server } from './server';
import { sql } from './sql';
import { storage } from './storage';
import { values } from './values';

/** What the server says, by its English, with the names of the values in it (`i18n/faults`). */
export const faults: Record<string, string> = { ...collection, ...kept, ...queries, ...schedules, ...server, ...sql, ...storage, ...values };
