import { idOfPath, idPath } from '../../format/idPath';

const BASE = '/content/';

/** The path of a content's page; null for ids that no address can hold. */
export function contentPath(id: string): string | null {
  return idPath(BASE, id);
}

/** The id that a path names. */
export function contentOfPath(pathname: string): string {
  return idOfPath(BASE, pathname);
}
