import type { Filter } from '../../../api/query';
import { idOfPath, idPath } from '../../../format/idPath';

const BASE = '/visitors/';

/** The columns that say who watched. The first that is not empty counts; a session without any is a visitor of its own. */
const ID_DIMENSIONS = ['marketing_cloud_user_id', 'visitor_id', 'app_installation_id', 'session_id'] as const;

/** The path of a visitor's page; null for ids that no address can hold. */
export function visitorPath(id: string): string | null {
  return idPath(BASE, id);
}

/** The id that a path names. */
export function visitorOfPath(pathname: string): string {
  return idOfPath(BASE, pathname);
}

/** Sessions of the visitors with this id, of whatever kind it is: the same as `visitor_id` of the list of sessions. */
export function visitorFilter(id: string): Filter {
  return {
    or: ID_DIMENSIONS.map((dimension, place) => ({
      and: [...ID_DIMENSIONS.slice(0, place).map(isEmpty), { dimension, operator: '=', value: id }],
    })),
  };
}

function isEmpty(dimension: string): Filter {
  return {
    or: [
      { dimension, operator: 'exists', value: false },
      { dimension, operator: '=', value: '' },
    ],
  };
}
